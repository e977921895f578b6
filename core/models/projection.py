"""A stream of the architecture `mobile_bcnn`: a 1 x 1 convolution of the features of the backbone."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Projection(nn.Module):
    """Compute feature maps: features (B, K, P S, S) -> (B, P, C, S, S).

    The features are those of the whole image. After the convolution, the map is cut into P square parts, one above the
    other, which do not overlap.

    Args:
        inputs: K, the number of filters of the features.
        filters: C, the number of filters of the stream.
        parts: P, the number of parts.
    """

    def __init__(self, inputs: int, filters: int, parts: int):
        super().__init__()
        self.parts = parts
        self.conv = nn.Conv2d(inputs, filters, 1, bias=False)
        self.norm = nn.BatchNorm2d(filters)

    def forward(self, features: Tensor) -> Tensor:
        """Compute the feature maps (B, P, C, S, S) of features (B, K, P S, S)."""
        maps = F.relu_(self.norm(self.conv(features)))
        return torch.stack(maps.chunk(self.parts, dim=2), dim=1)
