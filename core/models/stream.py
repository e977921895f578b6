"""A stream of the paper: the convolutional network that turns the parts of an image into feature maps (section 3)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.config import PART_ROWS
from core.models.half_instance_norm import HalfInstanceNorm
from core.models.max_pooling import max_pool

PARTS = len(PART_ROWS)


def split_parts(images: Tensor) -> Tensor:
    """Cut images (B, 3, 160, 60) into three overlapping horizontal stripes, the parts (B, P, 3, 60, 60)."""
    return torch.stack([images[:, :, top:bottom] for top, bottom in PART_ROWS], dim=1)


class Stream(nn.Module):
    """Extract features: parts (B, P, 3, 60, 60) -> feature maps (B, P, C, 15, 15).

    All parts share the convolution conv1 (7 x 7). Each part has a convolution conv2 (5 x 5) of its own, as in the
    authors' release. ReLU follows max-pooling: the values are the same as in the opposite order, and ReLU processes a
    quarter of the numbers.

    Args:
        filters: C, the number of filters of both convolutions.
        batch_norm: Whether batch normalisation replaces the biases of the convolutions.
        instance_norm: Whether half of conv1's filters have instance normalisation instead (`HalfInstanceNorm`).
        groups: Number of groups of conv2's filters, one for each member of an ensemble.
    """

    def __init__(self, filters: int, batch_norm: bool, instance_norm: bool = False, groups: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(3, filters, 7, padding=3, bias=not batch_norm)
        self.conv2 = nn.ModuleList(
            nn.Conv2d(filters, filters, 5, padding=2, groups=groups, bias=not batch_norm) for _ in PART_ROWS
        )
        self.norm1: nn.Module = nn.BatchNorm2d(filters) if batch_norm else nn.Identity()
        if instance_norm:
            self.norm1 = HalfInstanceNorm(filters)
        self.norm2 = nn.ModuleList(nn.BatchNorm2d(filters) if batch_norm else nn.Identity() for _ in PART_ROWS)

    def forward(self, parts: Tensor) -> Tensor:
        """Compute the feature maps (B, P, C, 15, 15) of parts (B, P, 3, 60, 60)."""
        x = parts.transpose(0, 1).flatten(0, 1)  # (P B, 3, 60, 60), part by part
        x = x.contiguous(memory_format=torch.channels_last)
        x = F.relu_(self.norm1(max_pool(self.conv1(x))))  # (P B, C, 30, 30)
        maps = [
            F.relu_(norm(max_pool(conv(part))))
            for part, conv, norm in zip(x.chunk(PARTS), self.conv2, self.norm2, strict=True)
        ]
        return torch.stack(maps, dim=1)  # (B, P, C, 15, 15)
