"""Overview of a named gallery for the app and the commands: status, sources, data quality, near duplicates."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.data.quality import DataQuality, check_data_quality
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.galleries.sources import Source, list_sources
from core.jobs.progress import Progress

# Cosine similarity of near duplicates: one image saved twice, or two frames of one film.
NEAR_DUPLICATE_COSINE = 0.999
MAX_IMAGES_COMPARED = 30_000  # images compared with each other, which takes about ten seconds
ROWS_PER_BLOCK = 1024  # descriptors compared with all others at a time
MAX_PAIRS = 10_000  # pairs of near duplicates that are returned


@dataclass(frozen=True)
class Overview:
    """The overview of a named gallery. `health` is None before the first update."""

    name: str
    progress: Progress
    model: dict[str, Any]
    sources: list[Source]
    notes: list[str]  # about the sources
    health: DataQuality | None

    def to_json(self) -> dict[str, Any]:
        """Convert to values for JSON."""
        health = self.health and vars(self.health) | {"odd": self.health.odd.to_dict("records")}
        return {
            "name": self.name,
            "progress": asdict(self.progress) | {"seconds": self.progress.seconds_left},  # the key of earlier versions
            "model": self.model,
            "sources": list(map(asdict, self.sources)),
            "notes": self.notes,
            "health": health,
        }


def overview(gallery: StoredGallery, near: bool = False) -> Overview:
    """Create the overview of a named gallery.

    Args:
        gallery: The gallery.
        near: Whether near duplicates are searched for, by comparing all descriptors.

    Raises:
        UserError: If the gallery was deleted, or if it is too large to search for near duplicates.
    """
    health = None
    if gallery.version:
        records = gallery.records()
        pairs = count = None
        if near and len(records):
            names = records["path"].to_numpy()
            found, count = near_duplicates(gallery.open().descriptors)
            pairs = [(names[one], names[other]) for one, other in found]
        health = check_data_quality(records, gallery.skipped(), pairs, count)
    return Overview(gallery.name, gallery.progress, gallery.model, list_sources(gallery), gallery.notes(), health)


def near_duplicates(descriptors: np.ndarray, same: float = NEAR_DUPLICATE_COSINE) -> tuple[list[tuple[int, int]], int]:
    """Find pairs of near duplicates.

    Args:
        descriptors: Unit descriptors (G, D).
        same: The lowest cosine similarity of near duplicates.

    Returns:
        The first MAX_PAIRS pairs of rows, and the number of all pairs.

    Raises:
        UserError: If there are more than MAX_IMAGES_COMPARED rows, because the time grows with their square.
    """
    if len(descriptors) > MAX_IMAGES_COMPARED:
        raise UserError(
            f"Near duplicates can be searched for in up to {MAX_IMAGES_COMPARED:,} images; got {len(descriptors):,}."
        )
    pairs: list[tuple[int, int]] = []
    count = 0
    for start in range(0, len(descriptors), ROWS_PER_BLOCK):
        block = np.asarray(descriptors[start : start + ROWS_PER_BLOCK], np.float32)
        scores = block @ np.asarray(descriptors[start:], np.float32).T  # each pair once: earlier rows are done
        found = np.triu(scores >= same, 1)
        count += int(np.count_nonzero(found))
        if len(pairs) < MAX_PAIRS:
            one, other = np.divmod(np.flatnonzero(found)[: MAX_PAIRS - len(pairs)], found.shape[1])
            pairs += zip((one + start).tolist(), (other + start).tolist(), strict=True)
    return pairs, count
