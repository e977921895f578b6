"""Augmentation: random changes of training images, independent for each image.

All functions take and return batches, float (B, 3, H, W) with values in 0..255, and draw from torch's global generator.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from core.config import TrainingConfig

GREY_WEIGHTS = (0.299, 0.587, 0.114)  # luma, ITU-R BT.601


def augment(images: Tensor, config: TrainingConfig) -> Tensor:
    """Apply all augmentations of a configuration to a batch of images.

    Args:
        images: uint8 (B, 3, H, W).
        config: The configuration; an augmentation of strength 0 is not applied.

    Returns:
        float (B, 3, H, W), values in 0..255.
    """
    images = images.float()
    if config.flip:
        images = torch.where(_chance(images, 0.5), images.flip(3), images)
    if config.shift_rows or config.shift_columns:
        images = shift(images, config.shift_rows, config.shift_columns)
    if config.zoom:
        images = zoom(images, config.zoom)
    if config.colour:
        images = change_colours(images, config.colour)
    if config.grey:
        images = torch.where(_chance(images, config.grey), luma(images), images)
    if config.blur:
        images = blur(images, config.blur)
    if config.noise:
        images = add_noise(images, config.noise)
    if config.erase:
        images = erase(images, config.erase)
    return images


def shift(images: Tensor, rows: int, columns: int) -> Tensor:
    """Shift each image by at most `rows` and `columns` pixels. Border pixels are repeated in the gap."""
    batch, _, height, width = images.shape
    by_rows = torch.randint(-rows, rows + 1, (batch, 1), device=images.device)
    by_columns = torch.randint(-columns, columns + 1, (batch, 1), device=images.device)
    y = (torch.arange(height, device=images.device) + by_rows).clamp(0, height - 1)  # (B, H)
    x = (torch.arange(width, device=images.device) + by_columns).clamp(0, width - 1)  # (B, W)
    each = torch.arange(batch, device=images.device)[:, None, None]
    return images.permute(0, 2, 3, 1)[each, y[:, :, None], x[:, None, :]].permute(0, 3, 1, 2)


def zoom(images: Tensor, strength: float) -> Tensor:
    """Scale each image about its centre, as if the person's box were larger or smaller.

    Height and width have independent factors, uniform in 1 - strength .. 1 + strength. Border pixels are repeated
    outside the image.
    """
    factors = 1 + strength * (2 * torch.rand(len(images), 2, device=images.device) - 1)
    grid = F.affine_grid(_scaling(1 / factors), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def _scaling(factors: Tensor) -> Tensor:
    """Return the affine maps (B, 2, 3) that multiply x and y by factors (B, 2)."""
    return torch.cat([torch.diag_embed(factors), torch.zeros_like(factors)[:, :, None]], dim=2)


def change_colours(images: Tensor, strength: float) -> Tensor:
    """Change saturation, contrast, exposure and colour cast, as another camera would.

    Each change is a random factor. Its logarithm is normal with the standard deviation `strength`, and a quarter of it
    for the colour cast.
    """

    def factor(*shape: int, spread: float = strength) -> Tensor:
        return (torch.randn(len(images), *shape, device=images.device) * spread).exp()

    grey = luma(images)
    images = grey + (images - grey) * factor(1, 1, 1)
    mean = images.mean((1, 2, 3), keepdim=True)
    images = mean + (images - mean) * factor(1, 1, 1)
    images = images * factor(1, 1, 1) * factor(3, 1, 1, spread=strength / 4)
    return images.clamp(0, 255)


def luma(images: Tensor) -> Tensor:
    """Compute the brightness (B, 1, H, W) of images (B, 3, H, W)."""
    weights = torch.tensor(GREY_WEIGHTS, device=images.device)[:, None, None]
    return (images * weights).sum(1, keepdim=True)


def blur(images: Tensor, strength: float) -> Tensor:
    """Apply Gaussian blur with a standard deviation drawn from 0 to `strength` pixels for each image.

    Border pixels are repeated outside the image.
    """
    reach = math.ceil(3 * strength)
    sigma = strength * torch.rand(len(images), 1, device=images.device)
    weights = torch.softmax(-((torch.arange(-reach, reach + 1, device=images.device) / (sigma + 1e-3)) ** 2) / 2, dim=1)
    for axis in (2, 3):
        size = images.shape[axis]
        padded = F.pad(images, (0, 0, reach, reach) if axis == 2 else (reach, reach, 0, 0), mode="replicate")
        images = sum(
            weight[:, None, None, None] * padded.narrow(axis, start, size) for start, weight in enumerate(weights.T)
        )
    return images


def add_noise(images: Tensor, strength: float) -> Tensor:
    """Add normal noise to every value, with a standard deviation drawn from 0 to `strength` for each image."""
    sigma = strength * torch.rand(len(images), 1, 1, 1, device=images.device)
    return (images + sigma * torch.randn_like(images)).clamp(0, 255)


def erase(images: Tensor, probability: float) -> Tensor:
    """Fill a random rectangle of an image with its mean colour (random erasing).

    Each side of the rectangle is 1/4 to 1/2 of the image's side.

    Args:
        images: float (B, 3, H, W).
        probability: Probability that an image is changed.

    Source:
        Zhong et al., "Random erasing data augmentation", AAAI 2020.
    """
    batch, _, height, width = images.shape

    def span(length: int) -> Tensor:
        size = length * (0.25 + 0.25 * torch.rand(batch, 1, device=images.device))
        start = torch.rand(batch, 1, device=images.device) * (length - size)
        position = torch.arange(length, device=images.device)
        return (position >= start) & (position < start + size)

    rectangle = span(height)[:, None, :, None] & span(width)[:, None, None, :]  # (B, 1, H, W)
    return torch.where(rectangle & _chance(images, probability), images.mean((2, 3), keepdim=True), images)


def _chance(images: Tensor, probability: float) -> Tensor:
    return (torch.rand(len(images), device=images.device) < probability)[:, None, None, None]
