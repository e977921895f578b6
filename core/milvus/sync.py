"""A gallery's copy on a Milvus server: sent in a process of its own, and searched there instead of here.

server/status.json in the gallery's folder says how far the sending is (core.jobs.job), and under `copy` what
lies on the server. Rows there are known by paths below the gallery's folder, which may be moved or renamed.
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
from core.galleries.gallery_folder import MODEL, StoredGallery
from core.jobs.job import Stopped
from core.json_file import read_json
from core.milvus.server import MAX_RESULTS, TOKEN_VARIABLE

if TYPE_CHECKING:  # they import torch, which takes seconds: a page that tells how far it is is not to wait for it
    import numpy as np
    import pandas as pd

    from core.data.records import Record

OnProgress = Callable[[int, int], None]  # hears how many images of how many are on the server


@dataclass(frozen=True)
class Copy:
    """What a server was given: at `uri`, by the name `collection`, `version` of the gallery with that many `images`,
    described by the model of that `fingerprint`."""

    uri: str
    collection: str
    version: str
    fingerprint: str
    images: int
    index: str

    def is_current(self, gallery: StoredGallery) -> bool:
        """Whether the gallery has not changed since."""
        return gallery.version is not None and gallery.version.name == self.version

    @property
    def is_short(self) -> bool:
        """Whether the server has more images than it puts into one ranking."""
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
        """`Gallery.search` on the server, for at most 16,384 results; `fingerprint` is that of the probe's model.

        Raises UserError where the server is away, or has descriptors of another model.
        """
        from core.milvus.gallery import MilvusGallery

        if fingerprint != self.fingerprint:
            raise UserError("What the server has of this gallery was described by another model: send it again.")
        if probe is not None:
            probe = replace(probe, path=Path(_below(gallery, str(probe.path))))
        remote = MilvusGallery(self.uri, self.collection)
        table = remote.search(descriptor, min(top, MAX_RESULTS), cameras, probe)
        return table.assign(path=[os.path.join(gallery.folder, path) for path in table["path"]])


def read_copy(gallery: StoredGallery) -> Copy | None:
    """What a server has of a gallery; None if nothing was ever sent."""
    found = gallery.sending.read().get("copy")
    if found and "pictures" in found:  # the key of earlier versions
        found["images"] = found.pop("pictures")
    return Copy(**found) if found else None


def send(
    gallery: StoredGallery, uri: str, index: str = "FLAT", on_progress: OnProgress = lambda done, total: None
) -> int:
    """Send what a server lacks of a gallery, and delete there what the gallery has no more -> how many rows were sent.

    The server's collection has the gallery's name, as far as Milvus can write it, and an ending of its own, so that
    galleries of one name do not meet there. Stopped or interrupted, the same call goes on. Raises UserError where the
    server is away or refuses, and Busy if another process sends it.
    """
    from core.milvus.gallery import MilvusGallery
    from core.search.gallery import Gallery

    _refuse_secret(uri)
    version = gallery.version
    fingerprint = read_json(version / MODEL)["fingerprint"] if version else ""
    here = gallery.open(fingerprint)  # raises UserError where there is no version
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
        found = job.read()
        collections = {uri: _new_collection(gallery)} | found.get("collections", {})
        earlier = found.get("copy")
        if earlier and earlier["fingerprint"] != fingerprint:
            earlier = None  # there are rows of two models until this is done
        with job.record("sending it again goes on", total=len(here), copy=earlier, collections=collections):
            rows = MilvusGallery(uri, collections[uri]).push(relative, index, on_progress=on_sent, remove=True)
            copy = Copy(uri, collections[uri], version.name, fingerprint, len(here), index)
            job.write(done=len(here), copy=asdict(copy))
    return rows


def launch(gallery: StoredGallery, uri: str, index: str = "FLAT") -> None:
    """`send` in a process of its own that outlives this one. Raises Busy if one is at it."""
    gallery.read()
    _refuse_secret(uri)
    command = ["gallery", "send", gallery.name, "--uri", uri, "--index", index]
    gallery.sending.launch(command, MR_BCNN_GALLERIES=str(gallery.folder.parent.resolve()))


def withdraw(gallery: StoredGallery) -> None:
    """Delete a gallery's copy from its server. Raises UserError where the server is away, or it is being sent."""
    from core.milvus.gallery import MilvusGallery

    gallery.sending.refuse_if_alive()
    if copy := read_copy(gallery):
        MilvusGallery(copy.uri, copy.collection).drop()
        gallery.sending.write(state="", copy=None)


def _refuse_secret(uri: str) -> None:
    """The address is kept on disk and shown in pages."""
    if "@" in uri:
        raise UserError(
            f"The address of a server is kept and shown: give its name and password as {TOKEN_VARIABLE} in the "
            "environment instead."
        )


def _below(gallery: StoredGallery, path: str) -> str:
    """A path below the gallery's folder; one that lies elsewhere as it is."""
    return path.removeprefix(os.path.join(gallery.folder, ""))


def _new_collection(gallery: StoredGallery) -> str:
    word = re.sub(r"[^A-Za-z0-9_]", "_", gallery.name)
    return f"{word if word[0].isalpha() else f'g_{word}'}_{uuid.uuid4().hex[:8]}"
