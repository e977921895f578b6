"""A run's folder: the truth about one training.

config.json     network, training, data
status.json     what it is doing (core.jobs.job, which also has its lock and its log)
metrics.jsonl   one JSON object a line, appended: loss, rate, speed, validation
validations.jsonl  likewise: what validation saw (core.training.validation)
tensorboard/    the same for TensorBoard
checkpoints/    000500/ ...: weights, configuration, metrics; the newest also holds the optimiser's
                state and whatever else a resumed training needs
evaluations/    a folder for each data set and protocol it was measured by
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from core.config import NetworkConfig, TrainingConfig, from_json, to_json
from core.errors import UserError
from core.evaluation.report import EVALUATIONS, Report
from core.folders import list_numbered, runs_folder
from core.inference.checkpoint import Checkpoint, find_checkpoint, load_checkpoint, save_checkpoint
from core.jobs.job import Job
from core.json_file import read_json, write_json
from core.models.network import Network
from core.training.objective import Objective
from core.training.resume_state import load_state

AVERAGED = "averaged"  # the checkpoint that is a mean of others (core.training.weight_averaging)
CONCENTRATED = "concentrated"  # the best one with a steeper spectrum (core.models.descriptor_pca)
TRAINING_STATE = "training.safetensors"
METRICS, VALIDATIONS = "metrics.jsonl", "validations.jsonl"


class Run:
    """Reads and writes one run folder."""

    def __init__(self, folder: Path, config: dict[str, Any] | None = None):
        """`config`: what config.json says, for a process that may not have the folder."""
        self.folder = folder
        self._config = config
        self.job = Job(folder, f"The run {folder} is being trained", "train.log")

    @classmethod
    def create(cls, folder: Path, network: NetworkConfig, training: TrainingConfig, data: dict[str, Any]) -> "Run":
        """A new run. Raises UserError if one of that name has a checkpoint, which could be lost, or is running.

        Paths in `data` are stored absolute, so that it can be resumed from any folder.
        """
        run = cls(folder)
        if run.checkpoints():
            raise UserError(f"The run {folder} exists; continue it with --resume or choose another --run NAME.")
        run.job.refuse_if_alive()
        (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
        data = data | {name: os.path.abspath(data[name]) for name in ("folder", "init") if data.get(name)}
        write_json(folder / "config.json", {"network": to_json(network), "training": to_json(training), "data": data})
        return run

    @classmethod
    def open(cls, folder: Path) -> "Run":
        if not (folder / "config.json").exists():
            raise UserError(f"There is no run {folder}; `python -m core runs` lists those that there are.")
        return cls(folder)

    @property
    def config(self) -> dict[str, Any]:
        return self._config or read_json(self.folder / "config.json")

    @property
    def configs(self) -> tuple[NetworkConfig, TrainingConfig]:
        path, config = str(self.folder / "config.json"), self.config
        return (
            from_json(NetworkConfig, config.get("network"), path),
            from_json(TrainingConfig, config.get("training"), path),
        )

    @property
    def data(self) -> dict[str, Any]:
        """What it is trained on (folder, protocol, split), from which weights it starts, and on what device."""
        return self.config.get("data", {})

    @property
    def status(self) -> dict[str, Any]:
        return self.job.read()

    @property
    def state(self) -> str:
        return self.job.state

    def write_status(self, **changes: Any) -> None:
        self.job.write(**changes)

    def append(self, name: str, **values: Any) -> None:
        """Add a row to a file of rows."""
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")

    def read(self, name: str) -> list[dict[str, Any]]:
        """All whole rows; one that was cut off or damaged is passed over."""
        path = self.folder / name
        rows = []
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []:
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
        return rows

    def forget_after(self, step: int) -> None:
        """Drop what was measured after the checkpoint from which the run goes on: it will be measured again."""
        for name in (METRICS, VALIDATIONS):
            kept = [json.dumps(row) + "\n" for row in self.read(name) if row["step"] <= step]
            temporary = self.folder / f"{name}.new"
            temporary.write_text("".join(kept), encoding="utf-8")
            os.replace(temporary, self.folder / name)

    def checkpoints(self) -> list[Path]:
        """Checkpoint folders, oldest first."""
        return list_numbered(self.folder / "checkpoints")

    def newest_step(self) -> int:
        """Steps behind the newest checkpoint, 0 if there is none."""
        return int(self.checkpoints()[-1].name) if self.checkpoints() else 0

    def save(self, step: int, checkpoint: Checkpoint, state: dict[str, torch.Tensor]) -> Path:
        """Write a numbered checkpoint in one step; what a resumed training needs is kept beside the newest only."""
        older = self.checkpoints()
        folder = self._replace(f"{step:06d}", checkpoint, state)
        for path in older:
            if path != folder:
                (path / TRAINING_STATE).unlink(missing_ok=True)
        return folder

    def save_derived(self, name: str, checkpoint: Checkpoint) -> Path:
        """Write a checkpoint beside the numbered ones: nothing goes on from it."""
        return self._replace(name, checkpoint)

    def _replace(self, name: str, checkpoint: Checkpoint, state: dict[str, torch.Tensor] | None = None) -> Path:
        folder = self.folder / "checkpoints" / name
        temporary = folder.with_name(f"{name}.new")
        shutil.rmtree(temporary, ignore_errors=True)
        save_checkpoint(checkpoint, temporary)
        if state is not None:
            save_file(state, temporary / TRAINING_STATE)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(temporary, folder)
        return folder

    def prune(self, keep_every: int, best: str | None) -> None:
        """Delete checkpoints but the newest, the best and every `keep_every` steps: 64 filters take 224 MB each."""
        for folder in self.checkpoints()[:-1]:
            if int(folder.name) % keep_every and folder.name != best:
                shutil.rmtree(folder)

    def load_newest(self, network: Network, objective: Objective, optimiser: torch.optim.Optimizer) -> int:
        """Put the newest whole checkpoint into all three; returns its step, 0 if there is none.

        Raises UserError if there are checkpoints, but none to go on from: to start anew would lose them.
        """
        for folder in reversed(self.checkpoints()):
            if (folder / TRAINING_STATE).exists():
                network.load_state_dict(load_checkpoint(folder).network.state_dict())
                load_state(load_file(folder / TRAINING_STATE), objective, optimiser)
                return int(folder.name)
        if self.checkpoints():
            raise UserError(
                f"No checkpoint of {self.folder} has a {TRAINING_STATE} to go on from; start another run with "
                f"--init {self.folder}."
            )
        return 0

    def best(self) -> Path:
        return find_checkpoint(self.folder)


def kept_in(checkpoint: Path, report: Report) -> Path:
    """Where the result of a checkpoint is kept: in its run's folder, which is made for a model without one."""
    checkpoint = checkpoint.resolve()
    if checkpoint.parent.name == "checkpoints" and (checkpoint.parents[1] / "config.json").exists():
        return checkpoint.parents[1] / EVALUATIONS / f"{report.name}-{checkpoint.name}"
    run = checkpoint if (checkpoint / "checkpoints").is_dir() else runs_folder() / checkpoint.name
    return run / EVALUATIONS / report.name
