"""Mixed precision and camera-based batch normalisation in the training loop, tested on the CPU."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.config import TrainingConfig
from core.data.records import Dataset
from core.errors import UserError
from core.models.network import Network
from core.presets import fast
from core.training.loop import make_optimiser, train
from core.training.objective import Objective
from core.training.training_data import fit_batches


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


def train_tiny(training: TrainingConfig) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Train a tiny network for some steps; return the weights and statistics after the first step, and the last."""
    torch.manual_seed(0)
    network = Network(replace(fast("mr_bcnn")[0], filters=2, descriptor=8))
    objective = Objective(training, 4, 8)
    states = []

    def on_step(step: int, loss: float, rate: float) -> bool:
        states.append({name: value.clone() for name, value in network.state_dict().items()})
        return True

    shift = torch.arange(2).repeat(16)[:, None, None, None] * 80  # the second camera is brighter
    images = (torch.randint(0, 170, (32, 3, 160, 60)) + shift).to(torch.uint8)
    optimiser = make_optimiser(network, objective, training)
    cameras = np.arange(32) % 2 + 1
    train(network, objective, optimiser, images, np.arange(32) // 8, training, on_step, cameras=cameras)
    return states[0], states[-1]


def test_camera_norm_changes_the_weights_and_not_the_running_statistics():
    """The statistics of the first layer are those of the whole batch; the gradients are those of each camera."""
    training = replace(fast("mr_bcnn")[1], steps=2, batches="cameras", identities=4, part_weight=0, shift_rows=0)
    ordinary, by_camera = train_tiny(training), train_tiny(replace(training, camera_norm=True))
    assert ordinary[0].keys() == by_camera[0].keys()
    for stream in (0, 1):
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            key = f"streams.{stream}.norm1.{name}"
            torch.testing.assert_close(by_camera[0][key], ordinary[0][key])
    for states in (ordinary, by_camera):
        assert all(torch.isfinite(value).all() for value in states[1].values())
    assert not torch.equal(by_camera[1]["streams.0.conv1.weight"], ordinary[1]["streams.0.conv1.weight"])


def test_camera_norm_needs_batch_normalisation():
    training = replace(fast("mr_bcnn")[1], steps=1, batches="cameras", camera_norm=True, identities=4)
    network = Network(replace(fast("mr_bcnn")[0], filters=2, descriptor=8, batch_norm=False))
    objective = Objective(training, 4, 8)
    images, identities, cameras = torch.zeros(16, 3, 160, 60, dtype=torch.uint8), np.arange(16) // 4, np.arange(16) % 2
    with pytest.raises(UserError, match="needs a network with batch normalisation"):
        train(
            network,
            objective,
            make_optimiser(network, objective, training),
            images,
            identities,
            training,
            lambda *step: True,
            cameras=cameras + 1,
        )


def test_camera_norm_in_several_processes_is_refused(monkeypatch):
    monkeypatch.setattr("core.training.training_data.is_distributed", lambda: True)
    training = replace(fast("mr_bcnn")[1], batches="cameras", camera_norm=True)
    with pytest.raises(UserError, match="trains in one process"):
        fit_batches(training, np.arange(16) // 4, Dataset(Path("data"), "flat folder"))
