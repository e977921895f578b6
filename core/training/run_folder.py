"""Read and write a run's folder, which holds everything about one training.

config.json        configuration of the network and the training, and the data
status.json        state and progress (core.jobs.job, which also defines the lock and the log)
metrics.jsonl      one JSON object per line, appended: loss, learning rate, speed, validation metrics
validations.jsonl  one JSON object per line, appended: histograms and examples (core.training.validation)
tensorboard/       the metrics for TensorBoard
checkpoints/       000500/ ...: weights, configuration and metrics; the newest also holds the state of the optimiser
                   and of the objective, for resuming
evaluations/       one folder per data set and protocol that the run was evaluated on
"""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from core.atomic_files import name_in_errors, replace_file, sync_files
from core.config import NetworkConfig, TrainingConfig
from core.config_values import from_json, to_json
from core.data.addresses import absolute_address
from core.errors import UserError
from core.folders import list_numbered
from core.inference.checkpoint import Checkpoint, find_checkpoint, load_checkpoint, save_checkpoint
from core.jobs.job import Job
from core.json_file import read_json, write_json
from core.models.network import Network
from core.read_only import refuse_if_read_only
from core.training.objective import Objective
from core.training.resume_state import load_state

AVERAGED = "averaged"  # checkpoint with averaged weights (core.training.weight_averaging)
CONCENTRATED = "concentrated"  # best checkpoint with PCA power scaling (core.models.descriptor_pca)
MAX_NAME_BYTES = 200  # of a run's name; file systems allow 255
TRAINING_STATE = "training.safetensors"
METRICS, VALIDATIONS = "metrics.jsonl", "validations.jsonl"


def run_folder(root: Path, name: str) -> Path:
    """Return the folder of a run with a name, which may not lead out of the folder of runs.

    Raises:
        UserError: If the name is not that of a single folder.
    """
    is_plain = name.isprintable() and not set(name) & set('/\\:*?"<>|') and not name.startswith((".", "~", " "))
    if not is_plain or not name or name.endswith((" ", ".")) or len(name.encode()) > MAX_NAME_BYTES:
        raise UserError(f"{name!r} cannot be a run's name; use letters, digits, spaces or any of . + - _.")
    return root / name


def with_absolute_teacher(training: TrainingConfig) -> TrainingConfig:
    """Return the configuration with the absolute path of its teacher, if it has one."""
    return replace(training, teacher=os.path.abspath(training.teacher)) if training.teacher else training


class Run:
    """Reads and writes one run folder."""

    def __init__(self, folder: Path, config: dict[str, Any] | None = None):
        """Open a run folder, which need not exist.

        Args:
            folder: The run's folder.
            config: The content of config.json, for a process that may not have access to the folder.
        """
        self.folder = folder
        self._config = config
        self.job = Job(folder, f"The run {folder} is being trained", "train.log")

    @classmethod
    def create(cls, folder: Path, network: NetworkConfig, training: TrainingConfig, data: dict[str, Any]) -> "Run":
        """Create a run folder.

        Args:
            folder: The run's folder; its name is the run's name.
            network: Configuration of the network.
            training: Configuration of the training.
            data: Folder, protocol and split of the data, and the checkpoint `init` if there is one. Paths are stored
                absolute, as that of the teacher, so that the run can be resumed from any folder.

        Raises:
            UserError: A run of this name has a checkpoint, which would be overwritten, or is running.
        """
        refuse_if_read_only()
        run = cls(folder)
        if run.checkpoints():
            raise UserError(f"The run {folder} exists. Resume it with --resume, or choose another --run NAME.")
        run.job.refuse_if_alive()
        (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
        paths = {"folder": absolute_address(data.get("folder", "")), "init": os.path.abspath(data.get("init") or "")}
        data = data | {name: path for name, path in paths.items() if data.get(name)}
        training = with_absolute_teacher(training)
        write_json(folder / "config.json", {"network": to_json(network), "training": to_json(training), "data": data})
        return run

    @classmethod
    def open(cls, folder: Path) -> "Run":
        """Open an existing run.

        Raises:
            UserError: The folder is not a run.
        """
        if not (folder / "config.json").exists():
            raise UserError(f"There is no run {folder}. `python -m core runs` lists all runs.")
        return cls(folder)

    @property
    def config(self) -> dict[str, Any]:
        """The content of config.json."""
        return self._config or read_json(self.folder / "config.json")

    @property
    def configs(self) -> tuple[NetworkConfig, TrainingConfig]:
        """The configurations of the network and of the training."""
        path, config = str(self.folder / "config.json"), self.config
        return (
            from_json(NetworkConfig, config.get("network"), path),
            from_json(TrainingConfig, config.get("training"), path),
        )

    @property
    def data(self) -> dict[str, Any]:
        """The folder, protocol and split of the data, and the checkpoint `init` if there is one."""
        return self.config.get("data", {})

    @property
    def status(self) -> dict[str, Any]:
        """The content of status.json."""
        return self.job.read()

    @property
    def state(self) -> str:
        """The state of the job (core.jobs.job)."""
        return self.job.state

    def write_status(self, **changes: Any) -> None:
        """Change fields of status.json."""
        self.job.write(**changes)

    def append(self, name: str, **values: Any) -> None:
        """Append a row to a .jsonl file of the folder."""
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")

    def read(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a .jsonl file; truncated and damaged rows are skipped."""
        path = self.folder / name
        rows = []
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []:
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
        return rows

    def delete_rows_after(self, step: int) -> None:
        """Delete the rows after a step, because the resumed run measures these steps again."""
        for name in (METRICS, VALIDATIONS):
            kept = [json.dumps(row) + "\n" for row in self.read(name) if row["step"] <= step]
            with replace_file(self.folder / name) as temporary:
                temporary.write_text("".join(kept), encoding="utf-8")

    def checkpoints(self) -> list[Path]:
        """Return the numbered checkpoint folders, oldest first."""
        return list_numbered(self.folder / "checkpoints")

    def newest_step(self) -> int:
        """Return the step of the newest checkpoint, 0 if there is none."""
        return int(self.checkpoints()[-1].name) if self.checkpoints() else 0

    def save(self, step: int, checkpoint: Checkpoint, state: dict[str, torch.Tensor]) -> Path:
        """Write a numbered checkpoint atomically, with the state for resuming; delete that state from older ones."""
        older = self.checkpoints()
        folder = self._replace(f"{step:06d}", checkpoint, state)
        for path in older:
            if path != folder:
                (path / TRAINING_STATE).unlink(missing_ok=True)
        return folder

    def save_derived(self, name: str, checkpoint: Checkpoint) -> Path:
        """Write a named checkpoint, from which the run does not resume."""
        return self._replace(name, checkpoint)

    def _replace(self, name: str, checkpoint: Checkpoint, state: dict[str, torch.Tensor] | None = None) -> Path:
        folder = self.folder / "checkpoints" / name
        temporary = folder.with_name(f"{name}.new")
        shutil.rmtree(temporary, ignore_errors=True)
        try:
            with name_in_errors(folder):
                save_checkpoint(checkpoint, temporary)
                if state is not None:
                    with replace_file(temporary / TRAINING_STATE) as file:
                        save_file(state, file)
                sync_files(temporary)
        except OSError:
            shutil.rmtree(temporary, ignore_errors=True)  # a full disk needs the space
            raise
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(temporary, folder)
        return folder

    def prune(self, keep_every: int, best: str | None) -> None:
        """Delete all checkpoints except the newest, the best and those of every `keep_every` steps.

        A checkpoint with 64 filters takes 224 MB.
        """
        for folder in self.checkpoints()[:-1]:
            if int(folder.name) % keep_every and folder.name != best:
                shutil.rmtree(folder)

    def load_newest(self, network: Network, objective: Objective, optimiser: torch.optim.Optimizer) -> int:
        """Load the newest complete checkpoint into the network, the objective and the optimiser.

        Returns:
            The checkpoint's step, 0 if the run has no checkpoint.

        Raises:
            UserError: The run has checkpoints, but none with the state for resuming. Starting again from step 0 would
                overwrite them.
        """
        for folder in reversed(self.checkpoints()):
            if (folder / TRAINING_STATE).exists():
                network.load_state_dict(load_checkpoint(folder).network.state_dict())
                load_state(self._read_state(folder / TRAINING_STATE), objective, optimiser)
                return int(folder.name)
        if self.checkpoints():
            raise UserError(
                f"The run {self.folder} cannot be resumed: no checkpoint has a {TRAINING_STATE}. Start another run "
                f"with --init {self.folder}."
            )
        return 0

    def _read_state(self, file: Path) -> dict[str, torch.Tensor]:
        try:
            return load_file(file)
        except SafetensorError as error:
            raise UserError(
                f"The run {self.folder} cannot be resumed: {file} is damaged ({error}). Start another run with "
                f"--init {file.parent}."
            ) from None

    def best(self) -> Path:
        """Return the folder of the best checkpoint."""
        return find_checkpoint(self.folder)
