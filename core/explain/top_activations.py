"""What each filter pair looks for: the images whose regions excite it most, and least."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.data.images import Source
from core.data.loading import OnError, read_batches
from core.inference.model import Model


@dataclass(frozen=True)
class Extremes:
    """For each entry of each region vector, the images where it is highest and lowest, the most extreme first.

    `most` and `least` are (K, R, M, N): positions among the images that were looked at. `highest` and `lowest` are
    the entries themselves, as the descriptor is made of them.
    """

    most: np.ndarray
    highest: np.ndarray
    least: np.ndarray
    lowest: np.ndarray


def find_extremes(
    model: Model,
    images: Iterable[Source],
    count: int = 6,
    on_error: OnError | None = None,
    on_progress: Callable[[int], None] = lambda count: None,
) -> Extremes:
    """Look at images one batch after the other; memory holds the extremes and one batch.

    `cnn` has (R, C, 1). Images that cannot be used go to `on_error`; without it, their UserError is raised.
    `on_progress` hears how many images have been looked at since it was last called.
    """
    network = model.network
    most: tuple[Tensor, Tensor] | None = None  # entries, and where they are
    least: tuple[Tensor, Tensor] | None = None
    for positions, batch in read_batches(images, 32, on_error):
        with torch.inference_mode():
            vectors = network.region_vectors(network.maps(network.prepare(batch.to(model.device)))).flatten(1, 2).cpu()
        where = torch.tensor(positions)[:, None, None].expand_as(vectors)
        most, least = _merge(most, vectors, where, count, True), _merge(least, vectors, where, count, False)
        on_progress(len(positions))
    if most is None or least is None:
        raise ValueError("extremes need at least one image")
    filters = network.config.filters
    shape = (-1, most[0].shape[1], filters, network.region_numbers // filters)
    highest, at_most, lowest, at_least = (each.reshape(shape).numpy() for each in (*most, *least))
    return Extremes(at_most, highest, at_least, lowest)


def _merge(
    kept: tuple[Tensor, Tensor] | None, values: Tensor, where: Tensor, count: int, largest: bool
) -> tuple[Tensor, Tensor]:
    """(B, R, K) values and positions, and the extremes so far -> the extremes of all, (count, R, K) each."""
    if kept is not None:
        values, where = torch.cat([kept[0], values]), torch.cat([kept[1], where])
    best = values.topk(min(count, len(values)), dim=0, largest=largest)
    return best.values, where.gather(0, best.indices)
