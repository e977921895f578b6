"""Compare the paper's MR B-CNN with 64 filters, pooled as in the formula, with this project's implementation.

`python bench/network.py` prints images per second and the ratio, for description (forward pass) and training (one
step). The formula follows the order of the paper: ReLU, max-pooling, then the outer product at each location.
"""

from functools import partial

import torch
import torch.nn.functional as F
from bilinear import formula
from rows import compared, record, seconds_in_turns

from core.losses.histogram import histogram_loss
from core.models.network import build_network

BATCH, ROUNDS = 32, 5


def written_out(network, images):
    """Compute the network's descriptor step by step as in the paper."""
    parts = network.prepare(images)
    maps = []
    for stream in network.streams:
        per_part = []
        for part in range(3):
            x = F.max_pool2d(F.relu(stream.conv1(parts[:, part])), 2)
            per_part.append(F.max_pool2d(F.relu(stream.conv2[part](x)), 2))
        maps.append(torch.stack(per_part, 1).flatten(0, 1))
    vectors = formula(*maps, network.config.region_size).flatten(2).unflatten(0, (-1, 3))
    return F.normalize(network.embed(network.dropout(vectors)), dim=1)


def main():
    torch.manual_seed(0)
    network = build_network("mr_bcnn").eval()
    images = torch.randint(0, 256, (BATCH, 3, 160, 60), dtype=torch.uint8)
    identities = torch.arange(BATCH) // 4

    def describe(function):
        with torch.inference_mode():
            function(images)

    def step(function):
        network.zero_grad()
        histogram_loss(function(images), identities).backward()

    ways = {"formula": lambda images: written_out(network, images), "this project": network}
    torch.testing.assert_close(written_out(network, images), network(images), rtol=1e-3, atol=1e-5)
    for name, work in {"describing": describe, "training": step}.items():
        times = seconds_in_turns({way: partial(work, function) for way, function in ways.items()}, ROUNDS)
        task = f"{name}, 64 filters, batch {BATCH}"
        record(compared(task, times["this project"], times["formula"], "the formula", BATCH))


if __name__ == "__main__":
    main()
