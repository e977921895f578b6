"""The state of the optimiser and of the objective as named tensors, for resuming.

The tensors are stored with safetensors instead of pickle. `optimiser.<parameter number>.<entry>` is Adam's state,
`objective.<name>` is a weight of the objective.
"""

import torch

from core.errors import UserError
from core.training.objective import Objective


def training_state(objective: Objective, optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Return the state of the objective and the optimiser as tensors by name, for `load_state`."""
    states = optimiser.state_dict()["state"]
    adam = {f"optimiser.{number}.{entry}": value for number, state in states.items() for entry, value in state.items()}
    return adam | {f"objective.{name}": value for name, value in objective.state_dict().items()}


def load_state(tensors: dict[str, torch.Tensor], objective: Objective, optimiser: torch.optim.Optimizer) -> None:
    """Load the tensors of `training_state`.

    Raises:
        UserError: The tensors belong to a training on other identities.
    """
    states: dict[int, dict[str, torch.Tensor]] = {}
    weights: dict[str, torch.Tensor] = {}
    for name, value in tensors.items():
        owner, _, rest = name.partition(".")
        if owner == "optimiser":
            number, entry = rest.split(".")
            states.setdefault(int(number), {})[entry] = value
        else:
            weights[rest] = value
    optimiser.load_state_dict({"state": states, "param_groups": optimiser.state_dict()["param_groups"]})
    shapes = {name: value.shape for name, value in objective.state_dict().items()}
    if shapes != {name: value.shape for name, value in weights.items()}:
        raise UserError("The run was trained on other identities. Resume it with the data that it was started with.")
    objective.load_state_dict(weights)
