"""The objective of a training: a loss over pairs of descriptors, and optional additional losses.

`identity_weight` adds the classification of the training identities. `part_weight` adds the pair loss for the
descriptor of each part alone, so that the network does not rely on one part. Other networks also train each part by
itself (PCB, Sun et al., ECCV 2018).
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.config import TrainingConfig
from core.losses.binomial_deviance import binomial_deviance_loss
from core.losses.histogram import histogram_loss
from core.losses.normface import normface_loss

PAIR_LOSSES: dict[str, Callable[[Tensor, Tensor, TrainingConfig], Tensor]] = {  # by the names of core.config.CHOICES
    "histogram": lambda descriptors, labels, config: histogram_loss(descriptors, labels, config.nodes),
    "binomial_deviance": lambda descriptors, labels, config: binomial_deviance_loss(
        descriptors, labels, cost=config.cost
    ),
}


class Objective(nn.Module):
    """Computes the loss, a scalar, from descriptors (N, D) and labels (N,) in 0..people-1.

    With `part_weight` the descriptors are (N, 1 + P, D): the image's and those of its parts. The objective has weights
    only if it classifies identities.
    """

    def __init__(self, config: TrainingConfig, people: int, descriptor: int):
        super().__init__()
        self.config = config
        if config.identity_weight:
            self.people = nn.Parameter(torch.randn(people, descriptor))

    def forward(self, descriptors: Tensor, labels: Tensor) -> Tensor:
        """Compute the loss of a batch."""
        whole = descriptors[:, 0] if self.config.part_weight else descriptors
        loss = self._of_pairs(whole, labels)
        if self.config.part_weight:
            parts = descriptors[:, 1:]
            parts = F.normalize(parts - parts.mean(0), dim=2)  # a constant in a part carries no identity
            losses = [self._of_pairs(part, labels) for part in parts.unbind(1)]
            loss = loss + self.config.part_weight * torch.stack(losses).mean()
        if self.config.identity_weight:
            loss = loss + self.config.identity_weight * normface_loss(whole, self.people, labels)
        return loss

    def _of_pairs(self, descriptors: Tensor, labels: Tensor) -> Tensor:
        return PAIR_LOSSES[self.config.loss](descriptors, labels, self.config)
