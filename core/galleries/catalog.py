"""Named galleries: list, find, create, rename and delete them."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.atomic_files import delete_folder
from core.data import file_names
from core.data.file_names import NAME_PATTERN
from core.errors import UserError
from core.evaluation.prediction_job import delete_predictions
from core.folders import galleries_folder
from core.galleries.gallery_folder import GALLERY, StoredGallery, describe_model, lock_galleries
from core.json_file import write_json


def list_galleries(root: Path) -> list[StoredGallery]:
    """List the named galleries in a folder, sorted by name."""
    return [
        StoredGallery(path.parent) for path in sorted(root.glob("*/" + GALLERY)) if not path.parent.name.startswith(".")
    ]


def find_gallery(name: str, root: Path | None = None) -> StoredGallery:
    """Find a gallery by its name.

    Args:
        name: The name of the gallery.
        root: The folder of the galleries, by default `galleries_folder()`.

    Raises:
        UserError: If there is no gallery with this name.
    """
    gallery = StoredGallery((root or galleries_folder()) / check_name(name))
    if not gallery.exists:
        raise UserError(f"There is no gallery {name}. `python -m core gallery list` lists all galleries.")
    return gallery


def stored_gallery(path: Path) -> StoredGallery | None:
    """Return the gallery that a command's argument means, or None.

    The argument is the folder of a gallery, or the name of a gallery if no file or folder has this path.
    """
    gallery = StoredGallery(path if (path / GALLERY).exists() else galleries_folder() / path)
    is_name = NAME_PATTERN.fullmatch(str(path)) and not path.exists()
    return gallery if gallery.exists and (is_name or gallery.folder == path) else None


def create_gallery(name: str, root: Path, checkpoint: Path) -> StoredGallery:
    """Create a gallery without images, or return the existing gallery with this name.

    Args:
        name: The name of the gallery.
        root: The folder of the galleries.
        checkpoint: The checkpoint of the model that indexes the gallery.

    Raises:
        UserError: If the name is invalid, or if the existing gallery is indexed by another model.
    """
    gallery, model = StoredGallery(root / check_name(name)), describe_model(checkpoint)
    with lock_galleries(root):
        if not gallery.exists:
            gallery.folder.mkdir(parents=True, exist_ok=True)
            write_json(gallery.folder / GALLERY, {"id": uuid.uuid4().hex, "model": model, "sources": [], "asked": 0})
        elif (found := gallery.read()["model"])["fingerprint"] != model["fingerprint"]:
            raise UserError(
                f"The gallery {name} is indexed by the model {found['name']}, not by {model['name']}. Omit --model, or "
                f"index the gallery again: `python -m core gallery update {name} --model {checkpoint}`."
            )
    return gallery


@contextmanager
def extend_gallery(name: str, root: Path, checkpoint: Path | None) -> Iterator[StoredGallery]:
    """Open or create a gallery to add images to. A new gallery is deleted again if adding fails.

    Args:
        name: The name of the gallery.
        root: The folder of the galleries.
        checkpoint: The checkpoint of the model; required for a new gallery.

    Raises:
        UserError: If a new gallery has no checkpoint, or if the existing gallery is indexed by another model.
    """
    if checkpoint is None and not StoredGallery(root / check_name(name)).exists:
        raise UserError(f"There is no gallery {name}. `--model CHECKPOINT` creates one that is indexed by that model.")
    gallery = create_gallery(name, root, checkpoint) if checkpoint else find_gallery(name, root)
    try:
        yield gallery
    except BaseException:
        delete_gallery(gallery, if_empty=True)
        raise


def check_name(name: str) -> str:
    """Check that a name is valid for a gallery's folder, and return it.

    Raises:
        UserError: If it is not.
    """
    return file_names.check_name(name, "gallery")


def rename_gallery(gallery: StoredGallery, name: str) -> StoredGallery:
    """Rename a gallery, and return it.

    Raises:
        UserError: If the gallery is being indexed or copied to a server, or if the name is in use.
    """
    root = gallery.folder.parent
    with lock_galleries(root):
        gallery.read()
        gallery.refuse_if_alive()
        renamed = StoredGallery(root / check_name(name))
        if renamed.folder.exists():
            raise UserError(f"There is a gallery {name} already. Choose another name.")
        os.rename(gallery.folder, renamed.folder)
    return renamed


def delete_gallery(gallery: StoredGallery, if_empty: bool = False) -> None:
    """Delete a gallery with the images that came from zip archives and uploads, and with predictions for it.

    Args:
        gallery: The gallery.
        if_empty: Whether to delete it only if it has no sources and was never indexed.

    Raises:
        UserError: If the gallery is being indexed or copied to a server.
    """
    with lock_galleries(gallery.folder.parent):
        if if_empty and (not gallery.exists or gallery.read()["sources"] or gallery.version):
            return
        gallery.read()
        gallery.refuse_if_alive()
        delete_folder(gallery.folder)
    delete_predictions(gallery.folder)  # they name images of the gallery
