"""Train a run: read the data, build the network, and train it with a trainer that logs, validates and saves."""

from contextlib import ExitStack
from pathlib import Path

from core.config import NetworkConfig, TrainingConfig
from core.data.records import Dataset
from core.data.splits import Split
from core.evaluation.protocols import choose_protocol
from core.jobs.progress import RUNNING
from core.models.subnormals import flush_subnormals
from core.training.distributed_processes import is_first, refuse_difference, report_lost_process, share_errors
from core.training.initial_weights import build_fresh_network
from core.training.loop import make_optimiser, train
from core.training.objective import Objective
from core.training.run_folder import Run
from core.training.stop_signals import stop_on_signals
from core.training.teacher import describe_by_teacher
from core.training.trainer import Trainer
from core.training.training_data import fit_batches, read_training_data


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
    with flush_subnormals(), ExitStack() as stack:
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
            if is_first():
                run.write_status(images_per_step=config.images_per_step)  # less than asked for if the data are few
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
