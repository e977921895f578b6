"""Mean region vectors of images: the baseline of an attribution, so that contributions show what two images share."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from core.data.images import Source
from core.data.loading import OnError, read_batches
from core.errors import UserError
from core.inference.camera_adaptation import CameraModels
from core.inference.model import Model


def average_vectors(
    model: Model, images: Iterable[Source], batch_size: int = 16, on_error: OnError | None = None
) -> np.ndarray:
    """Compute the mean region vectors of images, the baseline of `explain_match`.

    With this baseline, contributions show what two images share and others do not.

    Args:
        model: The model.
        images: The images, at least one that can be read.
        batch_size: Number of images per batch.
        on_error: Called with the source and the reason for each image that cannot be read; the mean is that of the
            others.

    Returns:
        The mean region vectors, float32 (R, K).

    Raises:
        UserError: An image cannot be read and there is no `on_error`, or no image can be read.
    """
    return _mean([_sum_vectors(model, images, batch_size, on_error)])


def average_adapted_vectors(
    models: CameraModels, images: Sequence[Source], cameras: Sequence[int], on_error: OnError | None = None
) -> np.ndarray:
    """Compute the mean region vectors of images, each with the batch-norm statistics of its camera.

    Args:
        models: The models of the cameras.
        images: The images, at least one that can be read.
        cameras: The camera of each image.
        on_error: As in `average_vectors`.

    Returns:
        The mean region vectors, float32 (R, K).

    Raises:
        UserError: As in `average_vectors`.
    """
    sums = []
    for camera in sorted(set(cameras)):
        own = [image for image, its_camera in zip(images, cameras, strict=True) if its_camera == camera]
        sums.append(_sum_vectors(models.of(camera), own, 16, on_error))
    return _mean(sums)


def _sum_vectors(
    model: Model, images: Iterable[Source], batch_size: int, on_error: OnError | None
) -> tuple[Tensor, int]:
    """Return the sum of the region vectors (R, K) of the images that can be read, and the number of these images."""
    network, total, count = model.network, torch.zeros(()), 0
    for _, batch in read_batches(images, batch_size, on_error, model.prepare):
        with torch.inference_mode():
            vectors = network.region_vectors(network.maps(network.prepare(batch.to(model.device))))
            total = total + vectors.flatten(1, 2).cpu().double().sum(0)
            count += len(batch)
    return total, count


def _mean(sums: Sequence[tuple[Tensor, int]]) -> np.ndarray:
    """Return the mean of vectors from sums and counts of some of them."""
    read = [(total, count) for total, count in sums if count]
    if not read:
        raise UserError("The mean needs at least one image that can be read. Check the files, or use zero instead.")
    totals, counts = zip(*read, strict=True)
    return (sum(totals) / sum(counts)).float().numpy()
