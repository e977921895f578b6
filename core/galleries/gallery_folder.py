"""The folder of a named gallery. All its state is on disk.

gallery.json    a random id, the model, the sources of images, the number of requested updates
status.json     the status of the indexing job, with lock, stop and update.log (core.jobs.job)
sources/003/    images from a zip archive or from uploads; images of a folder are not copied
described/      descriptors by other models, for evaluations (core.galleries.evaluation)
adapted/        statistics and adapted descriptors of each camera (core.galleries.adaptation)
blocks/         descriptors of an unfinished update (core.galleries.update)
versions/000007/    the version that is searched: descriptors.npy, records.parquet, model.json; replaced as a whole
changes.json    removed images, other labels and tags (core.galleries.changes)
label_decisions.csv     decisions about suspicious labels (core.evaluation.label_decisions)
refused.json    skipped images with the reasons, and notes about the sources
server/         the status of the copy on a Milvus server (core.milvus.sync)
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from core.errors import UserError
from core.folders import list_numbered
from core.galleries.indexed_version import IndexedVersion, Snapshot, read_records
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.json_file import read_json, write_json
from core.read_only import refuse_if_read_only

if TYPE_CHECKING:  # these imports take seconds, and a list of galleries does not need them
    import pandas as pd

    from core.search.gallery import Gallery

GALLERY, REFUSED = "gallery.json", "refused.json"
LABEL_DECISIONS = "label_decisions.csv"
LOCK_TIMEOUT_S = 20  # to wait for another process that changes the galleries


class StoredGallery:
    """A named gallery on disk.

    `core.galleries.adding` adds images to it, and `core.galleries.update` indexes them.

    Args:
        folder: The folder of the gallery.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.job = Job(folder, f"The gallery {folder.name} is being indexed", "update.log")
        self.sending = Job(folder / "server", f"The gallery {folder.name} is being copied to a server", "send.log")

    @property
    def name(self) -> str:
        """The name of the gallery, which is that of its folder."""
        return self.folder.name

    @property
    def exists(self) -> bool:
        """Whether the folder contains a gallery."""
        return (self.folder / GALLERY).exists()

    def read(self) -> dict[str, Any]:
        """Read gallery.json.

        Returns:
            `id`, `model` (checkpoint, name, fingerprint, length of the descriptors), `sources`, and `asked`, the number
            of requested updates. Galleries of earlier versions have no `id`.

        Raises:
            UserError: If the gallery was deleted.
        """
        if not self.exists:
            raise UserError(
                f"There is no gallery {self.name} any more. `python -m core gallery list` lists all galleries."
            )
        return read_json(self.folder / GALLERY)

    @contextmanager
    def edited(self) -> Iterator[dict[str, Any]]:
        """Yield the content of gallery.json, and write it at the end. Other processes wait meanwhile."""
        with lock_galleries(self.folder.parent):
            content = self.read()
            yield content
            write_json(self.folder / GALLERY, content)

    def ask(self, checkpoint: Path | None = None) -> None:
        """Request an update. `core.galleries.update` carries it out.

        Args:
            checkpoint: The checkpoint of another model, to index all images again. By default the model stays.
        """
        with self.edited() as content:
            content["asked"] += 1
            if checkpoint is not None:
                content["model"] = describe_model(checkpoint)

    @property
    def progress(self) -> Progress:
        """The progress of the indexing job."""
        return self.job.progress

    def refuse_if_alive(self) -> None:
        """Check that the gallery is neither being indexed nor being copied to a server.

        Raises:
            Busy: If it is.
        """
        self.job.refuse_if_alive()
        self.sending.refuse_if_alive()

    @property
    def version(self) -> Path | None:
        """The folder of the version that is searched; None before the first update. A new version has a new name."""
        versions = list_numbered(self.folder / "versions")
        return versions[-1] if versions else None

    @property
    def id(self) -> str:
        """The identifier. It differs from that of a deleted gallery with the same name.

        Raises:
            UserError: If the gallery was deleted.
        """
        return f"{self.folder} {self.read().get('id', '')}"

    @property
    def key(self) -> tuple[str, str, int] | None:
        """The key for a cache: id, name of the version, time of writing; None before the first update.

        The id and the time are part of it because names of galleries and of versions can be used again.

        Raises:
            UserError: If the gallery was deleted.
        """
        if self.version is None:
            return None
        return self._of_version(lambda version: (self.id, version.folder.name, version.folder.stat().st_mtime_ns))

    @property
    def model(self) -> dict[str, str]:
        """The model of the version that is searched; before the first update, the model that will index the gallery."""
        return self._of_version(lambda version: version.model) if self.version else self.read()["model"]

    @property
    def images(self) -> int:
        """The number of images that can be searched."""
        return self._of_version(lambda version: version.images) if self.version else 0

    def skipped(self) -> list[tuple[str, str]]:
        """Return the names of skipped images and files with the reasons."""
        return [tuple(row) for row in self._read_skipped().get("refused", [])]

    def notes(self) -> list[str]:
        """Return notes about the sources."""
        return self._read_skipped().get("notes", [])

    def records(self) -> "pd.DataFrame":
        """Read the table of images that can be searched.

        Its columns are path, identity, camera, time, bytes, content, columns, rows and others.
        """
        return self._of_version(lambda version: read_records(version.folder))

    def open(self, fingerprint: str | None = None, model: str = "CHECKPOINT") -> "Gallery":
        """Open the gallery for a search. Descriptors are mapped, so a search also works after a deletion.

        Args:
            fingerprint: The fingerprint of the model that describes the probes.
            model: The name of this model in the error message.

        Raises:
            UserError: If the gallery was deleted, was never indexed, or was indexed by another model.
        """
        return self._of_version(lambda version: version.open(fingerprint, model))

    def snapshot(self) -> Snapshot:
        """Read table and descriptors of the same version.

        Raises:
            UserError: If the gallery was deleted or was never indexed.
        """
        return self._of_version(IndexedVersion.snapshot)

    def _indexed(self, version: Path) -> IndexedVersion:
        return IndexedVersion(version, self.folder)

    def _of_version(self, read: Callable[[IndexedVersion], Any]) -> Any:
        for last in (False, False, True):
            version = self.version
            if version is None:
                self.read()
                update = f"Index it with `python -m core gallery update {self.name}`."
                advice = "Wait until the update has finished." if self.progress.is_alive else update
                raise UserError(f"The gallery {self.name} is not indexed yet. {advice}")
            try:
                return read(self._indexed(version))
            except UserError:
                if last or version == self.version:
                    raise  # else a new version has just replaced this one
            except (FileNotFoundError, ValueError) as error:  # perhaps for the same reason
                if last:
                    raise self._indexed(version).damaged(error) from None

    def _read_skipped(self) -> dict[str, Any]:
        self.read()
        try:
            return read_json(self.folder / REFUSED)
        except UserError:  # missing, or damaged: the next update writes it
            return {}


def describe_model(checkpoint: Path) -> dict[str, Any]:
    """Return what a gallery stores of its model: checkpoint, name, fingerprint, length of the descriptors.

    Raises:
        UserError: If there is no such checkpoint.
    """
    from core.inference.checkpoint import descriptor_length, fingerprint

    return {
        "checkpoint": os.path.abspath(checkpoint),
        "name": checkpoint.resolve().name,
        "fingerprint": fingerprint(checkpoint),
        "descriptor": descriptor_length(checkpoint),
    }


@contextmanager
def lock_galleries(root: Path) -> Iterator[None]:
    """Hold the lock of the galleries in a folder. Only its holder changes, adds, renames or deletes a gallery.

    Raises:
        UserError: If another process holds the lock for longer than LOCK_TIMEOUT_S.
    """
    refuse_if_read_only()
    root.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(root / ".lock", timeout=LOCK_TIMEOUT_S):
            yield
    except Timeout:
        raise UserError("Another process is changing the galleries. Try again in a moment.") from None
