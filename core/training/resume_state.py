"""What a resumed training needs beside the network, as flat tensors: safetensors instead of pickle.

`optimiser.<parameter number>.<entry>` is Adam's state, `objective.<name>` the objective's weights.
"""

import torch

from core.errors import UserError
from core.training.objective import Objective


def training_state(objective: Objective, optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Objective and optimiser as tensors by name, for `load_state`."""
    states = optimiser.state_dict()["state"]
    adam = {f"optimiser.{number}.{entry}": value for number, state in states.items() for entry, value in state.items()}
    return adam | {f"objective.{name}": value for name, value in objective.state_dict().items()}


def load_state(tensors: dict[str, torch.Tensor], objective: Objective, optimiser: torch.optim.Optimizer) -> None:
    """Raises UserError if the tensors are of another training."""
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
        raise UserError("The run was trained on other people: go on with the data it was started on.")
    objective.load_state_dict(weights)
