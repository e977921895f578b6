"""The training loop: one visible function. All else (progress, files, pages) hears of it through `on_step`."""

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from core.config import TrainingConfig
from core.data.augmentation import augment
from core.data.samplers import identity_batches, label_shuffled_batches
from core.errors import UserError
from core.models.network import Network
from core.training.distributed_layers import distribute
from core.training.lr_schedule import learning_rate
from core.training.objective import Objective

OnStep = Callable[[int, float, float], bool]  # (steps done, loss, learning rate) -> go on?


def make_optimiser(network: Network, objective: Objective, config: TrainingConfig) -> torch.optim.Adam:
    """Adam with the L2 penalty in the gradient (not AdamW), on weights and not on biases, as the authors' solver.

    The objective's own weights, if it has any, are directions: a penalty on their length would mean nothing.
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
) -> None:
    """Train on images, uint8 (N, 3, 160, 60), of identities (N,), from step `done` on, until `on_step` says no.

    Everything random in a step comes from (seed, step), so a run that was stopped goes on to the same weights, bit by
    bit. `validations` are the results so far, which `on_step` may add to: their plateau lowers the learning rate.
    Images go to the network's device once, as bytes, and are augmented there; a step sends the numbers of its
    images. Several processes train as one (core.training.distributed_layers).
    Raises UserError when the loss is no longer a number.
    """
    device = next(network.parameters()).device
    images = images.to(device)
    labels = torch.from_numpy(np.unique(identities, return_inverse=True)[1]).to(device)
    network.train()
    describe, judge = distribute(network, objective)
    for step, batch in enumerate(islice(_batches(identities, config), done, config.steps), start=done):
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
            raise UserError(f"The loss is not a number at step {step + 1}; train with a smaller learning rate.")
        if not on_step(step + 1, value, rate):
            return


def _batches(identities: np.ndarray, config: TrainingConfig):
    if config.batches == "label_shuffled":
        return label_shuffled_batches(identities, config.batch_size, config.cap, config.seed)
    return identity_batches(identities, config.identities, config.images_per_identity, config.seed)
