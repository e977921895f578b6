"""What a training minimises: a loss of the batch's pairs, and if asked for more.

That is the classification of its people, and the same pairs as each part of the image alone sees them, since one part
may be enough for images that a network knows. Other networks ask each part for the person as well (PCB, Sun et al.,
ECCV 2018).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.config import TrainingConfig
from core.losses.binomial_deviance import binomial_deviance_loss
from core.losses.histogram import histogram_loss
from core.losses.normface import normface_loss


class Objective(nn.Module):
    """Descriptors (N, D) and labels (N,) in 0..people-1 -> scalar. Has weights only if people are classified.

    With `part_weight` descriptors are (N, 1 + P, D), as the network gives them with parts.
    """

    def __init__(self, config: TrainingConfig, people: int, descriptor: int):
        super().__init__()
        self.config = config
        if config.identity_weight:
            self.people = nn.Parameter(torch.randn(people, descriptor))

    def forward(self, descriptors: Tensor, labels: Tensor) -> Tensor:
        whole = descriptors[:, 0] if self.config.part_weight else descriptors
        loss = self._of_pairs(whole, labels)
        if self.config.part_weight:
            parts = descriptors[:, 1:]
            parts = F.normalize(parts - parts.mean(0), dim=2)  # a part's constant tells nobody apart
            losses = [self._of_pairs(part, labels) for part in parts.unbind(1)]
            loss = loss + self.config.part_weight * torch.stack(losses).mean()
        if self.config.identity_weight:
            loss = loss + self.config.identity_weight * normface_loss(whole, self.people, labels)
        return loss

    def _of_pairs(self, descriptors: Tensor, labels: Tensor) -> Tensor:
        if self.config.loss == "binomial_deviance":
            return binomial_deviance_loss(descriptors, labels, cost=self.config.cost)
        return histogram_loss(descriptors, labels, self.config.nodes)
