"""How a run learned: the same images on a map of each of its checkpoints, and the similarities of their pairs."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch

from core.data.datasets import read_dataset
from core.data.loading import load_images
from core.data.records import DISTRACTOR, Record
from core.data.splits import of_people
from core.errors import UserError
from core.evaluation.protocols import choose_protocol
from core.inference.checkpoint import load_checkpoint
from core.jobs.job import ALIVE
from core.models.network import Network
from core.projection.projector import Projector, align_map
from core.training.run_folder import Run
from core.training.training_data import divide_people
from core.training.validation import Validation, pair_histograms

MAX_CHECKPOINTS, MAX_IMAGES, COLOURED_IDENTITIES, UMAP_NEIGHBOURS = 24, 600, 12, 15


@dataclass(frozen=True)
class Film:
    """F frames of N images.

    whom: what people they show, in words; people (N,): each of them; coloured: those who get a colour of their own.
    steps (F,); coordinates (F, N, 2) by UMAP; positive, negative (F, NODES): histograms of similarities, -1 to 1.
    figures (F, 2): rank-1 and mAP in percent, NaN where nobody can be found.
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
        """(F,): the histogram loss, i.e. the probability that a negative pair is as similar as a positive one."""
        return np.einsum("fn,fn->f", self.negative, self.positive.cumsum(1))

    @property
    def colours(self) -> np.ndarray:
        """(N,): 0 for those without a colour, else the place in `coloured`, from 1."""
        return (self.people[:, None] == self.coloured[None, :]) @ np.arange(1, len(self.coloured) + 1)

    @property
    def heights(self) -> np.ndarray:
        """(2, F, NODES): both histograms as shares 0..1 of the highest point of either, frame by frame."""
        both = np.stack([self.positive, self.negative])
        return both / np.maximum(both.max((0, 2)), 1e-12)[:, None]

    def words(self, frame: int) -> dict[str, str]:
        """The figures of a frame, as far as they are known."""
        known = zip(("rank-1", "mAP"), self.figures[frame], strict=True)
        return {"step": f"{self.steps[frame]:,}", "loss": f"{self.losses[frame]:.3f}"} | {
            name: f"{value:.0f} %" for name, value in known if np.isfinite(value)
        }

    @property
    def caption(self) -> str:
        """What the points are."""
        return (
            f"UMAP of {len(self.people):,} images of {len(set(self.people)):,} {self.whom}, "
            f"{len(self.coloured)} of them in colour"
        )

    def save(self, file: Path) -> None:
        """Write as .npz, in one step."""
        temporary = file.with_name(f".{os.getpid()}.{file.name}.npz")
        np.savez_compressed(temporary, **{field.name: getattr(self, field.name) for field in fields(self)})
        os.replace(temporary, file)

    @classmethod
    def open(cls, file: Path) -> "Film":
        """Raises UserError if it is not what `save` wrote."""
        try:
            with np.load(file, allow_pickle=False) as arrays:
                found = {field.name: arrays[field.name] for field in fields(cls)}
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise UserError(f"{file} is not a film made by `python -m core film`: {error}.") from None
        return cls(**found | {name: str(found[name]) for name in ("run", "whom")})


def make_film(run: Run, data: Path | None = None, progress: Callable[[float], None] = lambda share: None) -> Film:
    """Watch a run's checkpoints, and the network before any training, at images of people it does not learn.

    These are the run's validation people, or the test people of `data`. UMAP begins each map with the one before, which
    it is then turned to: clusters come from the descriptors alone, and points do not jump about.
    Raises UserError for fewer than two checkpoints, a damaged one, and data that are gone.
    """
    folders = checkpoints_to_watch(run)
    if len(folders) < 2:
        raise UserError(
            f"The run {run.folder.name} has {len(folders)} checkpoints and a film needs two or more: train "
            "further, or with a smaller keep_every."
        )
    wanted, whom = people_to_watch(run, data)
    images, records = load_images(wanted, lambda source, why: None)
    if len(records) < 3:
        raise UserError(f"{len(records)} images of {run.folder.name}'s people can be read, and a map needs three.")
    watched, people = Validation(images, records), np.array([record.identity for record in records])
    projector = Projector("umap", 2, min(UMAP_NEIGHBOURS, len(records) - 1))
    steps, histograms, figures = [], [], []
    maps: list[np.ndarray] = []
    for step, network in networks_of(run, folders):
        descriptors = watched.describe(network)
        maps.append(_next_map(projector, descriptors, maps[-1] if maps else None))
        look = watched.judge(descriptors)
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


def checkpoints_to_watch(run: Run) -> list[Path]:
    """Some of a run's checkpoints, evenly spread, oldest first; while it trains only those that it will keep."""
    found = run.checkpoints()
    if run.state in ALIVE:
        found = [folder for folder in found if int(folder.name) % run.configs[1].keep_every == 0]
    places = np.unique(np.linspace(0, len(found) - 1, min(len(found), MAX_CHECKPOINTS)).round().astype(int))
    return [found[place] for place in places]


def people_to_watch(run: Run, data: Path | None = None) -> tuple[list[Record], str]:
    """Images of the run's validation people, or else of test people, up to a limit; and what people they are."""
    from core.training.trainer import split_of_run  # imports TensorBoard, for which no page is to wait

    dataset = read_dataset(data or run.data.get("folder", ""))
    if data:
        split = choose_protocol(dataset).divide(dataset, 1)
    else:
        split = split_of_run(run, dataset)
        _, held_out = divide_people(split, run.configs[1])
        if len({record.identity for record in held_out}) > 1:
            return _limited(held_out), "people held out of the training"
    test = [record for record in (*split.query, *split.gallery) if record.identity not in ("", DISTRACTOR)]
    return _limited(test), f"test people of {dataset.name}"


def networks_of(run: Run, folders: list[Path]) -> Iterator[tuple[int, Network]]:
    """(0, as it began), then (steps, as it was then) of each checkpoint."""
    from core.training.initial_weights import build_fresh_network, load_initial_weights

    network_config, config = run.configs
    with torch.random.fork_rng(devices=[]):
        network = build_fresh_network(network_config, config.seed)
    with suppress(UserError):  # weights that it began with may be gone
        if init := run.data.get("init"):
            load_initial_weights(network, Path(init))
        yield 0, network
    for folder in folders:
        yield int(folder.name), load_checkpoint(folder).network


def _next_map(projector: Projector, descriptors: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """(N, 2); all in the middle where all descriptors are the same."""
    if before is not None and not before.any():
        before = None
    try:
        coordinates = projector.fit(descriptors, start=before).coordinates
    except UserError:
        return np.zeros((len(descriptors), 2), np.float32)
    return coordinates - coordinates.mean(0) if before is None else align_map(coordinates, before)


def _limited(records: list[Record]) -> list[Record]:
    people = sorted({record.identity for record in records})
    share = min(1.0, MAX_IMAGES / max(1, len(records)))
    places = np.unique(np.linspace(0, len(people) - 1, max(1, int(share * len(people)))).round().astype(int))
    return of_people(records, {people[place] for place in places}) if people else []
