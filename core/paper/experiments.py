"""The paper's experiments as plans: which networks are compared, on which data, and the trainings that this takes."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.config import PRESETS, NetworkConfig, TrainingConfig, set_fields
from core.data.datasets import read_dataset
from core.data.records import Dataset
from core.errors import UserError
from core.evaluation.protocols import Protocol, choose_protocol
from core.folders import runs_folder
from core.paper.published import ARCHITECTURE_NAMES, TABLES
from core.training.run_folder import Run


@dataclass(frozen=True)
class Arm:
    """One network that takes part in an experiment."""

    architecture: str
    region_size: int = 5

    @property
    def name(self) -> str:
        return self.architecture if self.region_size == 5 else f"{self.architecture}-{self.region_size}"


@dataclass(frozen=True)
class Experiment:
    """What is compared, on which data. No layouts: on any data that training takes."""

    caption: str
    arms: tuple[Arm, ...]
    layouts: tuple[str, ...] = ()
    preset: str = "fast"


CNN, B_CNN, MR_B_CNN = Arm("cnn"), Arm("b_cnn"), Arm("mr_bcnn")
EXPERIMENTS = {
    **{name: Experiment(table.caption, (CNN, MR_B_CNN), (table.layout,)) for name, table in TABLES.items()},
    "figure3": Experiment("Figure 3. Recall@K of the three architectures", (CNN, B_CNN, MR_B_CNN)),
    "pooling": Experiment(
        "Pooling areas of 15, 5, 3 and 1 places a side (paper, section 4)",
        (B_CNN, MR_B_CNN, Arm("mr_bcnn", 3), Arm("mr_bcnn", 1)),
    ),
    "demo": Experiment(
        "The three architectures on the rendered pedestrians, in minutes",
        (CNN, B_CNN, MR_B_CNN),
        ("market1501",),
        "demo",
    ),
}


@dataclass(frozen=True)
class Training:
    """One run of an experiment. It starts from fresh weights, from those of the checkpoint `init`, or after `first`."""

    arm: Arm
    dataset: Dataset
    protocol: Protocol
    split: int
    network: NetworkConfig
    config: TrainingConfig
    settings: tuple[str, ...] = ()  # what was set otherwise than by name below, as on the command line
    init: Path | None = None
    first: "Training | None" = None

    @property
    def folder(self) -> Path:
        """Named by all that tells its result from another's."""
        usual_network, usual = PRESETS[self.config.preset](self.arm.architecture)
        pieces = [self.dataset.name, self.protocol.name, f"split{self.split}", self.arm.name, self.config.preset]
        if self.network.filters != usual_network.filters:
            pieces.append(f"{self.network.filters}filters")
        if self.config.steps != usual.steps:
            pieces.append(f"{self.config.steps}steps")
        if self.config.seed:
            pieces.append(f"seed{self.config.seed}")
        pieces += self.settings
        if self.start:
            pieces.append(f"from-{self.start_name}")
        return runs_folder() / "-".join(dict.fromkeys(pieces))

    @property
    def start(self) -> Path | None:
        """The run or checkpoint whose weights it starts from."""
        return self.first.folder if self.first else self.init

    @property
    def start_name(self) -> str:
        if self.first:
            return self.first.dataset.name
        return self.init.name.removesuffix(f"-{self.arm.architecture}") if self.init else ""

    @property
    def left(self) -> int:
        """Steps still to be trained. Raises UserError if a run of that name was trained, or started, in another way."""
        run = Run(self.folder)
        if (self.folder / "config.json").exists():
            if run.configs != (self.network, self.config):
                raise UserError(
                    f"The run {self.folder} has another configuration than this experiment's: move it away."
                )
            if "init" in run.data and run.data["init"] != os.path.abspath(self.start or ""):
                raise UserError(
                    f"The run {self.folder} started from the weights of {run.data['init']}, not from "
                    f"{self.start or 'fresh ones'}: move it away."
                )
        return 0 if run.status.get("state") == "finished" else self.config.steps - run.newest_step()


def find_data(experiment: Experiment, folders: Sequence[Path]) -> list[Dataset]:
    """The data sets below these folders that the experiment is about; both kinds of CUHK03's boxes where both are."""
    found: dict[str, Dataset] = {}
    for folder in folders:
        dataset = read_dataset(folder)
        candidates = [dataset]
        if dataset.layout.startswith("cuhk03-") and dataset.root.joinpath("cuhk-03.mat").is_file():
            candidates = [read_dataset(dataset.root / boxes) for boxes in ("labeled", "detected")]
        elif dataset.layout.startswith("cuhk03-"):
            candidates = [read_dataset(dataset.root / path.name) for path in sorted(dataset.root.glob("images_*"))]
        for candidate in candidates:
            if not experiment.layouts or candidate.layout in experiment.layouts:
                found[candidate.name] = candidate
    if not found:
        given = ", ".join(str(folder) for folder in folders)
        raise UserError(f"This experiment is about {' or '.join(experiment.layouts)} data, and {given} holds none.")
    return list(found.values())


def plan(
    experiment: Experiment,
    dataset: Dataset,
    preset: str | None = None,
    splits: int | None = None,
    filters: int | None = None,
    steps: int | None = None,
    seed: int = 0,
    pretrain: Path | None = None,
    init: str | None = None,
    settings: Sequence[str] = (),
    protocol: str | None = None,
) -> list[list[Training]]:
    """For each arm one training for each split.

    What is None is the preset's and the data's; `splits` takes the first so many. `pretrain` is a folder of CUHK03
    to start from, as the paper does for CUHK01; `init` a checkpoint to start from instead, in whose path
    `{architecture}` stands for the arm's. `settings` are fields of the configurations, `name=value`.
    """
    chosen = choose_protocol(dataset, protocol)
    numbers = range(1, min(splits or chosen.splits, chosen.splits) + 1)
    source = read_dataset(pretrain) if pretrain and dataset.layout == "cuhk01" else None
    arms = []
    for arm in experiment.arms:
        network, config = PRESETS[preset or experiment.preset](arm.architecture)
        network = replace(network, filters=filters or network.filters, region_size=arm.region_size)
        config = replace(config, steps=steps or config.steps, seed=seed)
        network, config = set_fields((network, config), settings)
        how = (
            network,
            config,
            tuple(settings),
            Path(init.replace("{architecture}", arm.architecture)) if init else None,
        )
        first = Training(arm, source, choose_protocol(source), 1, *how) if source else None
        arms.append([Training(arm, dataset, chosen, number, *how, first) for number in numbers])
    return arms


def label(training: Training) -> str:
    """How an arm is called in a table: the paper's name for it, and what it was trained with."""
    name = ARCHITECTURE_NAMES[training.arm.architecture]
    if training.arm.region_size != 5:
        name += f" {training.arm.region_size} x {training.arm.region_size}"
    config = training.config
    start = f", from {training.start_name}" if training.start else ""
    return (
        f"{name} ({config.preset}, {training.network.filters} filters, "
        f"{config.steps * config.images_per_step:,} images{start})"
    )
