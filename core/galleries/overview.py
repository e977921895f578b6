"""All that there is to say about a gallery on disk, for a page or a command."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.data.quality import Health, check_health
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.galleries.sources import Source, list_sources
from core.jobs.job import Progress

NEAR_DUPLICATE_COSINE = (
    0.999  # cosine of two images that a model cannot tell apart: the same one saved twice, or two frames of a film
)
MAX_IMAGES_COMPARED = 30_000  # images that are compared with each other: some ten seconds' work
ROWS_PER_BLOCK = 1024  # compared at a time
MAX_PAIRS = 10_000


@dataclass(frozen=True)
class Overview:
    """`health` is None before anything was described."""

    name: str
    progress: Progress
    model: dict[str, Any]
    sources: list[Source]
    notes: list[str]  # what was odd about the sources
    health: Health | None

    def to_json(self) -> dict[str, Any]:
        health = self.health and vars(self.health) | {"odd": self.health.odd.to_dict("records")}
        return {
            "name": self.name,
            "progress": asdict(self.progress) | {"seconds": self.progress.seconds_left},  # as earlier versions said
            "model": self.model,
            "sources": list(map(asdict, self.sources)),
            "notes": self.notes,
            "health": health,
        }


def overview(gallery: StoredGallery, near: bool = False) -> Overview:
    """With `near`, images are compared with each other by their descriptors.

    Raises UserError if the gallery is gone, or too large for that.
    """
    health = None
    if gallery.version:
        records = gallery.records()
        pairs = count = None
        if near and len(records):
            names = records["path"].to_numpy()
            found, count = near_duplicates(gallery.open().descriptors)
            pairs = [(names[one], names[other]) for one, other in found]
        health = check_health(records, gallery.skipped(), pairs, count)
    return Overview(gallery.name, gallery.progress, gallery.model, list_sources(gallery), gallery.notes(), health)


def near_duplicates(descriptors: np.ndarray, same: float = NEAR_DUPLICATE_COSINE) -> tuple[list[tuple[int, int]], int]:
    """(G, D) of unit length -> pairs of rows whose cosine is at least `same`, the first 10,000, and how many there are.

    Raises UserError for more than 30,000 rows: work grows with their square.
    """
    if len(descriptors) > MAX_IMAGES_COMPARED:
        raise UserError(
            f"Images are compared with each other up to {MAX_IMAGES_COMPARED:,}, and these are {len(descriptors):,}."
        )
    pairs: list[tuple[int, int]] = []
    count = 0
    for start in range(0, len(descriptors), ROWS_PER_BLOCK):
        block = np.asarray(descriptors[start : start + ROWS_PER_BLOCK], np.float32)
        scores = block @ np.asarray(descriptors[start:], np.float32).T  # each pair once: rows before were compared
        found = np.triu(scores >= same, 1)
        count += int(np.count_nonzero(found))
        if len(pairs) < MAX_PAIRS:
            one, other = np.divmod(np.flatnonzero(found)[: MAX_PAIRS - len(pairs)], found.shape[1])
            pairs += zip((one + start).tolist(), (other + start).tolist(), strict=True)
    return pairs, count
