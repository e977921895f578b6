"""Camera-based batch normalisation in training: the images of each camera have a mean and variance of their own.

The cameras of a data set differ in light, colours and sharpness. Batch normalisation over all images keeps these
differences. With the mean and variance of its own camera, an image is described relative to its camera, so that the
weights fit every camera alike (Zhuang et al., ECCV 2020).

The running statistics stay those of the whole batch, as in ordinary batch normalisation. A checkpoint is therefore the
same kind of file. It can be used as it is, or with the statistics of each camera
(`core.inference.camera_adaptation.CameraModels`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.errors import UserError


class CameraBatchNorm(_BatchNorm):
    """Normalise the images of each camera with their own mean and variance in training mode.

    The weight and the bias of a channel are the same for all cameras. In eval mode, the layer is an ordinary batch
    normalisation.

    Args:
        norm: The batch normalisation to replace, whose parameters and running statistics are shared.
        cameras: G, the number of cameras of a batch.
        images: n, the number of images of each camera. A batch has G n images in the order of the cameras.
    """

    def __init__(self, norm: _BatchNorm, cameras: int, images: int):
        super().__init__(norm.num_features, norm.eps, norm.momentum)
        self._parameters, self._buffers, self.training = norm._parameters, norm._buffers, norm.training
        self.cameras, self.images = cameras, images

    def _check_input_dim(self, values: Tensor) -> None:
        pass  # accepts (k, C) and (k, C, H, W)

    def forward(self, values: Tensor) -> Tensor:
        """Normalise the values of a batch.

        Args:
            values: (G n, C, ...), or (P G n, C, ...) if the parts of the images are normalised together, part by part.
                The parts of an image have the camera of the image.

        Raises:
            ValueError: The batch has another number of images.
        """
        if not self.training:
            return super().forward(values)
        if len(values) % (self.cameras * self.images):
            raise ValueError(f"expected {self.images} images of {self.cameras} cameras, got {len(values)} rows")
        blocks = values.split(self.images)  # P G blocks: each part has a block of each camera
        means, variances = values.new_zeros(2, self.cameras, self.num_features, dtype=self.weight.dtype)
        normalised = []
        for camera, (mean, variance) in enumerate(zip(means, variances, strict=True)):
            own = _concatenated(blocks[camera :: self.cameras])
            # momentum 1 replaces the zeros by the camera's mean and unbiased variance
            own = F.batch_norm(own, mean, variance, self.weight, self.bias, True, 1.0, self.eps)
            normalised.append(own.split(self.images))
        self._update(means, variances, values.numel() // self.num_features // self.cameras)
        return torch.cat([block for part in zip(*normalised, strict=True) for block in part])

    def _update(self, means: Tensor, variances: Tensor, count: int) -> None:
        """Update the running statistics by those of the whole batch.

        The variance of the whole batch is the mean of the cameras' variances plus the variance of their means.

        Args:
            means: The means of the cameras, (G, C).
            variances: Their unbiased variances, (G, C).
            count: Number of values of a channel in each camera.
        """
        assert self.running_mean is not None and self.running_var is not None  # every Network tracks them
        assert self.num_batches_tracked is not None and self.momentum is not None
        total = count * self.cameras
        variance = variances.mean(0) * ((count - 1) / count) + means.var(0, correction=0)
        self.num_batches_tracked += 1
        self.running_mean.lerp_(means.mean(0), self.momentum)
        self.running_var.lerp_(variance * (total / (total - 1)), self.momentum)


def _concatenated(blocks: tuple[Tensor, ...]) -> Tensor:
    """Concatenate blocks. A single block is not copied."""
    return blocks[0] if len(blocks) == 1 else torch.cat(blocks)


@contextmanager
def normalised_by_camera(network: nn.Module, cameras: int, images: int) -> Iterator[None]:
    """Replace the batch normalisations of a network by CameraBatchNorm, and put them back at the end.

    The last one, which normalises the embedding, is replaced too: `CameraModels` also has statistics of it for each
    camera.

    Args:
        network: The network, whose parameters and buffers stay the same objects.
        cameras: Number of cameras of a batch.
        images: Number of images of each camera in a batch.

    Raises:
        UserError: The network has no batch normalisation.
    """
    places = [
        (module, name, child)
        for module in network.modules()
        for name, child in module.named_children()
        if isinstance(child, _BatchNorm)
    ]
    if not places:
        raise UserError("Camera-based batch normalisation needs a network with batch normalisation, as in preset fast.")
    for module, name, child in places:
        setattr(module, name, CameraBatchNorm(child, cameras, images))
    try:
        yield
    finally:
        for module, name, child in places:
            child.train(getattr(module, name).training)
            setattr(module, name, child)
