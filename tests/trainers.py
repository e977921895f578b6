"""Trainings in processes of their own, forked from one that has imported torch already: a start takes no time."""

import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from core.cli.main import main
from core.config import NetworkConfig, TrainingConfig
from core.models.network import Network
from core.training.distributed_processes import join_process_group
from core.training.loop import make_optimiser, train
from core.training.objective import Objective

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["trainers", "core.training.training_run", "core.data.datasets", "core.galleries.update", "torch._dynamo"]
)
PATIENCE = 120  # seconds


def start(function: Callable, *arguments: Any, output: Path | None = None, **environment: str) -> BaseProcess:
    """Run a function in a process of its own; what it prints goes to `output`."""
    process = FORKS.Process(target=_run, args=(function, arguments, output, environment))
    process.start()
    return process


def start_ranks(ranks: int, function: Callable, *arguments: Any, output: Path | None = None) -> list[BaseProcess]:
    """Run a function in processes that train as one: torchrun would tell them the same."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    return [
        start(
            function,
            *arguments,
            output=output and output / str(rank),
            MASTER_ADDR="127.0.0.1",
            MASTER_PORT=port,
            WORLD_SIZE=str(ranks),
            RANK=str(rank),
            LOCAL_RANK=str(rank),
        )
        for rank in range(ranks)
    ]


def ended(*processes: BaseProcess) -> list[int | None]:
    """Wait for processes; their exit codes."""
    for process in processes:
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
    return [process.exitcode for process in processes]


def command(folder: Path, *arguments: str) -> int:
    """`python -m core`, given in a folder, where runs and galleries lie too."""
    os.chdir(folder)
    os.environ |= {f"MR_BCNN_{name.upper()}": str(folder / name) for name in ("runs", "galleries")}
    return main(list(arguments))


def mortal(folder: Path, life: int, *arguments: str) -> int:
    """`command`, in a process that kill -9 ends just before the `life`-th change of a file or folder below `runs`.

    What has been written of an unfinished checkpoint is cut in half, as if the file had been under way.
    """
    left = life

    def watch(event: str, given: tuple) -> None:
        nonlocal left
        left -= _is_change(event, given)
        if left == 0 and _is_change(event, given):
            for path in folder.glob("runs/*/checkpoints/*.new/*.safetensors"):
                os.truncate(path, path.stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    return command(folder, *arguments)


def _is_change(event: str, given: tuple) -> bool:
    if event == "open":  # path, mode, flags
        return "runs" in Path(str(given[0])).parts and bool(given[2] & (os.O_WRONLY | os.O_RDWR))
    if event in ("os.remove", "os.rmdir") and given[1] != -1:  # what is in a folder that is removed
        return True
    return event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir") and "runs" in Path(str(given[0])).parts


def steps(config: NetworkConfig, training: TrainingConfig, kind: torch.dtype, file: Path) -> None:
    """Train on noise; the weights and losses that are reached go to `file`, with the rank in its name."""
    rank = int(os.environ.get("RANK", 0))
    images = torch.randint(0, 256, (48, 3, 160, 60), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    torch.manual_seed(rank)  # all are to start with the weights of the first
    network, objective = Network(config).to(kind), Objective(training, 8, config.descriptor).to(kind)
    losses: list[float] = []

    def on_step(step: int, loss: float, rate: float) -> bool:
        losses.append(loss)
        return True

    with join_process_group():
        optimiser = make_optimiser(network, objective, training)
        train(network, objective, optimiser, images, np.arange(48) // 6, training, on_step)
    weights = network.state_dict() | {f"objective.{name}": value for name, value in objective.state_dict().items()}
    save_file(weights | {"losses": torch.tensor(losses)}, file.with_name(f"{file.name}.{rank}"))


def _run(function: Callable, arguments: tuple, output: Path | None, environment: dict[str, str]) -> None:
    torch.set_num_threads(1)
    os.environ.update(environment)
    if output:
        sys.stdout = sys.stderr = output.open("w", buffering=1)
    sys.exit(function(*arguments))
