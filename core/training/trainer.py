"""The trainer of a run: it counts, logs, validates and saves the steps of a training."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from core.config import TrainingConfig
from core.inference.backbone import backbone_of
from core.inference.checkpoint import Checkpoint
from core.jobs.progress import FINISHED, STOPPED
from core.models.network import Network
from core.training.derived_networks import DerivedNetwork, average_last, scale_best
from core.training.distributed_layers import share_state
from core.training.distributed_processes import any_of, from_first, is_first
from core.training.hardware import describe_machine
from core.training.initial_weights import load_initial_weights
from core.training.objective import Objective
from core.training.resume_state import training_state
from core.training.run_folder import METRICS, VALIDATIONS, Run
from core.training.training_data import TrainingData
from core.training.training_record import record_training

LOG_EVERY_STEPS = 10
NO_VALIDATION = (
    "There is no validation: no identity is held out, or none of those has images of two cameras. The network of the "
    "last step, averaged and scaled if the settings say so, counts as the best."
)
BEST_METRIC = "validation recall@1"  # key in metrics.jsonl; it selects the best checkpoint and detects a plateau


class Trainer:
    """Counts, logs, validates and saves the steps of a training.

    In a distributed training every process has a trainer that counts. Only the first process's trainer does the rest.
    """

    def __init__(
        self,
        run: Run,
        material: TrainingData,
        network: Network,
        objective: Objective,
        optimiser: torch.optim.Optimizer,
        config: TrainingConfig,
    ):
        self.run, self.network, self.objective, self.optimiser = run, network, objective, optimiser
        self.config, self.validation, self.material = config, material.validation, material
        self.stopping = False
        self.step = 0
        self.validations: list[float] = []
        self.data = material.data | {"protocol": run.data.get("protocol")}

    @contextmanager
    def initialise(self, init: Path | None) -> Iterator[None]:
        """Load the newest checkpoint or else the weights of `init`, and keep the log and the progress bar open."""
        with ExitStack() as stack:
            self.step, self.validations = from_first(lambda: self._begin(init, stack))
            share_state(self.objective, self.optimiser)
            yield

    def _begin(self, init: Path | None, stack: ExitStack) -> tuple[int, list[float]]:
        run, config = self.run, self.config
        self.provenance = record_training(run, self.material, init)
        if init and not run.checkpoints():
            load_initial_weights(self.network, init)
        if init:
            self.data = self.data | backbone_of(init)
        self.done = done = run.load_newest(self.network, self.objective, self.optimiser)
        run.job.log(f"training {self.network.config.architecture} on {self.data['training']}, from step {done:,}")
        if not self.validation.is_possible:
            run.job.log(NO_VALIDATION)
            tqdm.write(NO_VALIDATION)
        run.delete_rows_after(done)
        self.seconds = run.status.get("seconds", 0.0)  # training time before this process
        self.started = time.perf_counter()
        self.writer = stack.enter_context(SummaryWriter(run.folder / "tensorboard", purge_step=done or None))
        self.bar = stack.enter_context(
            tqdm(total=config.steps, initial=done, desc=run.folder.name, unit="step", disable=None)
        )
        return done, [row[BEST_METRIC] for row in run.read(METRICS) if BEST_METRIC in row]

    def on_step(self, step: int, loss: float, rate: float) -> bool:
        """Log, validate and save after a step; return whether to continue."""
        self.step = step
        # a signal after this line stops the training one step later
        stopping = any_of(self.stopping or self.run.job.is_asked_to_stop)
        score = from_first(lambda: self._write(step, loss, rate, stopping))
        if score is not None:
            self.validations.append(score)
        return not stopping

    def derive(self, images: Tensor) -> None:
        """Derive networks from the checkpoints of a finished training, and validate them.

        Args:
            images: The training images, uint8 (N, 3, 160, 60), on the CPU.
        """
        for derive in (average_last, scale_best):  # the best checkpoint may be the average
            if derived := derive(self.run, self.config, images):
                self._try(derived)

    def _try(self, derived: DerivedNetwork) -> None:
        """Save a derived network; it becomes the best checkpoint if its validation mAP is at least the best so far.

        mAP decides here because it varies less than recall@1 when there are few probes. Without validation it becomes
        the best checkpoint, as the configuration asks for it.
        """
        network = derived.network.to(next(self.network.parameters()).device)
        look = self.validation.look(network)
        result = look.figures if look else None
        origin = {"step": self.step} | derived.origin
        self.run.save_derived(derived.name, self._checkpoint(network.eval(), result, origin))
        if result:
            self.run.job.log(f"{derived.title}: validation {format_validation(result)}")
            if result["mAP"] >= self.run.status.get("best_mAP", -1):
                self._is_now_best(derived.name, result)
        else:
            self.run.job.log(f"{derived.title}: the best checkpoint, without validation")
            self._is_now_best(derived.name, {})

    def end(self) -> str:
        """Write the final state, "finished" or "stopped", and return it."""
        state = FINISHED if self.step >= self.config.steps else STOPPED
        if is_first():
            self.run.job.log(f"{state} at step {self.step:,}")
            self.run.write_status(state=state, step=self.step)
        return state

    def _write(self, step: int, loss: float, rate: float, stopping: bool) -> float | None:
        """Log, validate and save in the first process; return the recall@1 if the step was validated."""
        self.bar.update()
        last = step == self.config.steps or stopping
        if step % LOG_EVERY_STEPS == 0 or last:
            speed = (step - self.done) * self.config.images_per_step / (time.perf_counter() - self.started)
            self.bar.set_postfix_str(f"loss {loss:.4f}, {speed:.0f} images/s")
            self._log(step, {"loss": loss, "learning_rate": rate, "images_per_second": round(speed, 1)})
            self.run.write_status(step=step, seconds=self.total_seconds())
        due = step % self.config.validate_every == 0 or step == self.config.steps
        look = self.validation.look(self.network) if due else None
        result = look.figures if look else None
        if look:
            self.run.append(VALIDATIONS, step=step, **look.to_json())
            self._log(step, {f"validation {name}": value for name, value in look.figures.items()})
            self.run.job.log(f"step {step:,}: loss {loss:.4f}, validation {format_validation(look.figures)}")
        best = result is not None and self._is_best(result)
        if step % self.config.checkpoint_every == 0 or last or best:
            checkpoint = self._checkpoint(self.network, result, {"step": step})
            self.run.save(step, checkpoint, training_state(self.objective, self.optimiser))
            if result and best:
                self._is_now_best(f"{step:06d}", result)
            self.run.prune(self.config.keep_every, self.run.status.get("best_checkpoint"))
        return result["recall@1"] if result else None

    def _checkpoint(self, network: Network, validation: dict[str, float] | None, origin: dict[str, Any]) -> Checkpoint:
        own, *ancestors = self.provenance.records
        own = replace(own, samples=origin["step"] * self.config.images_per_step)
        provenance = replace(self.provenance, records=(own, *ancestors))
        metrics = origin | {"training_seconds": round(self.total_seconds()), "machine": describe_machine(network)}
        metrics |= {"validation": validation} if validation else {}
        return Checkpoint(network, self.config, self.data, metrics, provenance)

    def _is_best(self, validation: dict[str, float]) -> bool:
        return validation["recall@1"] >= self.run.status.get("best_recall@1", -1)

    def _is_now_best(self, name: str, validation: dict[str, float]) -> None:
        self.run.write_status(best_checkpoint=name, **{f"best_{metric}": value for metric, value in validation.items()})

    def _log(self, step: int, values: dict[str, float]) -> None:
        self.run.append(METRICS, step=step, time=round(time.time(), 1), **values)
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def total_seconds(self) -> float:
        """Return the training time of the run in seconds, without the time between stop and resume."""
        return self.seconds + time.perf_counter() - self.started


def format_validation(figures: dict[str, float]) -> str:
    """Format the recall@1 and mAP of a validation, in percent."""
    return f"recall@1 {figures['recall@1']:.1f} %, mAP {figures['mAP']:.1f} %"
