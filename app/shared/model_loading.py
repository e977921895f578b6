"""Load a model and index the gallery in a thread of the server, so that no click of a visitor interrupts it."""

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from app.shared import garbage, texts
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery

if TYPE_CHECKING:  # they import torch, which takes seconds: the first page does not wait for it
    from core.inference.model import Model
    from core.search.gallery import Gallery


@dataclass(frozen=True)
class Searcher:
    """A model with the gallery it has indexed; `unreadable` counts skipped files."""

    model: "Model"
    gallery: "Gallery"
    unreadable: int


class Loading:
    """The loading of one model and one gallery: a data folder, which is indexed, or a named gallery.

    `share` is the share of indexed images, from 0 to 1.
    """

    def __init__(
        self, pool: ThreadPoolExecutor, key: tuple, source: Path | StoredGallery, images: int, checkpoint: Path
    ):
        self.key = key
        self.source, self.images, self.checkpoint = source, images, checkpoint
        self.described = 0
        self._future = pool.submit(self._load)

    @property
    def share(self) -> float:
        """The share of the images that are described, from 0 to 1."""
        return min(1.0, self.described / max(1, self.images))

    @property
    def failed(self) -> bool:
        """Whether the loading ended with an error."""
        return self._future.done() and self._future.exception() is not None

    def wait(self, seconds: float) -> Searcher | None:
        """Return the result, or None if it takes longer. Raises UserError if the loading failed."""
        try:
            return self._future.result(timeout=seconds)
        except TimeoutError:
            return None

    def _load(self) -> Searcher:
        import torch

        from core.galleries.cache import load_or_describe
        from core.inference.checkpoint import fingerprint
        from core.inference.model import load
        from core.search.point_gallery import for_model

        torch.set_num_threads(1)  # each core of a server serves another batch or visitor
        model = load(self.checkpoint)
        if isinstance(self.source, StoredGallery):
            gallery = for_model(self.source.open(fingerprint(self.checkpoint), str(self.checkpoint)), model)
        else:
            gallery = load_or_describe(self.source, model, self.checkpoint, lambda source, why: None, self._on_progress)
        garbage.collect_all()
        return Searcher(model, gallery, self.images - len(gallery))

    def _on_progress(self, count: int) -> None:
        self.described += count


class Shelf:
    """The searchers of a server: the newest are cached, and all visitors share them."""

    def __init__(self, most: int = 4):
        self.most = most
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="gallery")
        self._loadings: dict[tuple, Loading] = {}
        self._lock = Lock()

    def forget(self, galleries: Collection[str]) -> None:
        """Release the searchers of the named galleries with these ids."""
        with self._lock:
            for key, loading in list(self._loadings.items()):
                if isinstance(loading.source, StoredGallery) and key[0] and key[0][0] in galleries:
                    del self._loadings[key]

    def get(self, key: tuple, source: Path | StoredGallery, images: int, checkpoint: Path) -> Loading:
        """Return the loading of a key (`app.shared.settings.described_key`); start it if it is new or has failed."""
        with self._lock:
            loading = self._loadings.get(key)
            if loading is None or loading.failed:
                while len(self._loadings) >= self.most:
                    self._loadings.pop(next(iter(self._loadings)))
                loading = self._loadings[key] = Loading(self._pool, key, source, images, checkpoint)
        return loading


def timed_descriptors(model: "Model", images: list) -> tuple:
    """Describe images -> descriptors (N, D) and milliseconds. Raises UserError for an image that cannot be used."""
    start = time.perf_counter()
    try:
        descriptors = model.describe(images)
    except UserError as error:
        raise UserError(texts.PROBE_UNUSABLE.format(reason=error)) from None
    return descriptors, 1000 * (time.perf_counter() - start)
