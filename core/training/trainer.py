"""Train a run: read the data, build the network, train, validate, log, and save checkpoints."""

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

from core.config import NetworkConfig, TrainingConfig
from core.data.records import Dataset
from core.data.splits import Split
from core.evaluation.protocols import choose_protocol
from core.inference.backbone import backbone_of
from core.inference.checkpoint import Checkpoint
from core.jobs.job import FINISHED, RUNNING, STOPPED
from core.models.network import Network
from core.training.derived_networks import DerivedNetwork, average_last, scale_best
from core.training.distributed_layers import share_state
from core.training.distributed_processes import (
    any_of,
    from_first,
    is_first,
    refuse_difference,
    report_lost_process,
    share_errors,
)
from core.training.hardware import describe_machine
from core.training.initial_weights import build_fresh_network, load_initial_weights
from core.training.loop import make_optimiser, train
from core.training.objective import Objective
from core.training.resume_state import training_state
from core.training.run_folder import METRICS, VALIDATIONS, Run
from core.training.stop_signals import stop_on_signals
from core.training.teacher import describe_by_teacher
from core.training.training_data import TrainingData, fit_batches, read_training_data
from core.training.training_record import record_training

LOG_EVERY_STEPS = 10
BEST_METRIC = "validation recall@1"  # key in metrics.jsonl; it selects the best checkpoint and detects a plateau


def run_training(
    dataset: Dataset,
    split: Split,
    run: Run,
    network_config: NetworkConfig,
    config: TrainingConfig,
    device: str = "cpu",
    init: Path | None = None,
) -> str:
    """Train a run until its last step, Ctrl-C or SIGTERM.

    A run with checkpoints resumes from the newest. In a distributed training (core.training.distributed_processes)
    every process calls this function; only the first one reads and writes the run's folder.

    Args:
        dataset: The data set.
        split: The split of the data set to train on.
        run: The run folder, created before.
        network_config: The network to build.
        config: The training configuration.
        device: Device to train on, such as "cpu" or "cuda:0".
        init: Checkpoint to fine-tune from. It is ignored when the run has checkpoints.

    Returns:
        The state, "finished" or "stopped".

    Raises:
        UserError: The data cannot be used for training, or another process trains this run.
    """
    with ExitStack() as stack:
        with share_errors():
            if is_first():
                stack.enter_context(run.job.claim())
        return _run(dataset, split, run, network_config, config, device, init)


def _run(
    dataset: Dataset,
    split: Split,
    run: Run,
    network_config: NetworkConfig,
    config: TrainingConfig,
    device: str,
    init: Path | None,
) -> str:
    try:
        with share_errors():
            if is_first():
                run.write_status(state=RUNNING, step=run.newest_step(), steps=config.steps, message="")
            material = read_training_data(dataset, split, config, network_config.image_size)
            config = fit_batches(config, material.identities, dataset)
        refuse_difference("training images", lambda: material.fingerprint)
        network = build_fresh_network(network_config, config.seed).to(device)
        objective = Objective(config, material.people, network_config.descriptor).to(device)
        optimiser = make_optimiser(network, objective, config)
        teacher = describe_by_teacher(config.teacher, material.images, device) if config.teacher else None
        trainer = Trainer(run, material, network, objective, optimiser, config)
        with report_lost_process(), trainer.initialise(init), stop_on_signals(trainer):
            train(
                network,
                objective,
                optimiser,
                material.images,
                material.identities,
                config,
                trainer.on_step,
                trainer.step,
                trainer.validations,
                material.cameras,
                material.families,
                teacher,
            )
            if is_first() and trainer.step == config.steps:
                trainer.derive(material.images.cpu())
        return trainer.end()
    except Exception as error:
        if is_first():
            run.job.fail(error)
        raise


def split_of_run(run: Run, dataset: Dataset) -> Split:
    """Return the split of the data set that a run's configuration names."""
    return choose_protocol(dataset, run.data.get("protocol")).divide(dataset, run.data.get("split", 1))


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

        mAP decides here because it varies less than recall@1 when there are few probes.
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
        self.run.write_status(
            **{"best_checkpoint": name}, **{f"best_{name}": value for name, value in validation.items()}
        )

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
