"""The paper's experiments: the compared networks, the data sets, and the trainings they need."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.config import NetworkConfig, TrainingConfig
from core.config_values import set_fields
from core.data.cuhk03_mat import BOXES
from core.data.datasets import read_dataset
from core.data.records import Dataset
from core.errors import UserError
from core.evaluation.protocols import Protocol, choose_protocol
from core.folders import runs_folder
from core.paper.published import ARCHITECTURE_NAMES, TABLES
from core.presets import PRESETS
from core.training.run_folder import Run, with_absolute_teacher


@dataclass(frozen=True)
class Arm:
    """One of the networks that an experiment compares."""

    architecture: str
    region_size: int = 5

    @property
    def name(self) -> str:
        """The architecture, and the region size if it is not 5."""
        return self.architecture if self.region_size == 5 else f"{self.architecture}-{self.region_size}"


@dataclass(frozen=True)
class Experiment:
    """An experiment: the networks to compare, the layouts of the data and the protocol.

    Without layouts, any data can be used. Without a protocol, that of the data set is used.
    """

    caption: str
    arms: tuple[Arm, ...]
    layouts: tuple[str, ...] = ()
    preset: str = "fast"
    protocol: str | None = None


CNN, B_CNN, MR_B_CNN = Arm("cnn"), Arm("b_cnn"), Arm("mr_bcnn")
EXPERIMENTS = {
    **{name: Experiment(table.caption, (CNN, MR_B_CNN), (table.layout,)) for name, table in TABLES.items()},
    "figure3": Experiment("Figure 3. Recall@K of the three architectures", (CNN, B_CNN, MR_B_CNN)),
    "pooling": Experiment(
        "Region sizes 15, 5, 3 and 1 (paper, section 4)",
        (B_CNN, MR_B_CNN, Arm("mr_bcnn", 3), Arm("mr_bcnn", 1)),
    ),
    "boxes": Experiment(
        "Labeled and detected boxes of the same people of camera pair 1",
        (CNN, MR_B_CNN),
        ("cuhk03-labeled", "cuhk03-detected"),
        protocol="cuhk03-pair1",
    ),
    "demo": Experiment(
        "The three architectures on the rendered pedestrians, a quick run",
        (CNN, B_CNN, MR_B_CNN),
        ("market1501",),
        "demo",
    ),
}


@dataclass(frozen=True)
class Training:
    """One run of an experiment.

    It starts from random weights, from the weights of the checkpoint `init`, or from those of the training `first`.
    """

    arm: Arm
    dataset: Dataset
    protocol: Protocol
    split: int
    network: NetworkConfig
    config: TrainingConfig
    settings: tuple[str, ...] = ()  # other changed fields, `name=value` as on the command line
    init: Path | None = None
    first: "Training | None" = None

    @property
    def folder(self) -> Path:
        """The folder of the run. Its name contains everything that differs between trainings."""
        pieces = [self.dataset.name, self.protocol.name, f"split{self.split}", self.arm.name, self.config.preset]
        return runs_folder() / "-".join(dict.fromkeys([*pieces, *self.changes]))

    @property
    def changes(self) -> list[str]:
        """What differs from the preset, one name each: filters, steps, seed, other settings, and the start."""
        preset_network, preset = PRESETS[self.config.preset](self.arm.architecture)
        pieces = []
        if self.network.filters != preset_network.filters:
            pieces.append(f"{self.network.filters}filters")
        if self.config.steps != preset.steps:
            pieces.append(f"{self.config.steps}steps")
        if self.config.seed:
            pieces.append(f"seed{self.config.seed}")
        pieces += [setting.replace("/", "_") for setting in self.settings]  # a path, e.g. teacher=runs/wide
        if self.start:
            pieces.append(f"from-{self.start_name}")
        return pieces

    @property
    def start(self) -> Path | None:
        """The run or checkpoint whose weights the training starts from."""
        return self.first.folder if self.first else self.init

    @property
    def start_name(self) -> str:
        """The name of the start: the data set of `first`, or the name of `init`."""
        if self.first:
            return self.first.dataset.name
        return self.init.name.removesuffix(f"-{self.arm.architecture}") if self.init else ""

    @property
    def left(self) -> int:
        """The number of remaining steps.

        Raises:
            UserError: If a run in this folder has another configuration or started from other weights.
        """
        run = Run(self.folder)
        if (self.folder / "config.json").exists():
            network, config = run.configs
            if (network, with_absolute_teacher(config)) != (self.network, with_absolute_teacher(self.config)):
                raise UserError(
                    f"The run {self.folder} has another configuration than this experiment's. Move or delete it."
                )
            if "init" in run.data and run.data["init"] != os.path.abspath(self.start or ""):
                raise UserError(
                    f"The run {self.folder} started from the weights of {run.data['init']}, not from "
                    f"{self.start or 'random weights'}. Move or delete it."
                )
        return 0 if run.status.get("state") == "finished" else self.config.steps - run.newest_step()


def find_data(experiment: Experiment, folders: Sequence[Path]) -> list[Dataset]:
    """Find the data sets of an experiment in folders.

    Both detected and labeled boxes of CUHK03 are found where both exist, unless a folder is that of one kind of boxes.

    Raises:
        UserError: If no data set has one of the experiment's layouts.
    """
    found: dict[str, Dataset] = {}
    for folder in folders:
        dataset = read_dataset(folder)
        candidates = [dataset]
        if dataset.layout.startswith("cuhk03-") and folder.name.removeprefix("images_") not in BOXES:
            in_one_file = dataset.root.joinpath("cuhk-03.mat").is_file()
            names = BOXES if in_one_file else sorted(path.name for path in dataset.root.glob("images_*"))
            candidates = [read_dataset(dataset.root / name) for name in names]
        for candidate in candidates:
            if not experiment.layouts or candidate.layout in experiment.layouts:
                found[candidate.name] = candidate
    if not found:
        given = ", ".join(str(folder) for folder in folders)
        raise UserError(f"This experiment needs {' or '.join(experiment.layouts)} data, and {given} has none.")
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
    architectures: Sequence[str] | None = None,
) -> list[list[Training]]:
    """Plan the trainings of an experiment on a data set.

    Args:
        experiment: The experiment.
        dataset: The data set.
        preset: The preset, by default that of the experiment.
        splits: The number of splits, by default all of the protocol.
        filters: The number of filters, by default that of the preset.
        steps: The number of steps, by default that of the preset.
        seed: The seed.
        pretrain: A folder of CUHK03. The trainings start from a training on it, as in the paper for CUHK01.
        init: A checkpoint to start from. `{architecture}` in its path is replaced by the architecture.
        settings: Fields of the configurations, `name=value`.
        protocol: The name of the protocol, by default that of the experiment or of the data set.
        architectures: The architectures to train, by default all of the experiment.

    Returns:
        For each network, one training per split.

    Raises:
        UserError: If the experiment has none of the architectures.
    """
    chosen = choose_protocol(dataset, protocol or experiment.protocol)
    numbers = range(1, min(splits or chosen.splits, chosen.splits) + 1)
    source = read_dataset(pretrain) if pretrain and dataset.layout == "cuhk01" else None
    arms = []
    for arm in _chosen(experiment, architectures):
        network, config = PRESETS[preset or experiment.preset](arm.architecture)
        network = replace(network, filters=filters or network.filters, region_size=arm.region_size)
        config = replace(config, steps=steps or config.steps, seed=seed)
        network, config = set_fields((network, config), settings)
        options = (
            network,
            config,
            tuple(settings),
            Path(init.replace("{architecture}", arm.architecture)) if init else None,
        )
        first = Training(arm, source, choose_protocol(source), 1, *options) if source else None
        arms.append([Training(arm, dataset, chosen, number, *options, first) for number in numbers])
    return arms


def _chosen(experiment: Experiment, architectures: Sequence[str] | None) -> list[Arm]:
    """Return the networks of an experiment that have one of the architectures."""
    chosen = [arm for arm in experiment.arms if architectures is None or arm.architecture in architectures]
    if not chosen:
        names = ", ".join(dict.fromkeys(arm.architecture for arm in experiment.arms))
        raise UserError(f"This experiment has none of these architectures; it has {names}.")
    return chosen


def label(training: Training) -> str:
    """Return the name of a network in a table: the paper's name and the training's configuration."""
    name = ARCHITECTURE_NAMES[training.arm.architecture]
    if training.arm.region_size != 5:
        name += f" {training.arm.region_size} x {training.arm.region_size}"
    config = training.config
    start = f", from {training.start_name}" if training.start else ""
    return (
        f"{name} ({config.preset}, {training.network.filters} filters, "
        f"{config.steps * config.images_per_step:,} images{start})"
    )
