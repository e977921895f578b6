"""Configurations of networks and trainings: frozen dataclasses whose values are checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from core.errors import UserError
from core.geometry import PAPER, Geometry, halves

MOBILE = "mobile_bcnn"  # the architecture with a pretrained backbone
PAPER_ARCHITECTURES = ("cnn", "b_cnn", "mr_bcnn")
ARCHITECTURES = (*PAPER_ARCHITECTURES, MOBILE)
IMAGE_ROWS, IMAGE_COLUMNS = PAPER.rows, PAPER.columns  # of every image (paper, section 4), except for mobile_bcnn
PART_ROWS = PAPER.part_rows
CHOICES = {  # field of TrainingConfig -> its values
    "batches": ("identities", "cameras", "families", "label_shuffled"),
    "loss": ("histogram", "binomial_deviance"),
    "schedule": ("one_cycle", "step", "plateau"),
    "precision": ("float32", "bfloat16"),
}
NETWORK_RANGES = {"dropout": (0, 0.99)}  # field of NetworkConfig -> its smallest and largest value
TRAINING_RANGES = {  # the same for TrainingConfig
    **dict.fromkeys(("steps", "cap", "step_every", "patience"), (1, inf)),
    **dict.fromkeys(("validate_every", "checkpoint_every", "keep_every"), (1, inf)),
    **dict.fromkeys(("batch_size", "identities", "images_per_identity", "nodes"), (2, inf)),  # a batch needs pairs
    **dict.fromkeys(("weight_decay", "cost", "identity_weight", "part_weight", "teacher_weight"), (0, inf)),
    **dict.fromkeys(("shift_rows", "shift_columns", "colour", "blur", "noise"), (0, inf)),
    **dict.fromkeys(("learning_rate", "validation_identities", "pca_power"), (0, inf)),
    **dict.fromkeys(("warm_up", "erase", "grey", "average"), (0, 1)),  # shares and probabilities
    "zoom": (0, 0.9),
    "seed": (0, 10**13),  # torch takes seeds of 64 bits; each step has its own (core.training.loop)
}
IMAGES_FOR_CAMERA_NORM = 8  # fewer images of a camera give no reliable mean and variance
MAP_SIZE = PAPER.map_size  # 60 after two poolings by 2
BACKBONE_FILE = "backbone.json"  # in a folder of backbone weights (core.inference.backbone)
BACKBONE_STRIDE = 16  # mobile_bcnn: pixels along a side of a location
BACKBONE_LAYERS = 14  # layers of the backbone: one convolution and 13 blocks
MOBILE_FIELDS = ("image_columns", "frozen_layers", "backbone_width")  # fields of NetworkConfig for mobile_bcnn only


@dataclass(frozen=True)
class NetworkConfig:
    """Architecture of a network and preparation of its images. The defaults are those of the authors' MR B-CNN."""

    architecture: str = "mr_bcnn"
    filters: int = 64  # C, of each convolution and each stream
    region_size: int = 0  # locations along a side of a region; 0: 5, and 2 for mobile_bcnn. b_cnn always has 15
    descriptor: int = 500  # D, the length of a descriptor
    dropout: float = 0.5  # probability of dropout on the region vectors, in training only
    batch_norm: bool = False  # after each max-pooling and after the last layer; the authors use none
    normalise_regions: bool = False  # signed square root and L2 normalisation of each region's bilinear matrix
    normalise_images: bool = False  # each channel of each image has mean 0 and standard deviation 1
    instance_norm: bool = False  # half of conv1's filters have instance normalisation, the others batch normalisation
    bgr: bool = True  # channels in the order blue, green, red; the authors read images with OpenCV
    mean: float = 0.0  # a pixel value 0..255 enters the network as (value - mean) * scale
    scale: float = 1 / 256
    groups: int = 1  # groups of filters, one for each member of an ensemble; products are within a group only
    image_columns: int = 96  # mobile_bcnn: columns of an image, a multiple of 16; it has twice as many rows
    frozen_layers: int = 0  # mobile_bcnn: first layers of the backbone (of 14) that training does not change
    backbone_width: float = 1.0  # mobile_bcnn: factor of the backbone's numbers of filters; the released weights have 1

    def __post_init__(self):
        if self.architecture not in ARCHITECTURES:
            raise UserError(f"Unknown architecture {self.architecture!r}; choose one of {', '.join(ARCHITECTURES)}.")
        check_ranges(self, NETWORK_RANGES)
        self._complete()
        if self.image_columns < BACKBONE_STRIDE or self.image_columns % BACKBONE_STRIDE or self.backbone_width <= 0:
            raise UserError(
                f"image_columns must be a multiple of {BACKBONE_STRIDE} and backbone_width above 0, "
                f"not {self.image_columns} and {self.backbone_width:g}."
            )
        if not 0 <= self.frozen_layers <= BACKBONE_LAYERS:
            raise UserError(f"frozen_layers must be from 0 to {BACKBONE_LAYERS}, not {self.frozen_layers}.")
        sizes, map_size = self.geometry.region_sizes, self.geometry.map_size
        if self.region_size not in sizes:
            raise UserError(
                f"The region size must be {list_choices(sizes)}, which divide the "
                f"{map_size} x {map_size} feature map, not {self.region_size}."
            )
        if self.filters < 1 or self.descriptor < 1:
            raise UserError(
                f"The number of filters and the descriptor length must be at least 1, not {self.filters} "
                f"and {self.descriptor}."
            )
        if self.groups < 1 or self.filters % self.groups or (self.groups > 1 and self.architecture in ("cnn", MOBILE)):
            raise UserError(
                f"{self.filters} filters of the architecture {self.architecture} cannot form {self.groups} groups; "
                "only b_cnn and mr_bcnn can have groups, and their number must divide the number of filters."
            )

    def _complete(self) -> None:
        """Set the default region size, and the fields that the architecture fixes."""
        fixed: dict[str, Any] = {}
        if self.region_size == 0:
            fixed["region_size"] = 2 if self.architecture == MOBILE else 5
        if self.architecture == "b_cnn":
            fixed["region_size"] = MAP_SIZE
        if self.architecture == MOBILE:  # the backbone has batch normalisation, and its own preparation of images
            fixed |= {"batch_norm": True, "normalise_images": False, "instance_norm": False, "bgr": False}
            fixed |= {"mean": 0.0, "scale": 1.0}
        for name, value in fixed.items():
            object.__setattr__(self, name, value)

    @property
    def geometry(self) -> Geometry:
        """The sizes of the images, parts, feature maps and regions; each location of `cnn` counts as a region."""
        if self.architecture == MOBILE:
            return halves(self.image_columns, BACKBONE_STRIDE, self.region_size)
        return replace(PAPER, region_size=1 if self.architecture == "cnn" else self.region_size)

    @property
    def image_size(self) -> tuple[int, int]:
        """The rows and columns that images are resized to."""
        return self.geometry.rows, self.geometry.columns


def list_choices(values: Sequence[int]) -> str:
    """Return numbers as a text, such as "1, 3, 5 or 15"."""
    *first, last = map(str, values)
    return f"{', '.join(first)} or {last}" if first else last


def check_ranges(config: Any, ranges: Mapping[str, tuple[float, float]]) -> None:
    """Raise UserError if a field is outside its range, infinite or not a number."""
    for name, (low, high) in ranges.items():
        value = getattr(config, name)
        if not (low <= value <= high and value < inf):
            limits = f"at least {low:,}" if high == inf else f"from {low:,} to {high:,}"
            raise UserError(f"{name} must be {limits}, not {value}.")


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of a training. The defaults are those of the authors (paper, section 4, and their release)."""

    preset: str = "paper"
    steps: int = 150_000
    seed: int = 0  # all random choices of a step depend on (seed, step) only
    # batches
    # "label_shuffled": as the authors' layer. "identities": P identities with K images each. "cameras": the same, from
    # pairs of cameras: each identity has K / 2 images of both cameras of its pair. "families": as "identities", with
    # whole families of look-alikes in a batch.
    batches: str = "label_shuffled"
    batch_size: int = 128  # label_shuffled: number of images of a batch
    cap: int = 10  # label_shuffled: largest number of images of an identity in sequence
    identities: int = 32  # P
    images_per_identity: int = 4  # K
    cameras_per_batch: int = 2  # cameras: number of cameras of a batch, two for each pair
    camera_norm: bool = False  # cameras: batch normalisation uses the mean and variance of each camera in the batch
    # optimisation: Adam with the L2 penalty in the gradient, on weights only
    learning_rate: float = 1e-4
    # "step": the rate is divided by 10 every `step_every` steps (release). "plateau": it is divided by 10 when the
    # validation does not improve (paper, section 4: about every 100,000 steps). "one_cycle": it rises, then falls to 0.
    schedule: str = "step"
    step_every: int = 100_000
    patience: int = 20  # plateau: number of validations without improvement before the rate is divided
    warm_up: float = 0.1  # one_cycle: share of the steps in which the rate rises
    weight_decay: float = 5e-4
    loss: str = "histogram"  # or "binomial_deviance", which the authors used first
    nodes: int = 201  # nodes of the histograms of the histogram loss
    cost: float = 2.0  # binomial deviance: factor of the steepness for negative pairs
    identity_weight: float = 0.0  # weight of the identity classification in the loss
    part_weight: float = 0.0  # weight of the loss of each part's contribution to the embedding
    teacher: str = ""  # checkpoint whose similarities are learned (distillation); "": none
    teacher_weight: float = 10.0  # teacher: weight of the distillation in the loss
    precision: str = "float32"  # of all steps before the embedding; "bfloat16" is faster if the processor supports it
    # augmentation, independent for each image
    flip: bool = False  # mirror images, with probability 1/2
    shift_rows: int = 0  # largest shift in pixels, up or down
    shift_columns: int = 0  # largest shift in pixels, left or right
    zoom: float = 0.0  # largest relative change of the height and of the width
    erase: float = 0.0  # probability of random erasing
    colour: float = 0.0  # strength of colour jitter: exposure, contrast, saturation and colour cast
    grey: float = 0.0  # probability of a grey image
    blur: float = 0.0  # largest standard deviation of Gaussian blur, in pixels
    noise: float = 0.0  # largest standard deviation of normal noise on values 0..255
    # validation and checkpoints
    validation_identities: int = 50  # held out of the training identities to choose the best checkpoint
    validate_every: int = 500  # steps
    checkpoint_every: int = 500  # steps; the newest checkpoint (to resume) and the best one are kept
    keep_every: int = 10_000  # steps; these checkpoints are kept, too, like the authors' snapshots
    average: float = 0.0  # weight averaging: last share of the steps, whose kept checkpoints are averaged; 0: none
    pca_power: float = 0.0  # exponent of PCA power scaling, applied to the descriptors after training; 0: not applied

    def __post_init__(self):
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise UserError(f"{name} must be {' or '.join(choices)}, not {getattr(self, name)!r}.")
        check_ranges(self, TRAINING_RANGES)
        self._check_cameras()

    def _check_cameras(self) -> None:
        if self.camera_norm and self.batches != "cameras":
            raise UserError(f"camera_norm needs batches=cameras, not batches={self.batches}.")
        if self.batches != "cameras":
            return
        if self.cameras_per_batch < 2 or self.cameras_per_batch % 2:
            raise UserError(f"cameras_per_batch must be 2, 4, 6 or another even number, not {self.cameras_per_batch}.")
        if self.images_per_identity % 2:
            raise UserError(
                f"images_per_identity must be even for batches=cameras, not {self.images_per_identity}: half of the "
                "images are from each camera of a pair."
            )
        pairs = self.cameras_per_batch // 2
        if self.identities % pairs:
            raise UserError(
                f"identities must be a multiple of {pairs}, the pairs of cameras of a batch, not {self.identities}."
            )
        if self.identities < self.cameras_per_batch:
            raise UserError(
                f"identities must be at least {self.cameras_per_batch}, two for each pair of cameras, not "
                f"{self.identities}. Use more identities or fewer cameras_per_batch."
            )
        if self.camera_norm and self.images_per_camera < IMAGES_FOR_CAMERA_NORM:
            raise UserError(
                f"camera_norm needs at least {IMAGES_FOR_CAMERA_NORM} images of a camera in a batch, not "
                f"{self.images_per_camera}. Use more identities or fewer cameras_per_batch."
            )

    @property
    def images_per_camera(self) -> int:
        """The number of images of each camera in a batch of `cameras`."""
        return self.images_per_step // self.cameras_per_batch

    @property
    def images_per_step(self) -> int:
        """The number of images of a batch."""
        return self.batch_size if self.batches == "label_shuffled" else self.identities * self.images_per_identity
