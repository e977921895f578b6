"""Mixed precision in the training loop, tested on the CPU."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.config import fast
from core.models.network import Network
from core.training.loop import make_optimiser, train
from core.training.objective import Objective


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_precision_applies_to_convolutions_and_not_to_descriptors(precision):
    config, training = fast("mr_bcnn")
    config = replace(config, filters=2, descriptor=8)
    training = replace(training, steps=2, identities=2, images_per_identity=2, precision=precision)
    torch.manual_seed(0)
    network, objective = Network(config), Objective(training, 4, 8)
    seen = {"maps": set(), "descriptors": set()}
    network.streams[0].conv1.register_forward_hook(lambda module, given, maps: seen["maps"].add(maps.dtype))
    network.register_forward_hook(lambda module, given, descriptors: seen["descriptors"].add(descriptors.dtype))
    losses = []

    def on_step(step: int, loss: float, rate: float) -> bool:
        losses.append(loss)
        return True

    images = torch.randint(0, 256, (16, 3, 160, 60), dtype=torch.uint8)
    train(
        network,
        objective,
        make_optimiser(network, objective, training),
        images,
        np.arange(16) // 4,
        training,
        on_step,
    )
    assert seen == {"maps": {getattr(torch, precision)}, "descriptors": {torch.float32}}
    assert len(losses) == 2 and np.isfinite(losses).all()
