"""Compare a training step with its convolutions and matrix products alone.

`python bench/training_step.py` measures steps of MR B-CNN with the preset `fast`, batches of 64, in float32 and in
bfloat16. The products alone are the forward and backward passes of the convolutions, of the bilinear pooling and of the
fully connected layer, on tensors that are already in memory. No program with torch can be faster. The ratio is the
share of this limit.
"""

from dataclasses import replace

import numpy as np
import torch
from rows import compared, record, seconds_in_turns

from core.models.network import Network
from core.models.stream import PARTS
from core.presets import fast
from core.training.loop import train
from core.training.objective import Objective

BATCH, ROUNDS, STEPS = 64, 5, 4


def products(network: Network, precision: torch.dtype):
    """Return a function that runs STEPS times the forward and backward passes of all products of a step."""

    def maps(channels: int, side: int) -> torch.Tensor:
        shape = (PARTS * BATCH, channels, side, side)
        return torch.rand(shape, dtype=precision).contiguous(memory_format=torch.channels_last)

    config = network.config
    images, pooled = maps(3, 60), maps(config.filters, 30).requires_grad_()
    locations = torch.rand(PARTS * BATCH, network.regions, config.region_size**2, config.filters, dtype=precision)
    locations.requires_grad_()
    vectors = torch.rand(BATCH, network.linear.in_features, requires_grad=True)
    layers = [
        [layer.to(precision) for layer in (stream.conv1, *stream.conv2)]
        for stream in Network(config).to(memory_format=torch.channels_last).streams
    ]

    def run() -> None:
        for _ in range(STEPS):
            outputs = [network.linear(vectors), locations.transpose(2, 3) @ locations.detach()]
            outputs.append(locations.detach().transpose(2, 3) @ locations)
            for first, *others in layers:
                outputs.append(first(images))
                outputs += [layer(part) for layer, part in zip(others, pooled.chunk(PARTS), strict=True)]
            torch.autograd.backward(outputs, [torch.ones_like(output) for output in outputs])

    return run


def main():
    network, config = fast("mr_bcnn")
    people = config.identities * 2
    labels = np.repeat(np.arange(people), config.images_per_identity).astype(str)
    images = torch.randint(0, 256, (len(labels), 3, 160, 60), dtype=torch.uint8)
    for precision in ("float32", "bfloat16"):
        settings = replace(config, precision=precision, steps=STEPS)
        trained = Network(network)
        objective = Objective(settings, people, network.descriptor)

        def step(trained=trained, objective=objective, settings=settings):
            optimiser = torch.optim.Adam([*trained.parameters(), *objective.parameters()])
            train(trained, objective, optimiser, images, labels, settings, lambda done, loss, rate: True)

        ways = {"step": step, "products": products(Network(network), getattr(torch, precision))}
        times = seconds_in_turns(ways, ROUNDS)
        record(
            compared(f"a training step, {precision}", *times.values(), "its products alone", STEPS * config.batch_size)
        )


if __name__ == "__main__":
    main()
