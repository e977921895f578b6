"""Top activations: the images on which each filter pair of each region has its highest and lowest values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.data.images import Source
from core.data.loading import OnError, read_batches
from core.errors import UserError
from core.inference.model import Model


@dataclass(frozen=True)
class Extremes:
    """The images with the highest and lowest values of each entry of each region vector; all arrays are (K, R, M, N).

    Attributes:
        most: Indices of the images with the highest values, in descending order of the values.
        highest: These values, as they enter the descriptor.
        least: Indices of the images with the lowest values, in ascending order of the values.
        lowest: These values.
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
    """Find the images with the highest and lowest values of each entry of each region vector.

    Memory holds one batch and the extremes so far. `cnn` has regions of one location and entries (R, C, 1).

    Args:
        model: The model.
        images: The images, at least one that can be read.
        count: Number K of images per entry.
        on_error: Called with the source and the reason for each image that cannot be read.
        on_progress: Called with the number of images processed since the last call.

    Raises:
        UserError: An image cannot be read and there is no `on_error`, or no image can be read.
    """
    network = model.network
    most: tuple[Tensor, Tensor] | None = None  # values, and indices of their images
    least: tuple[Tensor, Tensor] | None = None
    for positions, batch in read_batches(images, 32, on_error, model.prepare):
        with torch.inference_mode():
            vectors = network.region_vectors(network.maps(network.prepare(batch.to(model.device)))).flatten(1, 2).cpu()
        where = torch.tensor(positions)[:, None, None].expand_as(vectors)
        most, least = _merge(most, vectors, where, count, True), _merge(least, vectors, where, count, False)
        on_progress(len(positions))
    if most is None or least is None:
        raise UserError("Top activations need at least one image that can be read. Check the files of the gallery.")
    filters = network.config.filters
    shape = (-1, most[0].shape[1], filters, network.region_numbers // filters)
    highest, at_most, lowest, at_least = (each.reshape(shape).numpy() for each in (*most, *least))
    return Extremes(at_most, highest, at_least, lowest)


def _merge(
    kept: tuple[Tensor, Tensor] | None, values: Tensor, where: Tensor, count: int, largest: bool
) -> tuple[Tensor, Tensor]:
    """Merge new values and indices (B, R, K) with the extremes so far; return the extremes of both, (count, R, K)."""
    if kept is not None:
        values, where = torch.cat([kept[0], values]), torch.cat([kept[1], where])
    best = values.topk(min(count, len(values)), dim=0, largest=largest)
    return best.values, where.gather(0, best.indices)
