"""The last layer in one byte a weight, for shipping: it is nearly all of a network's file.

A row of the layer, which makes one number of the descriptor, is rounded to 255 steps between its largest weight and
the opposite of it. A descriptor sums thousands of such products, whose errors cancel out.
"""

import torch
from torch import Tensor

WEIGHT_KEY = "linear.weight"
STEP_KEY = "linear.weight.step"  # of each row
MAX_INT8 = 127  # steps from zero


def quantise(weight: Tensor) -> dict[str, Tensor]:
    """The last layer's weight (D, K) -> what stands for it in a file: int8 (D, K), and the step of each row, (D,)."""
    step = weight.abs().amax(1).float().clamp(min=1e-30) / MAX_INT8
    return {WEIGHT_KEY: (weight / step[:, None]).round().to(torch.int8), STEP_KEY: step}


def dequantise(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """A file's tensors -> a network's state; those of a file without such steps, or with others, as they are."""
    weight, step = tensors.get(WEIGHT_KEY), tensors.get(STEP_KEY)
    if weight is None or step is None or step.shape != weight.shape[:1]:
        return tensors
    state = {name: value for name, value in tensors.items() if name != STEP_KEY}
    return state | {WEIGHT_KEY: weight.float() * step.float()[:, None]}
