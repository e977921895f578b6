"""Mean region vectors of images: the baseline of an attribution, so that contributions show what two images share."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch

from core.data.images import Source
from core.data.loading import read_batches
from core.inference.camera_adaptation import CameraModels
from core.inference.model import Model


def average_vectors(model: Model, images: Iterable[Source], batch_size: int = 16) -> np.ndarray:
    """Compute the mean region vectors of images, the baseline of `explain_match`.

    With this baseline, contributions show what two images share and others do not.

    Args:
        model: The model.
        images: The images, at least one.
        batch_size: Number of images per batch.

    Returns:
        The mean region vectors, float32 (R, K).

    Raises:
        UserError: An image cannot be read.
    """
    network, total, count = model.network, torch.zeros(()), 0
    for _, batch in read_batches(images, batch_size, prepare=model.prepare):
        with torch.inference_mode():
            vectors = network.region_vectors(network.maps(network.prepare(batch.to(model.device))))
            total = total + vectors.flatten(1, 2).double().sum(0)
            count += len(batch)
    if not count:
        raise ValueError("the mean needs at least one image")
    return (total / count).float().cpu().numpy()


def average_adapted_vectors(models: CameraModels, images: Sequence[Source], cameras: Sequence[int]) -> np.ndarray:
    """Compute the mean region vectors of images, each with the batch-norm statistics of its camera.

    Args:
        models: The models of the cameras.
        images: The images, at least one.
        cameras: The camera of each image.

    Returns:
        The mean region vectors, float32 (R, K).

    Raises:
        UserError: An image cannot be read.
    """
    means, counts = [], []
    for camera in sorted(set(cameras)):
        own = [image for image, its_camera in zip(images, cameras, strict=True) if its_camera == camera]
        means.append(average_vectors(models.of(camera), own))
        counts.append(len(own))
    if not counts:
        raise ValueError("the mean needs at least one image")
    return np.average(means, axis=0, weights=counts).astype(np.float32)
