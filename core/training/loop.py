"""The training loop. Progress, files and pages are updated through the callback `on_step`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from core.config import TrainingConfig
from core.data.augmentation import augment
from core.data.samplers import camera_batches, identity_batches, label_shuffled_batches
from core.errors import UserError
from core.models.camera_norm import normalised_by_camera
from core.models.network import Network
from core.training.distributed_layers import distribute
from core.training.lr_schedule import learning_rate
from core.training.objective import Objective

OnStep = Callable[[int, float, float], bool]  # (steps done, loss, learning rate) -> continue?


def make_optimiser(network: Network, objective: Objective, config: TrainingConfig) -> torch.optim.Adam:
    """Create the Adam optimiser.

    The L2 penalty is part of the gradient (unlike AdamW) and applies to weights, not to biases, as in the authors'
    solver. It does not apply to the objective's own weights, because their length has no effect.
    """
    weights = [value for value in network.parameters() if value.ndim > 1]
    others = [value for value in network.parameters() if value.ndim == 1] + list(objective.parameters())
    groups = [{"params": weights, "weight_decay": config.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.Adam(groups, lr=config.learning_rate, betas=(0.9, 0.999), fused=True)


def train(
    network: Network,
    objective: Objective,
    optimiser: torch.optim.Optimizer,
    images: Tensor,
    identities: np.ndarray,
    config: TrainingConfig,
    on_step: OnStep,
    done: int = 0,
    validations: Sequence[float] = (),
    cameras: np.ndarray | None = None,
) -> None:
    """Train a network until the last step, or until `on_step` returns False.

    All random numbers of a step depend only on (seed, step). A resumed run therefore reaches exactly the same weights.
    The images are copied to the network's device once, as uint8, and are augmented there; each step sends only the
    indices of its images. Several processes can train together (core.training.distributed_layers).

    Args:
        network: The network to train.
        objective: The loss.
        optimiser: The optimiser of `make_optimiser`.
        images: Training images, uint8 (N, 3, 160, 60).
        identities: The identities of the images (N,).
        config: The training configuration.
        on_step: Called after each step with the number of steps, the loss and the learning rate.
        done: Number of steps that are done already.
        validations: The validation results so far, to which `on_step` may append. A plateau lowers the learning rate.
        cameras: The cameras of the images (N,), which batches of cameras need.

    Raises:
        UserError: The loss is not a number, or camera-based batch normalisation has no batch normalisation to replace.
    """
    device = next(network.parameters()).device
    images = images.to(device)
    labels = torch.from_numpy(np.unique(identities, return_inverse=True)[1]).to(device)
    network.train()
    describe, judge = distribute(network, objective)
    batches = _batches(identities, cameras, config)
    with _normalisation(network, config):
        for step, batch in enumerate(islice(batches, done, config.steps), start=done):
            torch.manual_seed(config.seed * 1_000_003 + step)
            rate = learning_rate(step, config, validations)
            for group in optimiser.param_groups:
                group["lr"] = rate
            chosen = torch.from_numpy(batch).to(device)
            augmented = augment(images[chosen], config)
            with torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bfloat16"):
                descriptors = describe(augmented, with_parts=config.part_weight > 0)
            loss = judge(descriptors, labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            value = loss.item()
            if value != value:
                raise UserError(f"The loss is not a number at step {step + 1}. Train with a smaller learning rate.")
            if not on_step(step + 1, value, rate):
                return


def _normalisation(network: Network, config: TrainingConfig) -> AbstractContextManager[None]:
    if config.camera_norm:
        return normalised_by_camera(network, config.cameras_per_batch, config.images_per_camera)
    return nullcontext()


def _batches(identities: np.ndarray, cameras: np.ndarray | None, config: TrainingConfig) -> Iterator[np.ndarray]:
    if config.batches == "label_shuffled":
        return label_shuffled_batches(identities, config.batch_size, config.cap, config.seed)
    people, images = config.identities, config.images_per_identity
    if config.batches == "cameras":
        assert cameras is not None  # the caller gives them with this kind of batches
        return camera_batches(identities, cameras, people, images, config.cameras_per_batch, config.seed)
    return identity_batches(identities, people, images, config.seed)
