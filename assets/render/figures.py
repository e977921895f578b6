"""Bodies, for `--vary bodies`: small and tall, thin and stout, as far apart as MakeHuman's shapes of adults go."""

from dataclasses import replace

import numpy as np


def reshape(person, own, family):
    """Identity -> Identity with another figure; the family has no say."""
    return replace(
        person,
        age=float(np.clip(own.normal(0.74, 0.13), 0.56, 1.0)),
        weight=float(np.clip(own.beta(2.0, 2.4), 0.02, 1.0)),
        muscle=float(own.uniform(0.1, 0.9)),
        height=float(np.clip(own.normal(0.37, 0.11), 0.1, 0.66)),
        proportions=float(own.uniform(0.15, 0.9)),
        stride=float(own.uniform(0.6, 1.2)),
        arm_swing=float(own.uniform(0.4, 1.5)),
    )
