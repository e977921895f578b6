"""Half instance, half batch normalisation (IBN-Net); an option that the paper does not have."""

import torch
from torch import Tensor, nn


class HalfInstanceNorm(nn.Module):
    """Maps (B, C, H, W) -> the same: half of them normalised image by image, half over the batch.

    The former forget a camera's contrast and cast, the latter keep what tells people apart (IBN-Net's block a, Pan et
    al., ECCV 2018).
    """

    def __init__(self, filters: int):
        super().__init__()
        self.halves = (filters // 2, filters - filters // 2)
        self.instance = nn.InstanceNorm2d(self.halves[0], affine=True)
        self.batch = nn.BatchNorm2d(self.halves[1])

    def forward(self, maps: Tensor) -> Tensor:
        alone, together = maps.split(self.halves, dim=1)
        return torch.cat([self.instance(alone), self.batch(together)], dim=1)
