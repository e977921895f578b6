"""The last layer in one byte a weight, for shipping: it is nearly all of a network's file.

A row of the layer, which makes one number of the descriptor, is rounded to 255 steps between its largest weight and
the opposite of it. A descriptor sums thousands of such products, whose errors cancel out.
"""

import torch
from torch import Tensor

WEIGHT = "linear.weight"
STEP = "linear.weight.step"  # of each row
MOST = 127  # steps from zero


def in_bytes(weight: Tensor) -> dict[str, Tensor]:
    """The last layer's weight (D, K) -> what stands for it in a file: int8 (D, K), and the step of each row, (D,)."""
    step = weight.abs().amax(1).float().clamp(min=1e-30) / MOST
    return {WEIGHT: (weight / step[:, None]).round().to(torch.int8), STEP: step}


def from_bytes(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """A file's tensors -> a network's state; those of a file without such steps, or with others, as they are."""
    weight, step = tensors.get(WEIGHT), tensors.get(STEP)
    if weight is None or step is None or step.shape != weight.shape[:1]:
        return tensors
    state = {name: value for name, value in tensors.items() if name != STEP}
    return state | {WEIGHT: weight.float() * step.float()[:, None]}
