"""What a training minimises: a loss of the batch's pairs, and if asked for the classification of its people."""

import torch
from torch import Tensor, nn

from core.config import TrainingConfig
from core.losses.binomial_deviance import binomial_deviance_loss
from core.losses.histogram import histogram_loss
from core.losses.identity import identity_loss


class Objective(nn.Module):
    """Descriptors (N, D) and labels (N,) in 0..people-1 -> scalar. Has weights only if people are classified."""

    def __init__(self, config: TrainingConfig, people: int, descriptor: int):
        super().__init__()
        self.config = config
        if config.identity_weight:
            self.people = nn.Parameter(torch.randn(people, descriptor))

    def forward(self, descriptors: Tensor, labels: Tensor) -> Tensor:
        if self.config.loss == "binomial_deviance":
            loss = binomial_deviance_loss(descriptors, labels, cost=self.config.cost)
        else:
            loss = histogram_loss(descriptors, labels, self.config.nodes)
        if self.config.identity_weight:
            loss = loss + self.config.identity_weight * identity_loss(descriptors, self.people, labels)
        return loss
