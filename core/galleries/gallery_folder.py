"""A gallery on disk. Its folder is the truth about it; whoever asks may come and go.

gallery.json    a random id, the model, the sources of images, how often it was asked to be brought up to date
status.json     what it is doing, with lock, stop and update.log (core.jobs.job)
sources/003/    images that came from a zip or as uploads; those of a folder stay where they are
blocks/         descriptors on their way (core.galleries.update)
versions/000007/    what is searched: descriptors.npy, records.parquet, model.json; replaced as a whole
refused.json    images that were left out, with the reason, and what was odd
server/         what of it lies on a Milvus server, with the status of sending it there (core.milvus.sync)
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from core.errors import UserError
from core.folders import list_numbered
from core.jobs.job import Job, Progress
from core.json_file import read_json, write_json
from core.search.descriptor_files import DESCRIPTORS, RECORDS, map_descriptors

if TYPE_CHECKING:  # they import torch, which takes seconds: a list of galleries is not to wait for it
    import pandas as pd

    from core.search.gallery import Gallery

GALLERY, REFUSED, MODEL = "gallery.json", "refused.json", "model.json"
LOCK_TIMEOUT_S = 20  # to wait for another process that adds, renames or deletes


class StoredGallery:
    """Reads and writes one gallery's folder; core.galleries.sources adds to it, core.galleries.update describes it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.job = Job(folder, f"The gallery {folder.name} is being described", "update.log")
        self.sending = Job(folder / "server", f"The gallery {folder.name} is being sent to a server", "send.log")

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def exists(self) -> bool:
        return (self.folder / GALLERY).exists()

    def read(self) -> dict[str, Any]:
        """`id`, `model` (checkpoint, name, fingerprint), `sources`, `asked`. Raises UserError if the gallery is gone.

        Galleries of earlier versions have no `id`.
        """
        if not self.exists:
            raise UserError(
                f"There is no gallery {self.name} any more; `python -m core gallery list` lists those that there are."
            )
        return read_json(self.folder / GALLERY)

    @contextmanager
    def edited(self) -> Iterator[dict[str, Any]]:
        """What `read` gives, to be changed; others who want to change it wait meanwhile."""
        with lock_galleries(self.folder.parent):
            found = self.read()
            yield found
            write_json(self.folder / GALLERY, found)

    def ask(self, checkpoint: Path | None = None) -> None:
        """Ask for an update, which core.galleries.update does: by the same model, or anew by another."""
        with self.edited() as found:
            found["asked"] += 1
            if checkpoint is not None:
                found["model"] = describe_model(checkpoint)

    @property
    def progress(self) -> Progress:
        return self.job.progress

    def refuse_if_alive(self) -> None:
        """Raises Busy if it is being described, or sent to a server."""
        self.job.refuse_if_alive()
        self.sending.refuse_if_alive()

    @property
    def version(self) -> Path | None:
        """The folder of what is searched; None before anything was described. Its name changes with its content."""
        found = list_numbered(self.folder / "versions")
        return found[-1] if found else None

    @property
    def id(self) -> str:
        """Differs from that of a gallery that had this name before. Raises UserError if the gallery is gone."""
        return f"{self.folder} {self.read().get('id', '')}"

    @property
    def key(self) -> tuple[str, str, int] | None:
        """What is searched, as the key of a cache: id, version, when it was written; None if nothing was described yet.

        Names of galleries and of versions come again with other images. Raises UserError if the gallery is gone.
        """
        if self.version is None:
            return None
        return self._of_version(lambda version: (self.id, version.name, version.stat().st_mtime_ns))

    @property
    def model(self) -> dict[str, str]:
        """Checkpoint, name and fingerprint of the model that described what is searched, or that is to describe it."""
        return read_json(self.version / MODEL) if self.version else self.read()["model"]

    @property
    def images(self) -> int:
        """How many can be searched."""
        if not self.version:
            return 0
        model = read_json(self.version / MODEL)
        return model["images"] if "images" in model else model["pictures"]  # the key of earlier versions

    def skipped(self) -> list[tuple[str, str]]:
        """Names of images and files that were left out, with the reason."""
        return [tuple(row) for row in self._leavings().get("refused", [])]

    def notes(self) -> list[str]:
        """What was odd about the sources."""
        return self._leavings().get("notes", [])

    def records(self) -> "pd.DataFrame":
        """A row for each image that can be searched: path, identity, camera, time, bytes, content, columns, rows."""
        return self._of_version(_read_records)

    def open(self, fingerprint: str | None = None, model: str = "CHECKPOINT") -> "Gallery":
        """The gallery for searching; descriptors stay on disk, and a search goes on if it is deleted meanwhile.

        Raises UserError if it is gone, was never described, or not by the model of that fingerprint, which the sentence
        calls `model`.
        """
        return self._of_version(lambda version: self._open(version, fingerprint, model))

    def _of_version(self, read: Callable[[Path], Any]) -> Any:
        for last in (False, False, True):
            version = self.version
            if version is None:
                self.read()
                again = f"`python -m core gallery update {self.name}` does that"
                what = "wait until it is" if self.progress.is_alive else again
                raise UserError(f"The gallery {self.name} is not described yet; {what}.")
            try:
                return read(version)
            except FileNotFoundError:  # another version has just taken its place
                if last:
                    raise

    def _open(self, version: Path, fingerprint: str | None, model: str) -> "Gallery":
        import numpy as np

        from core.search.gallery import Gallery

        made_by = read_json(version / MODEL) if (version / MODEL).exists() else {}
        if fingerprint and made_by.get("fingerprint", fingerprint) != fingerprint:
            again = f"python -m core gallery update {self.name} --model {model}"
            raise UserError(
                f"The gallery {self.name} was described by {made_by['name']}, whose descriptors mean "
                f"nothing to {model}; `{again}` describes it anew."
            )
        records = _read_records(version)
        try:
            descriptors = map_descriptors(version, len(records))
        except ValueError:
            raise UserError(
                f"{version / DESCRIPTORS} is damaged; delete the folder {version}, and `python -m core "
                f"gallery update {self.name}` describes it anew."
            ) from None
        paths = np.array([os.path.join(self.folder, path) for path in records["path"]], dtype=object)
        return Gallery(descriptors, paths, *(records[name].to_numpy() for name in ("identity", "camera", "time")))

    def _leavings(self) -> dict[str, Any]:
        self.read()
        file = self.folder / REFUSED
        return read_json(file) if file.exists() else {}


def describe_model(checkpoint: Path) -> dict[str, Any]:
    """What a gallery remembers of its model. Raises UserError if there is no such checkpoint."""
    from core.inference.checkpoint import CONFIG, find_checkpoint, fingerprint

    width = read_json(find_checkpoint(checkpoint) / CONFIG)["network"]["descriptor"]
    return {
        "checkpoint": os.path.abspath(checkpoint),
        "name": checkpoint.resolve().name,
        "fingerprint": fingerprint(checkpoint),
        "descriptor": width,
    }


@contextmanager
def lock_galleries(root: Path) -> Iterator[None]:
    """Only one process at a time changes what galleries there are and what they are made of."""
    root.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(root / ".lock", timeout=LOCK_TIMEOUT_S):
            yield
    except Timeout:
        raise UserError("Another process is changing the galleries; try again in a moment.") from None


def _read_records(version: Path) -> "pd.DataFrame":
    import pandas as pd

    return pd.read_parquet(version / RECORDS)
