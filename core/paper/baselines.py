"""The experiment `baselines`: the methods that the paper compares with, computed again on a data set.

The methods are LOMO with XQDA and LOMO with the discriminative null space (core.baselines). They are trained on the
training identities of each split and evaluated like the networks. The LOMO descriptors are kept in
`runs/reproduce-baselines/descriptors`, 54 kB for each image.
"""

import hashlib
import inspect
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from core.atomic_files import allocate, replace_file
from core.baselines import lomo
from core.baselines.null_space import NullSpace, squared_distances
from core.baselines.xqda import XQDA
from core.data.datasets import read_dataset
from core.data.images import open_image, read_content
from core.data.records import Dataset, Record
from core.data.splits import Split
from core.errors import UserError
from core.evaluation.evaluators import Evaluation, mean_evaluation
from core.evaluation.protocols import Protocol, choose_protocol
from core.evaluation.ranking import Order, Rows
from core.folders import runs_folder
from core.inference.baseline_fitting import take_in_turn
from core.paper.published import MEASURED, PUBLISHED, RECALLS, TABLES, fits
from core.paper.tables import to_text, write_table

METHODS = {  # name -> training descriptors, identities and cameras -> fitted method
    "LOMO+XQDA": lambda descriptors, identities, cameras: XQDA().fit(descriptors, identities, cameras),
    "LOMO+DiscrNullSpace": lambda descriptors, identities, cameras: NullSpace().fit(descriptors, identities),
}
OTHER_ROWS = {  # data set -> published results that are not in the paper's tables
    "viper": (
        ("LOMO+XQDA (Liao et al. 2015)", {"recall@1": 40.0}),
        ("LOMO+DiscrNullSpace (Zhang et al. 2016)", {"recall@1": 42.28}),
    ),
    "market1501": (
        ("LOMO+XQDA (in Zhang et al. 2016)", {"recall@1": 43.79, "mAP": 22.22}),
        ("LOMO+DiscrNullSpace (Zhang et al. 2016)", {"recall@1": 55.43, "mAP": 29.87}),
    ),
}


def baselines(
    folders: Sequence[Path],
    splits: int | None = None,
    protocol: str | None = None,
    images: int | None = None,
    say: Callable[[str], None] = print,
) -> Path:
    """Train and evaluate the methods on data sets, and write a table for each of them.

    Args:
        folders: The folders of the data sets.
        splits: The number of splits, by default all of the protocol.
        protocol: The name of the protocol, by default that of the data set.
        images: The maximum number of training images of a split (`take_in_turn`), by default all. The time of XQDA
            grows with the third power of this number, and that of the null space with the second power.
        say: Called with each line of output.

    Returns:
        The folder of the results.

    Raises:
        UserError: If a data set has no protocol, or if an image cannot be read.
    """
    folder = runs_folder() / "reproduce-baselines"
    for dataset in [read_dataset(path) for path in folders]:
        say(dataset.report())
        chosen = choose_protocol(dataset, protocol)
        numbers = range(1, min(splits or chosen.splits, chosen.splits) + 1)
        divided = [chosen.divide(dataset, number) for number in numbers]
        rows_of = read_descriptors(dataset, divided, folder / "descriptors")
        divided = [limit(split, images, say) for split in divided]
        results: dict[str, list[Evaluation]] = {name: [] for name in METHODS}
        for split in divided:
            for name in METHODS:
                start = time.perf_counter()
                results[name].append(evaluate(name, chosen, split, rows_of))
                say(
                    f"split {split.number}, {name}: rank-1 {results[name][-1].summary['recall@1']:.2f} % "
                    f"({time.perf_counter() - start:.0f} s)"
                )
        _write(folder, dataset, chosen, images, {name: mean_evaluation(each)[0] for name, each in results.items()}, say)
    say(f"written to {folder}")
    return folder


def limit(split: Split, images: int | None, say: Callable[[str], None]) -> Split:
    """Return a split with at most `images` training images, and say how many are not used."""
    train = take_in_turn(split.train, images)
    if len(train) < len(split.train):
        say(f"split {split.number}: {len(split.train) - len(train):,} training images are not used")
    return replace(split, train=train)


def evaluate(
    method: str, protocol: Protocol, split: Split, rows_of: Callable[[Sequence[Record]], np.ndarray]
) -> Evaluation:
    """Train a method on the training identities of a split, and evaluate it on the test identities.

    Both methods transform descriptors so that the score is the negative Euclidean distance.

    Args:
        method: A key of METHODS.
        protocol: The evaluation protocol.
        split: The split.
        rows_of: Returns the LOMO descriptors (N, 26960) of N records.
    """
    identities = np.array([record.identity for record in split.train])
    cameras = np.array([record.camera for record in split.train])
    fitted: Any = METHODS[method](rows_of(split.train), identities, cameras)
    query, gallery = (fitted.transform(rows_of(records)) for records in (split.query, split.gallery))
    return protocol.score(query, split.query, gallery, split.gallery, order=Order(euclidean))


def euclidean(query: np.ndarray, gallery: np.ndarray, ignored: Sequence[np.ndarray] | None = None) -> Rows:
    """Return the negative squared Euclidean distances as scores. See `core.evaluation.ranking.Order`."""
    return lambda rows: -squared_distances(query[rows], gallery)


def read_descriptors(
    dataset: Dataset, splits: Sequence[Split], folder: Path
) -> Callable[[Sequence[Record]], np.ndarray]:
    """Compute or read the LOMO descriptors of all images that the splits use.

    The name of the file contains a hash of the images and of the program, so changed images are described again.

    Args:
        dataset: The data set.
        splits: The splits.
        folder: The folder of the descriptors.

    Returns:
        A function from N records to float32 (N, 26960).

    Raises:
        UserError: If an image cannot be read.
    """
    used = {record.path for split in splits for record in [*split.train, *split.query, *split.gallery]}
    paths = sorted(used)
    if not paths:
        raise UserError(f"{dataset.root} has no images to train and evaluate on.")
    digest = hashlib.sha256(inspect.getsource(lomo).encode())
    for path in paths:
        digest.update(read_content(path))
    file = folder / f"{dataset.name}-{digest.hexdigest()[:16]}.npy"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with replace_file(file) as unfinished:
            described = np.lib.format.open_memmap(unfinished, "w+", np.float16, (len(paths), lomo.LENGTH))
            allocate(unfinished)
            for row, path in enumerate(tqdm(paths, desc=f"LOMO of {dataset.name}", unit="image", leave=False)):
                described[row] = lomo.lomo(open_image(path))
            described.flush()
    stored, rows = np.load(file, mmap_mode="r"), {path: row for row, path in enumerate(paths)}
    return lambda records: stored[[rows[record.path] for record in records]].astype(np.float32)


def _write(
    folder: Path,
    dataset: Dataset,
    protocol: Protocol,
    images: int | None,
    results: dict[str, Evaluation],
    say: Callable[[str], None],
) -> None:
    """Write the table and the Recall@K curves of one data set."""
    name = dataset.name if protocol == choose_protocol(dataset) else f"{dataset.name}-{protocol.name}"
    name += f"-{images}-images" if images else ""
    summary = next(iter(results.values())).summary
    about = {"layout": dataset.layout, "protocol": protocol.name, "summary": summary}
    table = next((table for table in TABLES.values() if fits(table, about)), None)
    columns = list(table.columns) if table else [*RECALLS, "mAP"]
    rows = [[method, PUBLISHED, *values] for method, values in table.rows] if table else []
    if table or dataset.layout != "market1501":  # other data sets use Market-1501's layout too
        for method, values in OTHER_ROWS.get(dataset.layout, ()):
            rows.append([method, PUBLISHED, *(values.get(column) for column in columns)])
    for method, result in results.items():
        rows.append([method, MEASURED, *(result.summary.get(column) for column in columns)])
    caption = f"Methods that the paper compares with, on {name}. {protocol.sentence}."
    caption += f" At most {images:,} training images." if images else ""
    frame = pd.DataFrame(rows, columns=["method", "source", *columns])
    write_table(folder, f"{name}-table", frame, caption)
    curves = pd.DataFrame({method: result.curve for method, result in results.items()})
    curves.index = pd.RangeIndex(1, len(curves) + 1, name="K")
    curves.to_csv(folder / f"{name}-curves.csv", float_format="%.2f")
    say(f"\n{caption}\n{to_text(frame)}")
