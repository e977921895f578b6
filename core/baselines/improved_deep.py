"""The network of Ahmed et al.: it compares two images, so it has no descriptor of one image.

A ranking of G images takes G comparisons of maps, with 20 million multiplications each. With descriptors it takes G
scalar products. On one thread of an Intel Xeon, the maps of an image took 5 ms, and a comparison of maps took 11 ms.

Source:
    Ahmed, Jones and Marks, "An improved deep learning architecture for person re-identification", CVPR 2015.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

NEIGHBOURHOOD = 5  # rows and columns of the neighbourhood of a location
ROWS, COLUMNS = 160, 60  # of an image; its maps have 37 x 12 locations


def neighbourhood_differences(first: Tensor, second: Tensor) -> Tensor:
    """Subtract the neighbourhood of each location of `second` from this location of `first`.

    Args:
        first: (B, C, H, W).
        second: (B, C, H, W). Outside of the map it is zero.

    Returns:
        (B, C, 5H, 5W). The 5 x 5 block of the location (h, w) has the differences
        first[h, w] - second[h - 2 ... h + 2, w - 2 ... w + 2].
    """
    batch, channels, height, width = first.shape
    side = NEIGHBOURHOOD
    around = functional.unfold(second, side, padding=side // 2)  # (B, C side side, H W)
    around = around.reshape(batch, channels, side, side, height, width)
    differences = first[:, :, None, None] - around
    return differences.permute(0, 1, 4, 2, 5, 3).reshape(batch, channels, side * height, side * width)


class ImprovedDeep(nn.Module):
    """The network: pairs of images -> logits of "different identities" and "same identity".

    The two images pass through the same two convolutions. The differences of their maps are taken in both directions.
    Each direction has its own two convolutions: `summary` reduces each 5 x 5 block of differences to one location, and
    `across` compares neighbouring locations.
    """

    def __init__(self):
        """Create the network with random weights."""
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 20, 5), nn.Conv2d(20, 25, 5)
        self.summary = nn.ModuleList(nn.Conv2d(25, 25, NEIGHBOURHOOD, stride=NEIGHBOURHOOD) for _ in range(2))
        self.across = nn.ModuleList(nn.Conv2d(25, 25, 3) for _ in range(2))
        self.hidden, self.classify = nn.Linear(2 * 25 * 18 * 5, 500), nn.Linear(500, 2)

    def maps(self, images: Tensor) -> Tensor:
        """Compute the maps of single images: (B, 3, 160, 60) -> (B, 25, 37, 12)."""
        for convolution in (self.conv1, self.conv2):
            images = functional.max_pool2d(convolution(images).relu(), 2)
        return images

    def compare(self, first: Tensor, second: Tensor) -> Tensor:
        """Compare maps (B, 25, 37, 12) -> logits (B, 2)."""
        pieces = []
        for pair, summary, across in zip([(first, second), (second, first)], self.summary, self.across, strict=True):
            summarised = summary(neighbourhood_differences(*pair).relu()).relu()  # (B, 25, 37, 12)
            pieces.append(functional.max_pool2d(across(summarised).relu(), 2, ceil_mode=True))  # (B, 25, 18, 5)
        return self.classify(self.hidden(torch.cat(pieces, 1).flatten(1)).relu())

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Compare images (B, 3, 160, 60) -> logits (B, 2)."""
        return self.compare(self.maps(first), self.maps(second))
