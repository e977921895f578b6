"""Search for many probes, each by itself."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.images import list_image_files
from core.errors import UserError
from core.search.gallery import Gallery

COLUMNS = ["probe", "rank", "path", "identity", "camera", "score"]


def list_probes(paths: Iterable[Path]) -> list[Path]:
    """Return the paths of probes, with the images of a folder in its place.

    Raises:
        UserError: If a folder has no image.
    """
    probes: list[Path] = []
    for path in paths:
        found = list_image_files(path) if path.is_dir() else [path]
        if not found:
            raise UserError(f"{path} has no images to search for.")
        probes += found
    return probes


def rank_each(
    gallery: Gallery, descriptors: np.ndarray, names: Sequence[str], top: int = 20, **filters
) -> pd.DataFrame:
    """Rank the gallery for each probe by itself.

    Args:
        gallery: The gallery.
        descriptors: The descriptors of the probes, (Q, D).
        names: The Q names of the probes.
        top: The number of results of each probe.
        **filters: `cameras`, `identities` and `between` of `Gallery.search_each`.

    Returns:
        Columns probe (its name), rank, path, identity, camera and score, and time if any time is known.
    """
    table = gallery.search_each(descriptors, top, **filters)
    named = table.assign(probe=np.array(names, object)[table["probe"].to_numpy(int)])
    return named[[*COLUMNS, *named.columns.drop(COLUMNS)]]
