"""The search of the Gradio app: an image -> crops of the ranking, a table, and a sentence."""

from functools import lru_cache
from pathlib import Path

import gradio as gr
from pandas.io.formats.style import Styler
from PIL import Image

from app import gradio_texts as texts
from app.gradio_inputs import parse_cameras
from app.shared.images import Images, read_images, read_stored
from app.shared.model_loading import Loading, Shelf
from app.shared.settings import (
    SHIPPED,
    data_folder,
    described_key,
    file_versions,
    folders_in,
    list_gallery_ids,
    models_for,
    own_galleries,
)
from app.shared.thumbnails import THUMBNAIL
from core.data.images import open_image
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery

MAX_FILE_AGE_S = 600  # maximum age of uploads and crops
COLUMNS = ["rank", "score", "image", "identity", "camera"]

_shelf = Shelf()
_opened: set[str] = set()  # ids of galleries that have cached values


def search_with_image(  # noqa: D417 (Gradio passes progress; it is no input)
    image: str | None,
    model: str,
    results: int,
    cameras: list[str] | None,
    gallery: str = SHIPPED,
    progress=gr.Progress(),  # noqa: B008 (Gradio needs this default to show progress)
) -> tuple[list[tuple[Image.Image, str]], Styler, str]:
    """Search the gallery for the person in an image; the results are sorted by score.

    Args:
        image: the image, cropped to one person
        model: name of a model; a named gallery uses the model that indexed it
        results: number of results
        cameras: search these cameras only; none for all cameras
        gallery: name of a named gallery; without it the demo gallery is searched
    Returns:
        the crops with captions; a table of rank, score, image, identity and camera; a sentence if the image shows no
        person, else ""
    """
    from core.evaluation.person_check import find_no_person  # with torch, which takes seconds

    try:
        stored = find_gallery(gallery)
        images = read_gallery(stored)
        loading = load(model, images, stored)
        while (searcher := loading.wait(0.2)) is None:
            progress(loading.share, texts.INDEXING)
        descriptor = searcher.model.describe(open_upload(image))
        message = find_no_person(loading.checkpoint, descriptor)
        ranking = searcher.gallery.search(descriptor, int(results), parse_cameras(cameras) or None)
        if cameras and ranking.empty:
            raise UserError(texts.NO_IMAGE_FITS)
        names = [images.names[Path(path)] for path in ranking["path"]]
        crops = [(thumbnail(row.path), caption(row)) for row in ranking.itertuples()]
    except UserError as error:
        raise gr.Error(str(error), print_exception=False) from None
    return crops, ranking.assign(image=names)[COLUMNS].style.format({"score": "{:.4f}"}), message


def find_gallery(name: str) -> StoredGallery | None:
    """Find a named gallery; None for the demo gallery. Raises UserError if it does not exist."""
    if name == SHIPPED:
        return None
    galleries = current_galleries()
    if not isinstance(name, str) or name not in galleries:
        raise UserError(texts.NO_GALLERY.format(name=name, known=", ".join([SHIPPED, *galleries])))
    return galleries[name]


def current_galleries() -> dict[str, StoredGallery]:
    """Return the named galleries by name; clears the caches of deleted and renamed galleries."""
    if gone := set(_opened) - list_gallery_ids():
        _opened.difference_update(gone)
        _shelf.forget(gone)
        _stored.cache_clear()
    return own_galleries()


def read_gallery(stored: StoredGallery | None = None) -> Images:
    """Read the demo gallery or a named gallery. Raises UserError if it has no image to search."""
    if stored:
        _opened.add(stored.id)
        return _stored(stored.key, stored.folder)
    folder = data_folder()
    return _images(folder, file_versions(folder, *folders_in(folder)))


def load(model: str, images: Images, stored: StoredGallery | None = None) -> Loading:
    """Start or find the loading of a model and a gallery. Raises UserError for an unknown model."""
    fitting = models_for(stored)
    checkpoint = next((folder for name, folder in fitting.items() if stored or name == model), None)
    if checkpoint is None:
        raise UserError(texts.NO_MODEL.format(name=model, known=", ".join(fitting)))
    source = stored or images.folder
    key = described_key(source, checkpoint, [record.path for record in images.gallery])
    return _shelf.get(key, source, len(images.gallery), checkpoint)


def open_upload(path: str | None) -> Image.Image:
    """Open an upload. Raises UserError if it is missing or not an image."""
    if not path:
        raise UserError(texts.NO_IMAGE)
    if not Path(path).exists():
        raise UserError(texts.DELETED_IMAGE.format(minutes=MAX_FILE_AGE_S // 60))
    return open_image(path)


def thumbnail(path: str) -> Image.Image:
    """Open an image and reduce it for display."""
    image = open_image(path)
    image.thumbnail(THUMBNAIL)
    return image


def caption(row) -> str:
    """Return the caption of a result."""
    return texts.RESULT.format(rank=row.rank, score=row.score)


@lru_cache(1)
def _images(folder: Path, changed: tuple) -> Images:
    return read_images(folder)


@lru_cache(4)
def _stored(key: tuple | None, folder: Path) -> Images:
    return read_stored(StoredGallery(folder))
