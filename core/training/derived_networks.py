"""Networks that are derived from the checkpoints of a finished training."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from core.config import TrainingConfig
from core.inference.checkpoint import load_checkpoint
from core.models.descriptor_pca import scale_principal_axes
from core.models.network import Network
from core.training.run_folder import AVERAGED, CONCENTRATED, Run
from core.training.weight_averaging import average_checkpoints, list_late_checkpoints


@dataclass(frozen=True)
class DerivedNetwork:
    """A network with the name of its checkpoint, a title for the log, and entries of its metrics."""

    name: str
    title: str
    network: Network
    origin: dict[str, Any]


def average_last(run: Run, config: TrainingConfig, images: Tensor) -> DerivedNetwork | None:
    """Average the weights of the last checkpoints; None if there is only one.

    Args:
        run: The run.
        config: The training configuration.
        images: Training images, uint8 (N, 3, 160, 60), for the statistics of batch normalisation.
    """
    late = list_late_checkpoints(run, config)
    if len(late) < 2:
        return None
    steps = [int(folder.name) for folder in late]
    title = f"mean of {len(steps)} checkpoints from step {steps[0]:,} on"
    return DerivedNetwork(AVERAGED, title, average_checkpoints(late, images), {"averaged": steps})


def scale_best(run: Run, config: TrainingConfig, images: Tensor) -> DerivedNetwork | None:
    """Apply PCA power scaling to the best network; None if the configuration has none, or if it is applied already.

    Args:
        run: The run.
        config: The training configuration.
        images: Training images, uint8 (N, 3, 160, 60), whose descriptors give the principal axes.
    """
    power = config.pca_power
    if not power:
        return None
    best = load_checkpoint(run.best())
    if "concentrated" in best.metrics:  # a finished run was resumed
        return None
    origin = {name: value for name, value in best.metrics.items() if name in ("step", "averaged")}
    title = f"{run.best().name} with PCA power scaling (power {power:g})"
    network = scale_principal_axes(best.network, images, power)
    return DerivedNetwork(CONCENTRATED, title, network, origin | {"concentrated": power})
