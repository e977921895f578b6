"""The learning rate of a step."""

import math
from collections.abc import Sequence

from core.config import TrainingConfig


def learning_rate(step: int, config: TrainingConfig, validations: Sequence[float] = ()) -> float:
    """Rate for the step that has `step` steps, and these results of validation, behind it.

    `step`: divided by ten every `step_every` steps (the authors' release). `plateau`: divided by ten whenever the last
    `patience` validations brought nothing better than the best before them (paper, section 4). `one_cycle`: along half
    a cosine from a 25th of the rate up to it during the warm-up, then down to zero at the end (Smith 2018).
    """
    if config.schedule == "step":
        return config.learning_rate * 0.1 ** (step // config.step_every)
    if config.schedule == "plateau":
        return config.learning_rate * 0.1 ** plateaus(validations, config.patience)
    warm_up = max(1.0, config.warm_up * config.steps)
    if step < warm_up:
        low = config.learning_rate / 25
        return low + (config.learning_rate - low) * (1 - math.cos(math.pi * step / warm_up)) / 2
    progress = (step - warm_up) / max(1.0, config.steps - warm_up)
    return config.learning_rate * (1 + math.cos(math.pi * min(1.0, progress))) / 2


def plateaus(validations: Sequence[float], patience: int) -> int:
    """How often `patience` results in a row were not above the best; after each time the patience begins anew."""
    best, waited, count = -math.inf, 0, 0
    for value in validations:
        waited = 0 if value > best else waited + 1
        best = max(best, value)
        if waited == patience:
            waited, count = 0, count + 1
    return count
