"""Fitted comparison methods, LOMO with XQDA or with the null space, that describe images like a network.

Such a baseline is a folder like that of a checkpoint:

    weights.safetensors   the fitted method, as float16 where it is large
    config.json           the method, the length of its descriptors, and the training data
    provenance.json       the identities that it was fitted on
    card.md               the model card

XQDA and the null space compare points by their Euclidean distance. The points are centred, divided by the largest
distance of a training point from the centre, and lifted to unit length (core.inference.lifting).
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from PIL import ImageOps
from PIL.Image import Image
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from torch import Tensor

from core.atomic_files import replace_file
from core.baselines.lomo import LENGTH, lomo
from core.baselines.null_space import NullSpace
from core.baselines.xqda import XQDA
from core.errors import UserError
from core.inference.checkpoint import CARD, CONFIG, METRICS, WEIGHTS
from core.inference.lifting import lift, probes, rows
from core.inference.model import Model
from core.inference.provenance import Provenance, read_provenance, write_provenance
from core.json_file import read_json, write_json

METHODS = {"xqda": "LOMO + XQDA", "null-space": "LOMO + null space"}
BYTES_PER_IMAGE = 2 * LENGTH  # of a training image of the null space


@dataclass(frozen=True)
class FittedMethod:
    """What a baseline has in place of a `Checkpoint`."""

    data: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    provenance: Provenance | None = None
    training: None = None

    @property
    def training_images(self) -> int:
        """The number of training images."""
        return self.provenance.samples if self.provenance else 0


class Baseline(Model):
    """A fitted baseline that is ready to describe images. `load` opens one.

    Attributes:
        method: A key of METHODS.
        fitted: The fitted method.
        centre: (R,) the mean of the training points.
        scale: The number that the centred points are multiplied by.
    """

    lifts = True

    def __init__(
        self,
        method: str,
        fitted: XQDA | NullSpace,
        centre: np.ndarray,
        scale: float,
        about: FittedMethod | None = None,
        flip: bool = False,
    ):
        self.method, self.fitted, self.centre, self.scale = method, fitted, centre, scale
        self.checkpoint: Any = about or FittedMethod()
        self.device, self.flip = "cpu", flip
        self.prepare = both_ways if flip else one_way

    @property
    def network(self) -> NoReturn:  # type: ignore[override]
        """Not available.

        Raises:
            UserError: Always.
        """
        raise UserError(
            f"{METHODS[self.method]} is a comparison method, not a network: it has no regions and no weights to "
            "explain, adapt or export. Choose a network as the model."
        )

    @property
    def length(self) -> int:
        """The number of values of a descriptor."""
        return len(self.centre) + 1

    @property
    def configuration(self) -> dict[str, Any]:
        """The method, as results store it. Filters and region size are those of no network."""
        return {"architecture": f"lomo-{self.method}", "filters": 0, "region_size": 0}

    def describe_images(self, images: Tensor, batch_size: int = 128) -> np.ndarray:
        """Not available, because LOMO reads images of another size.

        Raises:
            UserError: Always.
        """
        return self.network

    def score(self, first: np.ndarray, second: np.ndarray) -> float:
        """Compute the score of two descriptors (D,), as a search does."""
        return float(probes(first[None])[0] @ rows(second[None])[0])

    def points(self, descriptors: np.ndarray) -> np.ndarray:
        """Convert LOMO descriptors (N, 26960) to points (N, R)."""
        return (self.fitted.transform(descriptors) - self.centre) * self.scale

    def _embed(self, images: Tensor) -> np.ndarray:
        return lift(np.mean([self.points(each.numpy()) for each in images.unbind(1)], axis=0))

    def save(self, folder: Path, terms: str) -> None:
        """Write the folder of the baseline.

        Args:
            folder: The folder; it is created if it is missing.
            terms: The terms of use for the model card.
        """
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {"centre": self.centre.astype(np.float32)}
        numbers = {"scale": float(self.scale)}
        if isinstance(self.fitted, XQDA):
            tensors["components"] = self.fitted.components_.astype(np.float16)
        else:
            tensors["images"] = self.fitted.images_.astype(np.float16)
            tensors["coefficients"] = self.fitted.coefficients_.astype(np.float32)
            numbers["width"] = self.fitted.width_
        with replace_file(folder / WEIGHTS) as temporary:
            save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, temporary)
        config = {"baseline": {"method": self.method, "descriptor": self.length, **numbers}}
        write_json(folder / CONFIG, config | {"data": self.checkpoint.data})
        write_json(folder / METRICS, self.checkpoint.metrics)
        if self.checkpoint.provenance:
            write_provenance(self.checkpoint.provenance, folder)
        card = write_card(folder.resolve().name, self, (folder / WEIGHTS).stat().st_size, terms)
        (folder / CARD).write_text(card, encoding="utf-8")

    @classmethod
    def open(cls, folder: Path, flip: bool = False) -> "Baseline":
        """Open a folder that `save` has written.

        Raises:
            UserError: If it is damaged.
        """
        config = read_json(folder / CONFIG)
        try:
            about, tensors = config["baseline"], load_file(folder / WEIGHTS)
            centre, scale = tensors["centre"], float(about["scale"])
            fitted: XQDA | NullSpace
            if about["method"] == "xqda":
                fitted = XQDA()
                fitted.components_ = tensors["components"].astype(np.float32)
            else:
                fitted = NullSpace()
                fitted.images_ = tensors["images"].astype(np.float32)
                fitted.coefficients_, fitted.width_ = tensors["coefficients"], float(about["width"])
            METHODS[about["method"]]
        except (OSError, SafetensorError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise UserError(f"{folder} is not a folder written by `python -m core baseline`: {error!r}.") from None
        metrics = read_json(folder / METRICS) if (folder / METRICS).exists() else {}
        known = FittedMethod(config.get("data", {}), metrics, read_provenance(folder))
        return cls(about["method"], fitted, centre, scale, known, flip)


def one_way(image: Image) -> np.ndarray:
    """Compute the LOMO descriptor of an image, (1, 26960)."""
    return lomo(image)[None]


def both_ways(image: Image) -> np.ndarray:
    """Compute the LOMO descriptors of an image and of its mirror image, (2, 26960)."""
    return np.stack([lomo(image), lomo(ImageOps.mirror(image))])


def write_card(name: str, baseline: Baseline, size: int, terms: str) -> str:
    """Return the text of `card.md`."""
    data, provenance = baseline.checkpoint.data, baseline.checkpoint.provenance
    not_used = data.get("images_not_used", 0)
    lines = [
        f"# {name}",
        "",
        f"{METHODS[baseline.method]}: a comparison method of the paper (Ustinova, Ganin, Lempitsky 2017). It is "
        f"not a network. It converts images of people to points of {baseline.length - 1:,} numbers, which are compared "
        "by their Euclidean distance.",
        "",
        "Use it to search in demonstration and research galleries. Do not use it to identify, track or judge people.",
        "",
        "## Training",
        "",
        f"- data: {data.get('name', 'unknown')}: {data.get('training', 'unknown')}"
        + (f"; {not_used:,} training images were not used" if not_used else ""),
        f"- file: {size / 1e6:.0f} MB"
        + ("" if baseline.method == "xqda" else f", {BYTES_PER_IMAGE / 1000:.0f} kB for each training image"),
        "",
        "## Provenance",
        "",
        *([f"- {record.sentence}" for record in provenance.records] if provenance else ["No record."]),
        "",
        "## Terms",
        "",
        terms,
        "",
    ]
    return "\n".join(lines)
