"""The copy of a named gallery on a Milvus server. It is sent by a job and can be searched instead of the gallery.

server/status.json in the gallery's folder contains the status of the job (core.jobs.job) and, under `copy`, what is on
the server. The paths on the server are relative to the gallery's folder, so the gallery can be moved or renamed.
"""

import os
import re
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.galleries.indexed_version import MODEL
from core.jobs.job import Stopped
from core.json_file import read_json
from core.milvus.server import MAX_RESULTS, TOKEN_VARIABLE
from core.read_only import refuse_if_read_only

if TYPE_CHECKING:  # these imports take seconds, and a page that shows the progress does not need them
    import numpy as np
    import pandas as pd

    from core.data.records import Record

OnProgress = Callable[[int, int], None]  # called with the numbers of images on the server and of all images


@dataclass(frozen=True)
class Copy:
    """The copy of a gallery on a server."""

    uri: str  # the address of the server
    collection: str  # the name on the server
    version: str  # the version of the gallery that was sent
    fingerprint: str  # of the model that indexed the gallery
    images: int  # number of images
    index: str  # "FLAT" or "HNSW"

    def is_current(self, gallery: StoredGallery) -> bool:
        """Return whether the gallery has not changed since it was sent."""
        return gallery.version is not None and gallery.version.name == self.version

    @property
    def exceeds_result_limit(self) -> bool:
        """Whether the server has more images than it returns in one ranking."""
        return self.images > MAX_RESULTS

    def search(
        self,
        gallery: StoredGallery,
        fingerprint: str,
        descriptor: "np.ndarray",
        top: int = 20,
        cameras: Iterable[int] | None = None,
        probe: "Record | None" = None,
    ) -> "pd.DataFrame":
        """Rank the copy for one probe, like `Gallery.search`.

        Args:
            gallery: The gallery of the copy.
            fingerprint: The fingerprint of the model that described the probe.
            descriptor: The descriptor of the probe, (D,) or (N, D).
            top: The number of results, at most 16,384.
            cameras: Only images from these cameras.
            probe: The record of the probe, for the same-camera rule.

        Raises:
            UserError: If the server does not answer, or if the copy is of another model.
        """
        from core.milvus.gallery import MilvusGallery

        if fingerprint != self.fingerprint:
            raise UserError("The copy of this gallery on the server was indexed by another model. Send it again.")
        if probe is not None:
            probe = replace(probe, path=Path(_below(gallery, str(probe.path))))
        remote = MilvusGallery(self.uri, self.collection)
        table = remote.search(descriptor, min(top, MAX_RESULTS), cameras, probe)
        return table.assign(path=[os.path.join(gallery.folder, path) for path in table["path"]])


def read_copy(gallery: StoredGallery) -> Copy | None:
    """Read what a server has of a gallery; None if it was never sent."""
    content = gallery.sending.read().get("copy")
    if content and "pictures" in content:  # the key in earlier versions
        content["images"] = content.pop("pictures")
    return Copy(**content) if content else None


def send(
    gallery: StoredGallery, uri: str, index: str = "FLAT", on_progress: OnProgress = lambda done, total: None
) -> int:
    """Send a gallery to a server: send new and changed images, and delete removed ones.

    The collection's name is the gallery's name, with other characters where Milvus requires it, and a random suffix.
    So two galleries with one name have different collections. After a stop or an interruption, the same call resumes.

    Args:
        gallery: The gallery.
        uri: The address of the server.
        index: "FLAT" for exact search, or "HNSW" for approximate search.
        on_progress: Called with the numbers of images on the server and of all images.

    Returns:
        The number of rows sent.

    Raises:
        UserError: If the server does not answer or refuses the request.
        Busy: If another process sends the gallery.
    """
    from core.milvus.gallery import MilvusGallery
    from core.search.gallery import Gallery

    _refuse_secret(uri)
    version = gallery.version
    fingerprint = read_json(version / MODEL)["fingerprint"] if version else ""
    here = gallery.open(fingerprint)  # raises UserError if there is no version
    assert version is not None
    paths = [_below(gallery, path) for path in here.paths]
    relative = Gallery(here.descriptors, paths, here.identities, here.cameras, here.times)
    job, done, rows = gallery.sending, 0, 0

    def on_sent(count: int) -> None:
        nonlocal done
        if job.is_asked_to_stop:
            raise Stopped
        done += count
        on_progress(done, len(here))
        job.report(done=done)

    job.folder.mkdir(exist_ok=True)
    with job.claim(), suppress(Stopped, KeyboardInterrupt):
        status = job.read()
        collections = {uri: _new_collection(gallery)} | status.get("collections", {})
        earlier = status.get("copy")
        if earlier and earlier["fingerprint"] != fingerprint:
            earlier = None  # until the end, the server has rows of two models
        with job.record("sending it again resumes it", total=len(here), copy=earlier, collections=collections):
            rows = MilvusGallery(uri, collections[uri]).push(relative, index, on_progress=on_sent, remove=True)
            copy = Copy(uri, collections[uri], version.name, fingerprint, len(here), index)
            job.write(done=len(here), copy=asdict(copy))
    return rows


def launch(gallery: StoredGallery, uri: str, index: str = "FLAT") -> None:
    """Send a gallery in a process of its own that outlives this one.

    Args:
        gallery: The gallery.
        uri: The address of the server.
        index: "FLAT" for exact search, or "HNSW" for approximate search.

    Raises:
        Busy: If a process is already sending it.
    """
    refuse_if_read_only()
    gallery.read()
    _refuse_secret(uri)
    command = ["gallery", "send", gallery.name, "--uri", uri, "--index", index]
    gallery.sending.launch(command, MR_BCNN_GALLERIES=str(gallery.folder.parent.resolve()))


def delete_copy(gallery: StoredGallery) -> None:
    """Delete a gallery's copy from its server.

    Raises:
        UserError: If the server does not answer, or if the gallery is being sent.
    """
    refuse_if_read_only()
    from core.milvus.gallery import MilvusGallery

    gallery.sending.refuse_if_alive()
    if copy := read_copy(gallery):
        MilvusGallery(copy.uri, copy.collection).drop()
        gallery.sending.write(state="", copy=None)


def _refuse_secret(uri: str) -> None:
    """Raise UserError for an address with a password, because addresses are stored and shown."""
    if "@" in uri:
        raise UserError(
            f"The address of a server is stored and shown. Set user name and password in the environment variable "
            f"{TOKEN_VARIABLE} instead."
        )


def _below(gallery: StoredGallery, path: str) -> str:
    """Return a path relative to the gallery's folder; a path outside of it stays absolute."""
    return path.removeprefix(os.path.join(gallery.folder, ""))


def _new_collection(gallery: StoredGallery) -> str:
    name = re.sub(r"[^A-Za-z0-9_]", "_", gallery.name)
    return f"{name if name[0].isalpha() else f'g_{name}'}_{uuid.uuid4().hex[:8]}"
