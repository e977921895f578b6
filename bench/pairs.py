"""Compare the processor time of a search with a pair network (Ahmed et al., CVPR 2015) and with descriptors.

`python bench/pairs.py` prints the processor time per probe for galleries of 100, 1,000 and 10,000 images, and the
ratio, with one thread. The pair network compares the maps of the probe with the maps of each gallery image, which are
computed before. The descriptors are those of the MR B-CNN with 64 filters. Both times begin with the probe's image. The
gallery of maps is a block of maps that is repeated, because 10,000 maps take 444 MB. The weights are random: they do
not change the time.
"""

import time

import numpy as np
import torch
from rows import compared, record

from core.baselines.improved_deep import COLUMNS, ROWS, ImprovedDeep
from core.models.network import build_network
from core.search.gallery import Gallery

SIZES, BLOCK = (100, 1_000, 10_000), 16
ROUNDS = 3


def pair_seconds(network, image, block, size: int) -> float:
    """Compare one image with `size` gallery images, BLOCK at a time."""
    start = time.process_time()
    with torch.inference_mode():
        maps = network.maps(image).expand(BLOCK, -1, -1, -1)
        for first in range(0, size, BLOCK):
            count = min(BLOCK, size - first)
            network.compare(maps[:count], block[:count])
    return time.process_time() - start


def descriptor_seconds(network, image, gallery) -> float:
    """Describe one image, and search the gallery for it."""
    start = time.process_time()
    with torch.inference_mode():
        descriptor = network(image)[0].numpy()
    gallery.search(descriptor)
    return time.process_time() - start


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    pairs, describing = ImprovedDeep().eval(), build_network("mr_bcnn").eval()
    image = torch.randint(0, 256, (1, 3, ROWS, COLUMNS), dtype=torch.uint8)
    with torch.inference_mode():
        block = pairs.maps(torch.rand(BLOCK, 3, ROWS, COLUMNS))
    random = np.random.default_rng(0)
    for size in SIZES:
        descriptors = random.normal(size=(size, describing.config.descriptor)).astype(np.float32)
        descriptors /= np.linalg.norm(descriptors, axis=1, keepdims=True)
        gallery = Gallery(descriptors, [str(number) for number in range(size)])
        rounds = []
        for _ in range(ROUNDS + 1 if size <= 1_000 else 2):
            rounds.append(
                (pair_seconds(pairs, image / 255, block, size), descriptor_seconds(describing, image, gallery))
            )
        rounds = rounds[1:]  # the first one warms up
        slow, fast = (list(column) for column in zip(*rounds, strict=True))
        record(compared(f"one probe, gallery of {size:,}", fast, slow, "a pair network"))


if __name__ == "__main__":
    main()
