"""The learning-rate schedules."""

import math
from collections.abc import Sequence

from core.config import TrainingConfig


def learning_rate(step: int, config: TrainingConfig, validations: Sequence[float] = ()) -> float:
    """Return the learning rate of a step.

    The field `schedule` of the configuration selects one of three schedules:

    - `step`: divide by ten every `step_every` steps (the authors' release).
    - `plateau`: divide by ten when the last `patience` validations were not better than the best one before them
      (paper, section 4).
    - `one_cycle`: rise along half a cosine from 1/25 of the rate to the rate during the warm-up, then fall to zero at
      the last step (Smith 2018).

    Args:
        step: Number of steps before this one.
        config: The training configuration.
        validations: The validation results before this step.
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
    """Count how often `patience` results in a row were not above the best result; each count starts a new row."""
    best, waited, count = -math.inf, 0, 0
    for value in validations:
        waited = 0 if value > best else waited + 1
        best = max(best, value)
        if waited == patience:
            waited, count = 0, count + 1
    return count
