"""The galleries on disk, by name: listed, found, created, renamed, deleted."""

import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import UserError
from core.folders import galleries_folder
from core.galleries.gallery_folder import GALLERY, StoredGallery, describe_model, lock_galleries
from core.json_file import write_json

NAME_PATTERN = re.compile(r"\w[\w .+-]{0,59}")


def list_galleries(root: Path) -> list[StoredGallery]:
    """All galleries below a folder, by name."""
    return [
        StoredGallery(path.parent) for path in sorted(root.glob("*/" + GALLERY)) if not path.parent.name.startswith(".")
    ]


def find_gallery(name: str, root: Path | None = None) -> StoredGallery:
    """The gallery of that name, by default below `gallery_folder()`. Raises UserError if there is none."""
    gallery = StoredGallery((root or galleries_folder()) / check_name(name))
    if not gallery.exists:
        raise UserError(f"There is no gallery {name}; `python -m core gallery list` lists those that there are.")
    return gallery


def stored_gallery(path: Path) -> StoredGallery | None:
    """What a command means by a path: a gallery's folder, or its name where no folder or file has it; else None."""
    gallery = StoredGallery(path if (path / GALLERY).exists() else galleries_folder() / path)
    is_name = NAME_PATTERN.fullmatch(str(path)) and not path.exists()
    return gallery if gallery.exists and (is_name or gallery.folder == path) else None


def create_gallery(name: str, root: Path, checkpoint: Path) -> StoredGallery:
    """A gallery without images, to be described by a model; the one of that name if it is there and of that model.

    Raises UserError if it is of another model.
    """
    gallery, model = StoredGallery(root / check_name(name)), describe_model(checkpoint)
    with lock_galleries(root):
        if not gallery.exists:
            gallery.folder.mkdir(parents=True, exist_ok=True)
            write_json(gallery.folder / GALLERY, {"id": uuid.uuid4().hex, "model": model, "sources": [], "asked": 0})
        elif (found := gallery.read()["model"])["fingerprint"] != model["fingerprint"]:
            raise UserError(
                f"The gallery {name} is of the model {found['name']}, not of {model['name']}; add without "
                f"--model, or `python -m core gallery update {name} --model {checkpoint}` describes it "
                "anew."
            )
    return gallery


@contextmanager
def extend_gallery(name: str, root: Path, checkpoint: Path | None) -> Iterator[StoredGallery]:
    """A gallery to add images to: the one of that name, or a new one, which is gone again if nothing was added.

    Raises UserError if there is none and no checkpoint to describe it by, or it is of another model.
    """
    if checkpoint is None and not StoredGallery(root / check_name(name)).exists:
        raise UserError(f"There is no gallery {name}; `--model CHECKPOINT` makes one, described by that model.")
    gallery = create_gallery(name, root, checkpoint) if checkpoint else find_gallery(name, root)
    try:
        yield gallery
    except BaseException:
        delete_gallery(gallery, if_empty=True)
        raise


def check_name(name: str) -> str:
    """Raises UserError for a name that would make no folder."""
    if not NAME_PATTERN.fullmatch(name) or name.endswith((" ", ".")):
        raise UserError(
            f"{name!r} cannot be a gallery's name; use up to 60 letters, digits, spaces or any of . + - _ "
            "and begin with a letter or a digit."
        )
    return name


def rename_gallery(gallery: StoredGallery, name: str) -> StoredGallery:
    """Raises UserError if it is being described or sent, or another has the name."""
    root = gallery.folder.parent
    with lock_galleries(root):
        gallery.read()
        gallery.refuse_if_alive()
        renamed = StoredGallery(root / check_name(name))
        if renamed.folder.exists():
            raise UserError(f"There is a gallery {name} already; choose another name.")
        os.rename(gallery.folder, renamed.folder)
    return renamed


def delete_gallery(gallery: StoredGallery, if_empty: bool = False) -> None:
    """For good, with the images that came from zips and uploads. Raises UserError if it is described or sent."""
    with lock_galleries(gallery.folder.parent):
        if if_empty and (not gallery.exists or gallery.read()["sources"] or gallery.version):
            return
        gallery.read()
        gallery.refuse_if_alive()
        vanished = gallery.folder.with_name(f".deleted-{uuid.uuid4().hex}")
        os.rename(gallery.folder, vanished)
    shutil.rmtree(vanished, ignore_errors=True)
