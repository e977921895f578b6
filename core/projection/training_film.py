"""The content of a film of a training: for each checkpoint a map, score histograms and metrics of the same images."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.array_files import read_arrays
from core.atomic_files import replace_file
from core.data.datasets import read_dataset
from core.data.loading import load_images
from core.data.records import Record
from core.data.splits import select_identities
from core.errors import UserError
from core.evaluation.protocols import choose_protocol
from core.inference.checkpoint import load_checkpoint
from core.jobs.progress import ALIVE
from core.models.network import Network
from core.projection.linear_maps import align_map
from core.projection.projector import Projector
from core.training.run_folder import Run
from core.training.training_data import divide_people
from core.training.validation import Validation, pair_histograms

MAX_CHECKPOINTS, MAX_IMAGES, COLOURED_IDENTITIES, UMAP_NEIGHBOURS = 24, 600, 12, 15


@dataclass(frozen=True)
class Film:
    """A film of F frames, one per checkpoint, with N images.

    Attributes:
        run: Name of the run.
        whom: Description of the identities, for the caption.
        people: Identities of the images, (N,).
        coloured: Identities that have a colour of their own.
        steps: Steps of the frames, (F,).
        coordinates: UMAP coordinates, (F, N, 2).
        positive: Histograms of the scores of pairs of the same identity, (F, HISTOGRAM_NODES), from -1 to 1.
        negative: The same for pairs of different identities.
        figures: Rank-1 and mAP in percent, (F, 2); NaN if no probe has a true match.
    """

    run: str
    whom: str
    people: np.ndarray
    coloured: np.ndarray
    steps: np.ndarray
    coordinates: np.ndarray
    positive: np.ndarray
    negative: np.ndarray
    figures: np.ndarray

    @property
    def losses(self) -> np.ndarray:
        """The histogram loss, (F,): the probability that a negative pair scores as high as a positive pair."""
        return np.einsum("fn,fn->f", self.negative, self.positive.cumsum(1))

    @property
    def colours(self) -> np.ndarray:
        """The colour of each image, (N,): 0 for none, else the position of its identity in `coloured`, from 1."""
        return (self.people[:, None] == self.coloured[None, :]) @ np.arange(1, len(self.coloured) + 1)

    @property
    def heights(self) -> np.ndarray:
        """Both histograms, (2, F, HISTOGRAM_NODES), divided by the highest value of each frame."""
        both = np.stack([self.positive, self.negative])
        return both / np.maximum(both.max((0, 2)), 1e-12)[:, None]

    def words(self, frame: int) -> dict[str, str]:
        """Return the step, the loss and the known metrics of a frame as texts."""
        known = zip(("rank-1", "mAP"), self.figures[frame], strict=True)
        return {"step": f"{self.steps[frame]:,}", "loss": f"{self.losses[frame]:.3f}"} | {
            name: f"{value:.0f} %" for name, value in known if np.isfinite(value)
        }

    @property
    def caption(self) -> str:
        """A sentence that describes the points."""
        return (
            f"UMAP of {len(self.people):,} images of {len(set(self.people)):,} {self.whom}, "
            f"{len(self.coloured)} in colour"
        )

    def save(self, file: Path) -> None:
        """Write the film to an .npz file atomically."""
        with replace_file(file) as temporary:
            np.savez_compressed(temporary, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def open(cls, file: Path) -> "Film":
        """Read a film that `save` has written.

        Raises:
            UserError: The file is not a film.
        """
        try:
            arrays = read_arrays(file)
            found: dict[str, Any] = {field.name: arrays[field.name] for field in fields(cls)}
        except (OSError, ValueError, KeyError) as error:
            raise UserError(f"{file} is not a film made by `python -m core film`: {error}.") from None
        return cls(**found | {name: str(found[name]) for name in ("run", "whom")})


def make_film(run: Run, data: Path | None = None, progress: Callable[[float], None] = lambda share: None) -> Film:
    """Compute the film of a run from its initial network and its checkpoints.

    The images show identities that the run does not train on. UMAP starts each map from the previous one, and the map
    is then aligned with it, so that points move smoothly. The clusters come from the descriptors alone.

    Args:
        run: The run.
        data: Data set whose test identities are shown; by default the run's validation identities.
        progress: Called with the share of the work that is done, 0 to 1.

    Raises:
        UserError: The run has fewer than two checkpoints, a checkpoint is damaged, or the data are missing.
    """
    folders = choose_checkpoints(run)
    if len(folders) < 2:
        raise UserError(
            f"The run {run.folder.name} has {len(folders)} checkpoints, but a film needs two or more. Train more "
            "steps, or train with a smaller keep_every."
        )
    wanted, whom = choose_records(run, data)
    images, records = load_images(wanted, lambda source, reason: None, size=run.configs[0].image_size)
    if len(records) < 3:
        raise UserError(f"Only {len(records)} images for {run.folder.name} can be read, but a map needs three.")
    validation, people = Validation(images, records), np.array([record.identity for record in records])
    projector = Projector("umap", 2, min(UMAP_NEIGHBOURS, len(records) - 1))
    steps, histograms, figures = [], [], []
    maps: list[np.ndarray] = []
    for step, network in networks_of(run, folders):
        descriptors = validation.describe(network)
        maps.append(_next_map(projector, descriptors, maps[-1] if maps else None))
        look = validation.judge(descriptors)
        figures.append([look.figures["recall@1"], look.figures["mAP"]] if look else [np.nan, np.nan])
        histograms.append(pair_histograms(descriptors, records))
        steps.append(step)
        progress(len(steps) / (len(folders) + 1))
    names, counts = np.unique(people, return_counts=True)
    coloured = np.sort(names[np.argsort(-counts, kind="stable")[:COLOURED_IDENTITIES]])
    positive, negative = np.array(histograms, np.float32).swapaxes(0, 1)
    return Film(
        run.folder.name, whom, people, coloured, np.array(steps), np.array(maps), positive, negative, np.array(figures)
    )


def choose_checkpoints(run: Run) -> list[Path]:
    """Return evenly spaced checkpoints of a run, oldest first; of a training run only those that it will keep."""
    found = run.checkpoints()
    if run.state in ALIVE:
        found = [folder for folder in found if int(folder.name) % run.configs[1].keep_every == 0]
    indices = np.unique(np.linspace(0, len(found) - 1, min(len(found), MAX_CHECKPOINTS)).round().astype(int))
    return [found[index] for index in indices]


def choose_records(run: Run, data: Path | None = None) -> tuple[list[Record], str]:
    """Return the images of a film and a description of their identities.

    The identities are the run's validation identities. They are test identities if `data` is given, or if the run has
    no validation identities. About MAX_IMAGES images are returned at most.
    """
    from core.training.training_run import split_of_run  # imports TensorBoard, which is slow

    dataset = read_dataset(data or run.data.get("folder", ""))
    if data:
        split = choose_protocol(dataset).divide(dataset, 1)
    else:
        split = split_of_run(run, dataset)
        _, held_out = divide_people(split, run.configs[1])
        if len({record.identity for record in held_out}) > 1:
            return _limited(held_out), "validation identities"
    test = [record for record in (*split.query, *split.gallery) if record.is_labelled]
    return _limited(test), f"test identities of {dataset.name}"


def networks_of(run: Run, folders: list[Path]) -> Iterator[tuple[int, Network]]:
    """Yield step 0 with the initial network, then the step and the network of each checkpoint."""
    from core.training.initial_weights import build_fresh_network, load_initial_weights

    network_config, config = run.configs
    with torch.random.fork_rng(devices=[]):
        network = build_fresh_network(network_config, config.seed)
    with suppress(UserError):  # the initial weights may have been deleted
        if init := run.data.get("init"):
            load_initial_weights(network, Path(init))
        yield 0, network
    for folder in folders:
        yield int(folder.name), load_checkpoint(folder).network


def _next_map(projector: Projector, descriptors: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """Return the map (N, 2) of descriptors, aligned with the previous one; all zeros if all descriptors are equal."""
    if before is not None and not before.any():
        before = None
    try:
        coordinates = projector.fit(descriptors, start=before).coordinates
    except UserError:
        return np.zeros((len(descriptors), 2), np.float32)
    return coordinates - coordinates.mean(0) if before is None else align_map(coordinates, before)


def _limited(records: list[Record]) -> list[Record]:
    """Return all images of evenly spaced identities, about MAX_IMAGES images in all."""
    identities = sorted({record.identity for record in records})
    share = min(1.0, MAX_IMAGES / max(1, len(records)))
    indices = np.unique(np.linspace(0, len(identities) - 1, max(1, int(share * len(identities)))).round().astype(int))
    return select_identities(records, {identities[index] for index in indices}) if identities else []
