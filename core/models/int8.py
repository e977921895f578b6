"""int8 weights of the last layer, which holds nearly all weights of a network, for smaller checkpoint files.

A row of the layer computes one number of the descriptor. Each row has one scale: its largest absolute weight divided by
127. A weight is stored as the nearest multiple of the scale. Each number of a descriptor is a sum of thousands of
products, so that most of the rounding errors cancel out.
"""

import torch
from torch import Tensor

WEIGHT_KEY = "linear.weight"
STEP_KEY = "linear.weight.step"  # the scale of each row
MAX_INT8 = 127


def quantise(weight: Tensor) -> dict[str, Tensor]:
    """Convert the weight of the last layer to int8.

    Args:
        weight: (D, K).

    Returns:
        The tensors to store: the int8 weight (D, K) and the scale of each row, float32 (D,).
    """
    step = weight.abs().amax(1).float().clamp(min=1e-30) / MAX_INT8
    return {WEIGHT_KEY: (weight / step[:, None]).round().to(torch.int8), STEP_KEY: step}


def dequantise(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Convert the tensors of a file to the state of a network.

    Args:
        tensors: All tensors of a file. They are returned unchanged if they hold no scales that fit the weight.
    """
    weight, step = tensors.get(WEIGHT_KEY), tensors.get(STEP_KEY)
    if weight is None or step is None or step.shape != weight.shape[:1]:
        return tensors
    state = {name: value for name, value in tensors.items() if name != STEP_KEY}
    return state | {WEIGHT_KEY: weight.float() * step.float()[:, None]}
