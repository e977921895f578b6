"""The learning rate of a step."""

import math

from core.config import TrainingConfig


def learning_rate(step: int, config: TrainingConfig) -> float:
    """Rate for the step that has `step` steps behind it.

    `step`: divided by ten every `step_every` steps (the authors' policy). `one_cycle`: along half a cosine from a
    25th of the rate up to it during the warm-up, then down to zero at the end (Smith 2018).
    """
    if config.schedule == "step":
        return config.learning_rate * 0.1 ** (step // config.step_every)
    warm_up = max(1.0, config.warm_up * config.steps)
    if step < warm_up:
        low = config.learning_rate / 25
        return low + (config.learning_rate - low) * (1 - math.cos(math.pi * step / warm_up)) / 2
    progress = (step - warm_up) / max(1.0, config.steps - warm_up)
    return config.learning_rate * (1 + math.cos(math.pi * min(1.0, progress))) / 2
