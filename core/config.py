"""Configuration of networks and of training: frozen dataclasses, to JSON and back, and three presets."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, TypeVar

from core.errors import UserError

ARCHITECTURES = ("cnn", "b_cnn", "mr_bcnn")
IMAGE_ROWS, IMAGE_COLUMNS = 160, 60  # every image is resized to this (paper, section 4)
PART_ROWS = ((0, 60), (50, 110), (100, 160))  # the three overlapping stripes (authors' release)
SCHEDULES = ("step", "plateau", "one_cycle")
MAP_SIZE = 15  # a part's feature maps after two poolings of 60 x 60


@dataclass(frozen=True)
class NetworkConfig:
    """What a network is, and how it wants its images. The defaults are the authors' MR B-CNN."""

    architecture: str = "mr_bcnn"
    filters: int = 64  # C: of each convolution and each stream
    region_size: int = 5  # places along the side of a region; b_cnn always pools the whole map (15)
    descriptor: int = 500  # D
    dropout: float = 0.5  # on the region vectors, while training
    batch_norm: bool = False  # after each pooling and after the last layer; the authors have none
    normalise_regions: bool = False  # square root and unit length of each region's bilinear matrix
    normalise_images: bool = False  # each colour of each image to mean 0 and standard deviation 1
    instance_norm: bool = False  # beside batch_norm: half of conv1's maps are normalised image by image
    bgr: bool = True  # the authors read images with OpenCV, blue first
    mean: float = 0.0  # pixel values 0..255 enter the network as (value - mean) * scale
    scale: float = 1 / 256
    groups: int = 1  # of each stream's filters, side by side: a filter meets those of its own group alone

    def __post_init__(self):
        if self.architecture not in ARCHITECTURES:
            raise UserError(f"Unknown architecture {self.architecture!r}; choose one of {', '.join(ARCHITECTURES)}.")
        if self.region_size not in (1, 3, 5, 15):
            raise UserError(
                f"A region is 1, 3, 5 or 15 places wide (they divide a {MAP_SIZE} x {MAP_SIZE} map), "
                f"not {self.region_size}."
            )
        if self.filters < 1 or self.descriptor < 1:
            raise UserError(
                f"A network needs at least one filter and one descriptor number, not {self.filters} "
                f"and {self.descriptor}."
            )
        if self.groups < 1 or self.filters % self.groups or (self.groups > 1 and self.architecture == "cnn"):
            raise UserError(
                f"{self.filters} filters of a {self.architecture} cannot form {self.groups} equal groups; "
                "b_cnn and mr_bcnn can have a number of them that divides the filters."
            )
        if self.architecture == "b_cnn":
            object.__setattr__(self, "region_size", MAP_SIZE)


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained. The defaults are the authors' recipe (paper, section 4, and their release)."""

    preset: str = "paper"
    steps: int = 150_000
    seed: int = 0  # all randomness of a step is a function of (seed, step)
    # batches
    batches: str = "label_shuffled"  # the authors' layer; or "identities": P identities x K images
    batch_size: int = 128  # label_shuffled: images of a batch
    cap: int = 10  # label_shuffled: at most so many images of an identity in a row
    identities: int = 32  # P
    images_per_identity: int = 4  # K
    # optimisation: Adam with the L2 penalty in the gradient, on weights only
    learning_rate: float = 1e-4
    # divided by ten every `step_every` (release), or at a "plateau" of validation (paper, section 4: roughly every
    # 100,000 steps); or "one_cycle": up, then down to zero
    schedule: str = "step"
    step_every: int = 100_000
    patience: int = 20  # plateau: validations without a better one before the rate is divided
    warm_up: float = 0.1  # one_cycle: share of the steps on the way up
    weight_decay: float = 5e-4
    loss: str = "histogram"  # or "binomial_deviance", which the authors tried first
    nodes: int = 201  # of the histogram loss's histograms
    cost: float = 2.0  # binomial deviance: how much steeper negative pairs are judged
    identity_weight: float = 0.0  # of the classification of training people, beside the pairs
    part_weight: float = 0.0  # of the pairs as each part alone sees them, beside the whole image's
    precision: str = "float32"  # up to the descriptor; "bfloat16" is faster where processors have it
    # augmentation, each image for itself
    flip: bool = False  # left and right, with probability 1/2
    shift_rows: int = 0  # at most so many pixels up or down
    shift_columns: int = 0
    zoom: float = 0.0  # each side is stretched or shrunk by up to this share
    erase: float = 0.0  # probability that a random rectangle is painted over
    colour: float = 0.0  # strength of random exposure, contrast, saturation and colour cast
    grey: float = 0.0  # probability that the colours are taken away
    blur: float = 0.0  # of a standard deviation up to so many pixels
    noise: float = 0.0  # of a standard deviation up to so much, of values 0..255
    # watching
    validation_identities: int = 50  # of the training identities, held out to choose the best checkpoint
    validate_every: int = 500
    checkpoint_every: int = 500  # the newest is there to resume from, the best to be used
    keep_every: int = 10_000  # of the others these stay: the authors' snapshots
    average: float = 0.0  # share of the steps at the end whose kept checkpoints are averaged; 0: none
    pca_power: float = 0.0  # exponent of PCA power scaling, applied to the descriptors after training; 0: not applied

    def __post_init__(self):
        for name, choices in {
            "batches": ("label_shuffled", "identities"),
            "schedule": SCHEDULES,
            "loss": ("histogram", "binomial_deviance"),
            "precision": ("float32", "bfloat16"),
        }.items():
            if getattr(self, name) not in choices:
                raise UserError(f"{name} is {' or '.join(choices)}, not {getattr(self, name)!r}.")
        for name in (
            "steps",
            "batch_size",
            "cap",
            "identities",
            "step_every",
            "patience",
            "validate_every",
            "checkpoint_every",
            "keep_every",
        ):
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be at least 1, not {getattr(self, name)}.")
        if not 0 <= self.average <= 1:
            raise UserError(f"average is a share of the steps, from 0 to 1, not {self.average}.")
        if self.pca_power < 0:
            raise UserError(f"pca_power is an exponent of 0 or more, not {self.pca_power}.")
        if self.seed < 0:
            raise UserError(f"A seed is 0 or more, not {self.seed}.")
        if self.images_per_identity < 2:
            raise UserError(
                f"A batch needs at least 2 images of an identity to hold a pair, not {self.images_per_identity}."
            )
        if self.nodes < 2:
            raise UserError(f"A histogram needs at least 2 nodes, not {self.nodes}.")

    @property
    def images_per_step(self) -> int:
        return self.batch_size if self.batches == "label_shuffled" else self.identities * self.images_per_identity


def paper(architecture: str) -> tuple[NetworkConfig, TrainingConfig]:
    """The authors' recipe to the letter: 19.2 million images.

    `python -m core train DATA --preset paper`; days on two CPU cores, so meant for a GPU.
    """
    return NetworkConfig(architecture), TrainingConfig()


def fast(architecture: str) -> tuple[NetworkConfig, TrainingConfig]:
    """The same topology with today's training, a thirtieth of the images.

    `python -m core train DATA --preset fast`; about an hour on one CPU core with `--set precision=bfloat16`, where the
    processor has it. `docs/recipe.md` tells what was tried, and the cards of the checkpoints what came of it.
    """
    network = NetworkConfig(
        architecture,
        filters=16,
        dropout=0.2,
        batch_norm=True,
        normalise_regions=True,
        bgr=False,
        mean=0.45 * 255,
        scale=1 / (0.25 * 255),
    )
    training = TrainingConfig(
        preset="fast",
        steps=10_000,
        batches="identities",
        identities=16,
        learning_rate=1e-3,
        schedule="one_cycle",
        identity_weight=0.1,
        part_weight=0.5,
        flip=True,
        shift_rows=8,
        shift_columns=4,
        erase=0.3,
        colour=0.1,
        keep_every=500,
        average=0.3,
        pca_power=0.3,
    )
    return network, training


def demo(architecture: str) -> tuple[NetworkConfig, TrainingConfig]:
    """`fast`, cut to a visible success within three minutes on two CPU cores.

    `python -m core train assets/pedestrians --preset demo`: 3 minutes on one core, rank-1 80.3 %, mAP 72.0 %
    on its test people. The mean is of half of the steps, since so few checkpoints are kept.
    """
    network, training = fast(architecture)
    return network, replace(
        training,
        preset="demo",
        steps=200,
        identities=32,
        erase=0.2,
        validate_every=50,
        checkpoint_every=50,
        keep_every=50,
        average=0.5,
    )


OLD_NAMES = {"pictures": "images_per_identity", "normalise_pictures": "normalise_images", "concentrate": "pca_power"}

PRESETS = {"paper": paper, "fast": fast, "demo": demo}

Config = TypeVar("Config", NetworkConfig, TrainingConfig)


def to_json(config: NetworkConfig | TrainingConfig) -> dict[str, Any]:
    return asdict(config)


def from_json(kind: type[Config], values: Any, source: str = "the configuration") -> Config:
    """Build a `kind` from a JSON object. Raises UserError for an unknown key or a value of another type."""
    if not isinstance(values, dict):
        raise UserError(f"{source} should be a JSON object of {kind.__name__} fields, not {type(values).__name__}.")
    values = {OLD_NAMES.get(name, name): value for name, value in values.items()}
    known: dict[str, Any] = {field.name: field.type for field in fields(kind)}  # classes: no annotation above is quoted
    if unknown := sorted(set(values) - set(known)):
        raise UserError(f"{source} has an unknown key {unknown[0]!r}; known keys are {', '.join(known)}.")
    for name, value in values.items():
        expected = (int, float) if known[name] is float else known[name]
        if not isinstance(value, expected) or (isinstance(value, bool) and known[name] is not bool):
            raise UserError(f"{source}: {name} should be {known[name].__name__}, not {value!r}.")
    return kind(**values)


def set_fields(configs: Sequence[Any], assignments: Sequence[str]) -> list[Any]:
    """Configurations with fields replaced as written on a command line, `name=value`; each name belongs to one of them.

    Raises UserError for an unknown name or a value that is none.
    """
    changes: list[dict[str, Any]] = [{} for _ in configs]
    known: dict[str, tuple[Any, dict[str, Any]]] = {
        field.name: (field.type, change)
        for config, change in zip(configs, changes, strict=True)
        for field in fields(config)
    }
    for assignment in assignments:
        name, sign, text = assignment.partition("=")
        name = OLD_NAMES.get(name, name)
        if not sign or name not in known:
            raise UserError(f"--set takes NAME=VALUE, not {assignment!r}; names are {', '.join(known)}.")
        kind, change = known[name]
        try:
            change[name] = {"true": True, "false": False}[text.lower()] if kind is bool else kind(text)
        except (KeyError, ValueError):
            raise UserError(f"--set {name} takes {kind.__name__}, not {text!r}.") from None
    return [replace(config, **change) for config, change in zip(configs, changes, strict=True)]
