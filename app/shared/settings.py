"""The models and own galleries that there are to choose from; for both front ends."""

import os
from contextlib import suppress
from pathlib import Path

from core.errors import UserError
from core.folders import checkpoints_folder, data_folder, galleries_folder, runs_folder
from core.galleries.catalog import list_galleries
from core.galleries.gallery_folder import StoredGallery

DEFAULT_MODEL = "streets-mr_bcnn"  # finds most, of rendered and of real people
SHIPPED = "the app's own data"  # which no gallery can be called


def milvus_server() -> str:
    """The address of the server that own galleries may be sent to, "" if there is none."""
    return os.environ.get("MR_BCNN_MILVUS", "")


def list_models() -> dict[str, Path]:
    """Names -> folders of the shipped checkpoints, the default first, and of the finished runs."""
    shipped = {path.name: path for path in folders_in(checkpoints_folder())}
    runs = {
        f"runs/{path.name}": path for path in folders_in(runs_folder()) if '"finished"' in _read(path / "status.json")
    }
    if not shipped and not runs:
        raise UserError(
            f"There is no model in {checkpoints_folder()}: `python -m core train {data_folder()}` trains one, "
            "and the finished run is then offered here. MR_BCNN_CHECKPOINTS names another folder."
        )
    first = {name: shipped[name] for name in (DEFAULT_MODEL,) if name in shipped}
    return first | shipped | runs


def own_galleries() -> dict[str, StoredGallery]:
    """Own galleries by name."""
    return {gallery.name: gallery for gallery in list_galleries(galleries_folder())}


def list_gallery_ids() -> set[str]:
    """Of own galleries."""
    found = set()
    for gallery in own_galleries().values():
        with suppress(UserError):  # deleted this moment
            found.add(gallery.id)
    return found


def models_for(gallery: StoredGallery | None) -> dict[str, Path]:
    """All models by name; for an own gallery the one that has described it. Raises UserError if that is gone."""
    found = list_models()
    if gallery is None:
        return found
    made_by = gallery.model
    for name, checkpoint in found.items():
        if os.path.abspath(checkpoint) == made_by["checkpoint"]:
            return {name: checkpoint}
    raise UserError(
        f"The gallery {gallery.name} was described by {made_by['checkpoint']}, which is not among the "
        "app's models: on the page Data, describe it anew with another one."
    )


def folders_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def file_versions(*paths: Path) -> tuple[tuple[int, int] | None, ...]:
    """When files or folders last changed, and their sizes; None for one that is missing. Part of a cache's key."""

    def facts(path: Path) -> tuple[int, int] | None:
        try:
            found = path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    return tuple(map(facts, paths))


def checkpoint_key(checkpoint: Path) -> tuple:
    """A checkpoint's or run's folder, and when its files changed: what it computes, without reading weights."""
    return checkpoint, file_versions(
        checkpoint, *sorted(checkpoint.iterdir()), *sorted(checkpoint.glob("checkpoints/*/*"))
    )


def described_key(source: Path | StoredGallery, checkpoint: Path) -> tuple:
    """What a described gallery is made of: a data folder and when it changed, or an own gallery; and a checkpoint."""
    if isinstance(source, StoredGallery):
        kept = source.key
    else:
        kept = (source, file_versions(source, *folders_in(source)))
    return kept, checkpoint_key(checkpoint)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
