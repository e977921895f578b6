"""The objective of a training: a loss over pairs of descriptors, and optional additional losses.

`identity_weight` adds the classification of the training identities. `part_weight` adds the pair loss for the
descriptor of each part alone, so that the network does not rely on one part. Other networks also train each part by
itself (PCB, Sun et al., ECCV 2018). The mean over the batch is subtracted from the descriptors of a part. With
`camera_norm` it is the mean over the images of the same camera, as in batch normalisation: otherwise the difference
between cameras would stay in the descriptors of the parts.

With a teacher, the similarities of the batch are also compared with those of the teacher (distillation).
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.config import TrainingConfig
from core.losses.binomial_deviance import binomial_deviance_loss
from core.losses.distillation import distillation_loss
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
    only if it classifies identities. With `camera_norm` the images are in the order of the cameras, with the same
    number of images of each (`core.data.samplers.camera_batches`).
    """

    def __init__(self, config: TrainingConfig, people: int, descriptor: int):
        super().__init__()
        self.config = config
        if config.identity_weight:
            self.people = nn.Parameter(torch.randn(people, descriptor))

    def forward(self, descriptors: Tensor, labels: Tensor, teacher: Tensor | None = None) -> Tensor:
        """Compute the loss of a batch. `teacher` (N, T) has the teacher's descriptors, which distillation needs."""
        whole = descriptors[:, 0] if self.config.part_weight else descriptors
        loss = self._of_pairs(whole, labels)
        if self.config.part_weight:
            parts = F.normalize(self._centred(descriptors[:, 1:]), dim=2)
            losses = [self._of_pairs(part, labels) for part in parts.unbind(1)]
            loss = loss + self.config.part_weight * torch.stack(losses).mean()
        if self.config.identity_weight:
            loss = loss + self.config.identity_weight * normface_loss(whole, self.people, labels)
        if teacher is not None:
            loss = loss + self.config.teacher_weight * distillation_loss(whole, teacher)
        return loss

    def _centred(self, parts: Tensor) -> Tensor:
        """Subtract the mean of each part (N, P, D): a constant in a part carries no identity."""
        cameras = self.config.cameras_per_batch if self.config.camera_norm else 1
        by_camera = parts.unflatten(0, (cameras, -1))  # (G, N / G, P, D)
        return (by_camera - by_camera.mean(1, keepdim=True)).flatten(0, 1)

    def _of_pairs(self, descriptors: Tensor, labels: Tensor) -> Tensor:
        return PAIR_LOSSES[self.config.loss](descriptors, labels, self.config)
