"""The search as one function with an API: `python app/gradio_app.py` opens it on this machine alone.

GRADIO_SERVER_NAME and GRADIO_SERVER_PORT let it listen elsewhere; MR_BCNN_DATA, MR_BCNN_GALLERIES and
MR_BCNN_CHECKPOINTS choose what is searched, and by what.
"""

import os
import signal
import sys
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import gradio as gr
from gradio.data_classes import ImageData
from gradio_client.utils import is_http_url_like
from pandas.io.formats.style import Styler
from PIL import Image

from app.shared.images import Images, read_images, read_stored
from app.shared.model_loading import Loading, Shelf
from app.shared.settings import (
    SHIPPED,
    data_folder,
    described_key,
    file_versions,
    folders_in,
    list_gallery_ids,
    list_models,
    models_for,
    own_galleries,
)
from core.data.images import open_image
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.jobs.process_settings import let_threads_sleep

MAX_RESULTS, MAX_UPLOAD_SIZE, MAX_WAITING_REQUESTS = 100, "10mb", 16
MAX_FILE_AGE_S, SWEEP_INTERVAL_S = 600, 60  # how old uploads and crops become, and how often that is looked at
THUMBNAIL = (192, 384)
SAID = "Ranks the gallery by how much each image looks like the person in yours; for research and teaching only."
COLUMNS = ["rank", "score", "image", "identity", "camera"]
THEME = gr.themes.Default(
    primary_hue="indigo", neutral_hue="slate", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
)
CSS = """
.gradio-container {max-width: 1180px !important; margin: 0 auto !important}
#ranking .thumbnail-item {aspect-ratio: 0.5}
#ranking .thumbnail-item img {object-fit: cover}
#ranking .grid-container {grid-template-columns: repeat(auto-fill, minmax(96px, 1fr))}
#ranking .grid-wrap {max-height: none}
"""

_shelf = Shelf()
_opened: set[str] = set()  # ids of galleries of which something is kept


def search(
    image: str | None,
    model: str,
    results: int,
    cameras: list[str],
    gallery: str = SHIPPED,
    progress=gr.Progress(),  # noqa: B008 (how Gradio finds out that progress is shown)
) -> tuple[list[tuple[Image.Image, str]], Styler]:
    """An image of one person -> the gallery's most similar images, best first.

    Args:
        image: the image, cut to one person
        model: name of a model; an own gallery knows its own, whatever is given
        results: how many images to list
        cameras: search these alone; all if there is none
        gallery: name of an own gallery, if not the app's own data is searched
    Returns:
        the crops with captions, and a table of rank, score, image, identity and camera
    """
    try:
        stored = gallery_of(gallery)
        images = searched(stored)
        loading = loading_of(model, images, stored)
        while (searcher := loading.wait(0.2)) is None:
            progress(loading.share, "Describing the gallery; this is done once")
        descriptor = searcher.model.describe(open_upload(image))
        ranking = searcher.gallery.search(descriptor, int(results), numbers(cameras) or None)
        names = [images.names[Path(path)] for path in ranking["path"]]
        crops = [(thumbnail(row.path), caption(row)) for row in ranking.itertuples()]
    except UserError as error:
        raise gr.Error(str(error), print_exception=False) from None
    return crops, ranking.assign(image=names)[COLUMNS].style.format({"score": "{:.4f}"})


def gallery_of(name: str) -> StoredGallery | None:
    """The own gallery of that name; None for the app's own data. Raises UserError if there is none."""
    if name == SHIPPED:
        return None
    galleries = kept()
    if name not in galleries:
        raise UserError(f"There is no gallery {name!r}; there are {', '.join([SHIPPED, *galleries])}.")
    return galleries[name]


def kept() -> dict[str, StoredGallery]:
    """Own galleries by name; what was made of those that are deleted or renamed is released."""
    if gone := set(_opened) - list_gallery_ids():
        _opened.difference_update(gone)
        _shelf.forget(gone)
        _stored.cache_clear()
    return own_galleries()


def searched(stored: StoredGallery | None = None) -> Images:
    """The data folder, or an own gallery. Raises UserError if there is nothing to search in."""
    if stored:
        _opened.add(stored.id)
        return _stored(stored.key, stored.folder)
    folder = data_folder()
    return _images(folder, file_versions(folder, *folders_in(folder)))


def loading_of(model: str, images: Images, stored: StoredGallery | None = None) -> Loading:
    """Start, or find, the loading of a model with the gallery it describes. Raises UserError for an unknown one."""
    fitting = models_for(stored)
    checkpoint = next(iter(fitting.values())) if stored else fitting.get(model)
    if checkpoint is None:
        raise UserError(f"There is no model {model!r} any more; there are {', '.join(fitting)}.")
    source = stored or images.folder
    return _shelf.get(described_key(source, checkpoint), source, len(images.gallery), checkpoint)


def numbers(cameras: list[str]) -> list[int]:
    """Raises UserError for what is no number of a camera."""
    if wrong := [camera for camera in cameras if not str(camera).isdigit()]:
        raise UserError(f"There is no camera {wrong[0]!r}; cameras have numbers.")
    return [int(camera) for camera in cameras]


def choices(gallery: str) -> tuple[gr.Dropdown, gr.Dropdown]:
    """The models and cameras to choose from, of a gallery that was chosen."""
    try:
        stored = gallery_of(gallery)
        names, cameras = list(models_for(stored)), searched(stored).cameras
    except UserError as error:
        raise gr.Error(str(error), print_exception=False) from None
    return gr.Dropdown(names, value=names[0]), gr.Dropdown([str(camera) for camera in cameras], value=[])


def open_upload(path: str | None) -> Image.Image:
    """Raises UserError, in the words of an upload."""
    if not path:
        raise UserError("Give an image of one person first.")
    if not Path(path).exists():
        raise UserError(f"The image was deleted {MAX_FILE_AGE_S // 60} minutes after its upload; upload it again.")
    return open_image(path)


def thumbnail(path: str) -> Image.Image:
    image = open_image(path)
    image.thumbnail(THUMBNAIL)
    return image


def caption(row) -> str:
    return f"{row.rank} · {row.score:.3f}"


def unopened(image: gr.Image) -> gr.Image:
    """An image box whose uploads reach the function as paths, not opened by Gradio: core.data.images alone does that.

    Gradio itself would tell the path and a decoder's words to the user, decode data URLs without a limit, and fetch any
    address on behalf of a caller.
    """

    def path_of(upload: ImageData | None) -> str | None:
        if upload and (upload.path is None or (upload.url or "").startswith("data:")):
            raise gr.Error("Send the image as a file.", print_exception=False)
        return upload.path if upload else None

    async def refuse_links(path: str) -> str:
        if is_http_url_like(path):
            raise gr.Error("Send the image itself; a link is not followed.", print_exception=False)
        return path  # has been checked to be an upload

    image.preprocess, image.async_move_resource_to_block_cache = path_of, refuse_links
    return image


def build() -> gr.Blocks:
    """Raises UserError if there is no gallery or no model."""
    images, names = searched(), list(list_models())
    with gr.Blocks(
        title="Find a person again", analytics_enabled=False, delete_cache=(SWEEP_INTERVAL_S, MAX_FILE_AGE_S)
    ) as page:
        gr.Markdown(f"# Find a person again\n{SAID}")
        image = unopened(
            gr.Image(
                type="filepath",
                label="Image of one person",
                height=320,
                sources=["upload", "clipboard"],
                render=False,
            )
        )
        if probes := [[str(record.path)] for record in images.probes if record.path.exists()]:
            gr.Examples(probes, image, label="People to start with", api_visibility="private")
        with gr.Row():
            with gr.Column(scale=1, min_width=240):
                image.render()
                gallery = gr.Dropdown(
                    [SHIPPED, *own_galleries()], value=SHIPPED, label="Gallery", allow_custom_value=True
                )
                model = gr.Dropdown(names, value=names[0], label="Model")
                results = gr.Slider(1, MAX_RESULTS, 20, step=1, label="Results")
                cameras = gr.Dropdown(
                    [str(camera) for camera in images.cameras],
                    value=[],
                    multiselect=True,
                    label="Cameras",
                    info="None chosen: all are searched.",
                    allow_custom_value=True,
                )
                button = gr.Button("Search", variant="primary")
            with gr.Column(scale=3):
                crops = gr.Gallery(label="Ranking", show_label=False, elem_id="ranking", height="auto", format="png")
                table = gr.Dataframe(headers=COLUMNS, label="The same as a table", interactive=False)
        page.load(
            lambda: gr.Dropdown([SHIPPED, *kept()]), None, gallery, api_visibility="private", show_progress="hidden"
        )
        gallery.input(choices, gallery, [model, cameras], api_visibility="private", show_progress="hidden")
        button.click(
            search,
            [image, model, results, cameras, gallery],
            [crops, table],
            api_name="search",
            concurrency_limit=max(1, os.cpu_count() or 1),
        )
    return page.queue(max_size=MAX_WAITING_REQUESTS, api_open=False)


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # temporary files are removed then, too
    with TemporaryDirectory(prefix="mr-bcnn-") as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        try:
            page = build()
            loading_of(next(iter(list_models())), searched())  # gets ready while people find the page
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        _, url, _ = page.launch(
            max_file_size=MAX_UPLOAD_SIZE,
            theme=THEME,
            css=CSS,
            footer_links=["api"],
            share=False,
            ssr_mode=False,
            enable_monitoring=False,
            quiet=True,
            prevent_thread_lock=True,
        )
        print(f"The search is open at {url}", flush=True)
        page.block_thread()
    return 0


@lru_cache(1)
def _images(folder: Path, changed: tuple) -> Images:
    return read_images(folder)


@lru_cache(4)
def _stored(key: tuple | None, folder: Path) -> Images:
    return read_stored(StoredGallery(folder))


if __name__ == "__main__":
    let_threads_sleep()
    sys.exit(main())
