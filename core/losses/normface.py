"""Identity classification: a normalised softmax over the training identities, added to a loss over pairs.

Each training identity is a class with a learned direction. The directions are used in training only;
describing and comparing images do not need them. This loss gives every image a gradient at every step. The histogram
loss has a gradient only where the similarities of positive and negative pairs overlap.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

SCALE = 20.0  # factor of the cosines; without it a softmax over a thousand classes stays almost uniform
LABEL_SMOOTHING = 0.1  # share of the target that is spread over all identities (Szegedy et al., CVPR 2016)


def normface_loss(descriptors: Tensor, people: Tensor, labels: Tensor) -> Tensor:
    """Compute the cross-entropy of a softmax over scaled cosines, with smoothed labels.

    Half precision is computed in float32.

    Args:
        descriptors: (N, D), of any length.
        people: (I, D), the learned direction of each of the I training identities, of any length.
        labels: (N,), integers 0..I-1: the identity of each descriptor.

    Returns:
        A scalar.

    Source:
        Wang et al., "NormFace: L2 hypersphere embedding for face verification", 2017.
    """
    with torch.autocast(descriptors.device.type, enabled=False):
        cosines = F.normalize(descriptors.float(), dim=1) @ F.normalize(people.float(), dim=1).T
        return F.cross_entropy(SCALE * cosines, labels, label_smoothing=LABEL_SMOOTHING)
