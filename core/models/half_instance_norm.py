"""Instance normalisation of half of the filters, batch normalisation of the others (IBN-Net). Not in the paper."""

import torch
from torch import Tensor, nn


class HalfInstanceNorm(nn.Module):
    """Normalise the first half of the filters of (B, C, H, W) for each image, and the second half over the batch.

    Instance normalisation removes the contrast and the colour cast of a camera. Batch normalisation keeps differences
    between images that distinguish people.

    Args:
        filters: C, the number of filters.

    Source:
        IBN-a of IBN-Net (Pan et al., ECCV 2018).
    """

    def __init__(self, filters: int):
        super().__init__()
        self.halves = (filters // 2, filters - filters // 2)
        self.instance = nn.InstanceNorm2d(self.halves[0], affine=True)
        self.batch = nn.BatchNorm2d(self.halves[1])

    def forward(self, maps: Tensor) -> Tensor:
        """Normalise feature maps (B, C, H, W)."""
        first, second = maps.split(self.halves, dim=1)
        return torch.cat([self.instance(first), self.batch(second)], dim=1)
