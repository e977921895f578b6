"""Fit a comparison method to the training images of a data set."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from core.baselines.lomo import LENGTH, lomo
from core.baselines.null_space import NullSpace
from core.baselines.xqda import XQDA
from core.data.loading import OnError, read_batches
from core.data.records import Dataset, Record
from core.data.splits import Split
from core.inference.baseline import Baseline, FittedMethod
from core.inference.provenance import Provenance, TrainingRecord, hash_identities


def fit_baseline(
    method: str,
    dataset: Dataset,
    split: Split,
    protocol: str,
    most_images: int | None = None,
    on_error: OnError = lambda source, why: None,
    on_progress: Callable[[int], None] = lambda count: None,
) -> Baseline:
    """Fit a baseline to the training images of a split.

    Args:
        method: A key of METHODS.
        dataset: The data set.
        split: The split.
        protocol: The name of the protocol that made the split.
        most_images: The maximum number of training images. The images of each identity are taken in turn.
        on_error: Called with each image that cannot be read, and the reason.
        on_progress: Called with the number of images described since the last call.

    Raises:
        UserError: If the method needs other data.
    """
    start = time.perf_counter()
    records = take_in_turn(split.train, most_images)
    described, kept = [np.empty((0, LENGTH), np.float16)], []
    for positions, batch in read_batches((record.path for record in records), 64, on_error, lomo):
        described.append(batch.numpy().astype(np.float16))
        kept += [records[position] for position in positions]
        on_progress(len(positions))
    descriptors = np.concatenate(described).astype(np.float32)  # rounded as they are stored
    identities = np.array([record.identity for record in kept])
    fitted: XQDA | NullSpace
    if method == "xqda":
        fitted = XQDA().fit(descriptors, identities, np.array([record.camera for record in kept]))
    else:
        fitted = NullSpace().fit(descriptors, identities)
    points = fitted.transform(descriptors)
    centre = points.mean(axis=0)
    scale = 1 / float(np.linalg.norm(points - centre, axis=1).max())
    data = {
        "name": dataset.name,
        "protocol": protocol,
        "split": split.number,
        "origin": split.origin,
        "training": f"{len(kept):,} images, {len(np.unique(identities)):,} identities",
        "images_not_used": len(split.train) - len(kept),
    }
    trained = frozenset(hash_identities(dataset, kept))
    record = TrainingRecord(
        f"lomo-{method}", dataset.name, protocol, split.number, split.origin, samples=len(kept), trained=trained
    )
    metrics = {"training_seconds": time.perf_counter() - start}
    about = FittedMethod(data, metrics, Provenance((record,)))
    return Baseline(method, fitted, centre.astype(np.float32), scale, about)


def take_in_turn(records: Sequence[Record], most: int | None) -> list[Record]:
    """Return at most `most` records: the first of each identity and camera, then the second of each, and so on."""
    counts: dict[tuple[str, int], int] = {}
    turns = []
    for record in records:
        key = record.identity, record.camera
        turns.append(counts.get(key, 0))
        counts[key] = turns[-1] + 1
    order = sorted(range(len(records)), key=turns.__getitem__)  # stable
    return [records[number] for number in sorted(order[:most])]
