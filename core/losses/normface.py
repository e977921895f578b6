"""Identity classification: while training, each training person is also a class that the descriptor is to point at.

It goes with a metric loss and is thrown away with the training: descriptors and their comparison stay as they are. It
gives every image a gradient at every step, where the histogram loss has only the pairs that are still confused.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

SCALE = 20.0  # cosines lie in -1..1; times this a softmax over a thousand people can be sure of one
LABEL_SMOOTHING = 0.1  # share of the target that is spread over all people (Szegedy et al., CVPR 2016)


def normface_loss(descriptors: Tensor, people: Tensor, labels: Tensor) -> Tensor:
    """Descriptors (N, D), one direction a person (I, D), whose descriptor each is (N,) in 0..I-1 -> scalar.

    Cross-entropy of the softmax over scaled cosines (Wang et al., NormFace, 2017) with smoothed labels. Neither
    descriptors nor directions need unit length. Half precision is computed in float32.
    """
    with torch.autocast(descriptors.device.type, enabled=False):
        cosines = F.normalize(descriptors.float(), dim=1) @ F.normalize(people.float(), dim=1).T
        return F.cross_entropy(SCALE * cosines, labels, label_smoothing=LABEL_SMOOTHING)
