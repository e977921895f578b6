"""The network of Ahmed et al.: it compares two images, so it has no descriptor of one image.

A ranking of G images takes G comparisons of maps, with 20 million multiplications each. With descriptors it takes G
scalar products. On one thread of an Intel Xeon, the maps of an image took 4 ms, and a comparison of maps took 6 ms.

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

    The paper puts the 25 differences of a location into a block of 5 x 5 locations. Here they are in a dimension of
    their own, which takes fewer copies.

    Args:
        first: (B, C, H, W).
        second: (B, C, H, W). Outside of the map it is zero.

    Returns:
        (B, C, 25, H W). Difference 5 i + j of the location (h, w) is first[h, w] - second[h + i - 2, w + j - 2].
    """
    around = functional.unfold(second, NEIGHBOURHOOD, padding=NEIGHBOURHOOD // 2)  # (B, 25 C, H W)
    return first.flatten(2)[:, :, None] - around.unflatten(1, (first.shape[1], -1))


class ImprovedDeep(nn.Module):
    """The network: pairs of images -> logits of "different identities" and "same identity".

    The two images pass through the same two convolutions. The differences of their maps are taken in both directions.
    Each direction has its own two convolutions: `summary` reduces each 5 x 5 block of differences to one location, and
    `across` compares neighbouring locations.
    """

    mean: Tensor

    def __init__(self):
        """Create the network with random weights."""
        super().__init__()
        self.register_buffer("mean", torch.zeros(3))  # of the training images' colours
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
            differences = neighbourhood_differences(*pair).relu().flatten(1, 2)  # (B, 625, H W)
            # The convolution of blocks of 5 x 5 with a stride of 5 is one product for each location.
            assert isinstance(summary, nn.Conv2d) and summary.bias is not None
            summarised = summary.weight.flatten(1) @ differences + summary.bias[:, None]
            summarised = summarised.relu().unflatten(2, first.shape[2:])  # (B, 25, 37, 12)
            pieces.append(functional.max_pool2d(across(summarised).relu(), 2, ceil_mode=True))  # (B, 25, 18, 5)
        return self.classify(self.hidden(torch.cat(pieces, 1).flatten(1)).relu())

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Compare images (B, 3, 160, 60) -> logits (B, 2)."""
        return self.compare(self.maps(first), self.maps(second))
