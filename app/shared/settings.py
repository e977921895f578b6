"""The models and named galleries of the Streamlit app and the Gradio app."""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

from app.shared import texts
from core.config import BACKBONE_FILE
from core.errors import UserError
from core.folders import checkpoints_folder, data_folder, galleries_folder, runs_folder
from core.galleries.catalog import list_galleries
from core.galleries.gallery_folder import StoredGallery

DEFAULT_MODEL = "street-mobile_bcnn"  # the best of the shipped models on real people
EXPLAINED_MODEL = "pedestrians-mr_bcnn"  # the default where matrices are shown: 16 filters, as in the paper
CHECK_INTERVAL_S = 60  # between two looks at the times of all image files
CHECK_SHARE = 0.01  # of the time, at most: a look takes 0.2 s for 20,000 files on a disk, and longer over a network
SHIPPED = "the app's own data"  # the value of the demo gallery in choices; not a valid gallery name

_looks: dict[Path, tuple[float, tuple, str]] = {}  # by data folder: time of the next look, folders then, images then


def milvus_server() -> str:
    """Return the address of the Milvus server for server galleries, "" if there is none."""
    return os.environ.get("MR_BCNN_MILVUS", "")


def list_models() -> dict[str, Path]:
    """Return the folders of the shipped checkpoints, the default first, and of the finished runs, by name.

    The folder of runs also holds the baselines (`python -m core baseline`).
    """
    shipped = {path.name: path for path in folders_in(checkpoints_folder()) if not (path / BACKBONE_FILE).exists()}
    runs = {
        f"runs/{path.name}": path
        for path in folders_in(runs_folder())
        if '"finished"' in _read(path / "status.json") or (path / "weights.safetensors").exists()
    }
    if not shipped and not runs:
        raise UserError(texts.NO_MODELS.format(folder=checkpoints_folder(), data=data_folder()))
    first = {name: shipped[name] for name in (DEFAULT_MODEL,) if name in shipped}
    return first | shipped | runs


def own_galleries() -> dict[str, StoredGallery]:
    """Return the named galleries by name."""
    return {gallery.name: gallery for gallery in list_galleries(galleries_folder())}


def list_gallery_ids() -> set[str]:
    """Return the ids of the named galleries."""
    found = set()
    for gallery in own_galleries().values():
        with suppress(UserError):  # deleted meanwhile
            found.add(gallery.id)
    return found


def models_for(gallery: StoredGallery | None) -> dict[str, Path]:
    """Return all models by name, or the one that indexed a named gallery. Raises UserError if it is missing."""
    found = list_models()
    if gallery is None:
        return found
    indexed_by = gallery.model
    for name, checkpoint in found.items():
        if os.path.abspath(checkpoint) == indexed_by["checkpoint"]:
            return {name: checkpoint}
    raise UserError(texts.OTHER_MODEL.format(name=gallery.name, checkpoint=indexed_by["checkpoint"]))


def folders_in(folder: Path) -> list[Path]:
    """Return the folders in a folder, sorted by name, without hidden ones."""
    try:
        with os.scandir(folder) as found:
            return sorted(folder / one.name for one in found if one.is_dir() and not one.name.startswith("."))
    except OSError:  # missing, or a file
        return []


def file_versions(*paths: str | Path) -> tuple[tuple[int, int] | None, ...]:
    """Return the times of change and the sizes of files or folders, None for a missing one; part of a cache key."""

    def facts(path: str | Path) -> tuple[int, int] | None:
        try:
            found = os.stat(path)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    return tuple(map(facts, paths))


def checkpoint_key(checkpoint: Path) -> tuple[Path, str]:
    """Return the folder of a checkpoint or run and a hash of the times of its files; the weights are not read."""
    files = sorted(str(path) for pattern in ("*", "checkpoints/*/*") for path in checkpoint.glob(pattern))
    facts = repr((files, file_versions(checkpoint, *files)))
    return checkpoint, _hash(facts)


def described_key(source: Path | StoredGallery, checkpoint: Path, images: Sequence[Path] = ()) -> tuple:
    """Return the key of an indexed gallery: a data folder with its times or a named gallery, and a checkpoint.

    The `images` of a data folder are part of the key too, because a folder keeps its time if a file is overwritten. A
    named gallery changes with its next update.
    """
    if isinstance(source, StoredGallery):
        return source.key, checkpoint_key(checkpoint)
    folders = file_versions(source, *folders_in(source))
    kept = (source, folders, _image_versions(source, folders, images)) if images else (source, folders)
    return kept, checkpoint_key(checkpoint)


def _image_versions(folder: Path, folders: tuple, images: Sequence[Path]) -> str:
    """Return a hash of the times of the images of a data folder, as they were at the last look."""
    now = monotonic()
    next_look, of_folders, found = _looks.get(folder, (now, folders, ""))
    if next_look <= now or of_folders != folders:
        found = _hash(repr(file_versions(*images)))
        seconds = monotonic() - now
        _looks[folder] = now + max(CHECK_INTERVAL_S, seconds / CHECK_SHARE), folders, found
    return found


def _hash(facts: str) -> str:
    return hashlib.blake2b(facts.encode(errors="surrogateescape"), digest_size=16).hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
