"""The experiment `improved-deep`: the pair network of Ahmed et al., trained (core.paper.pair_training) and evaluated.

The same command resumes a training, and a larger budget continues it.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.baselines.improved_deep import ImprovedDeep
from core.data.datasets import read_dataset
from core.data.loading import load_images
from core.data.records import Record
from core.errors import UserError
from core.evaluation.evaluators import Evaluation, evaluate_single_shot
from core.evaluation.protocols import choose_protocol
from core.evaluation.ranking import Order, Rows
from core.folders import runs_folder
from core.json_file import write_json
from core.paper.pair_training import PairTraining, same, scale

PAIRS_AT_A_TIME = 16  # compared in one pass, which fits into a CPU's cache


def improved_deep(
    folders: Sequence[Path],
    minutes: float = 20,
    splits: int | None = None,
    protocol: str | None = None,
    probes: int | None = None,
    seed: int = 0,
    say: Callable[[str], None] = print,
) -> Path:
    """Train and evaluate the network on data sets.

    Args:
        folders: The folders of the data sets.
        minutes: The training time of each split, in minutes of processor time.
        splits: The number of splits, by default one.
        protocol: The name of the protocol, by default that of the data set.
        probes: The number of probes that are drawn for the evaluation; each is compared with the whole gallery. By
            default all.
        seed: The seed of the random numbers.
        say: Called with each line of output.

    Returns:
        The folder of the results.

    Raises:
        UserError: If the protocol of a data set is not a single-shot one.
    """
    folder = runs_folder() / "reproduce-improved-deep"
    for dataset in [read_dataset(path) for path in folders]:
        say(dataset.report())
        chosen = choose_protocol(dataset, protocol)
        if chosen.score is not evaluate_single_shot:
            raise UserError(
                f"The pair network is evaluated by single-shot protocols, e.g. cuhk01; {chosen.name} is another one."
            )
        for number in range(1, min(splits or 1, chosen.splits) + 1):
            split = chosen.divide(dataset, number)
            images, records = load_images(split.train, lambda source, why: say(f"skipped: {why}"))
            name = f"{dataset.name}-{chosen.name}-split{number}" + (f"-seed{seed}" if seed else "")
            training = PairTraining(folder / name, images, records, seed)
            training.run(60 * minutes, say)
            query, gallery = draw(split.query, probes, seed), draw(split.gallery, None, seed)
            start = time.process_time()
            found = evaluate(training.network, query, gallery, chosen.score)
            seconds = time.process_time() - start
            compared = len(query) * len(gallery)
            result = found.summary | {
                "samples": training.samples,
                "training_seconds": training.seconds,
                "comparisons": compared,
                "test_seconds": seconds,
            }
            write_json(training.folder / "result.json", result)
            say(
                f"split {number}: rank-1 {found.summary['recall@1']:.2f} %, {len(query):,} probes, gallery of "
                f"{len(gallery):,}; {training.samples:,} samples in {training.seconds / 60:.0f} min of processor time; "
                f"{compared:,} comparisons in {seconds:.0f} s"
            )
    say(f"written to {folder}")
    return folder


def draw(records: Sequence[Record], most: int | None, seed: int) -> list[Record]:
    """Draw one image of each identity, of at most `most` identities. Images without an identity are not used."""
    random = np.random.default_rng(seed)
    of_identity: dict[str, list[Record]] = {}
    for record in records:
        of_identity.setdefault(record.identity, []).append(record)
    names = [name for name in of_identity if name]
    if most and most < len(names):
        names = [names[number] for number in sorted(random.choice(len(names), most, replace=False))]
    return [of_identity[name][random.integers(len(of_identity[name]))] for name in names]


def evaluate(
    network: ImprovedDeep, query: Sequence[Record], gallery: Sequence[Record], score: Callable[..., Evaluation]
) -> Evaluation:
    """Compare each probe with each gallery image, and evaluate the scores by a protocol.

    Args:
        network: The network.
        query: The Q records of the probes, one image of each identity.
        gallery: The G records of the gallery, one image of each identity.
        score: The evaluator of the protocol.
    """
    maps, kept = [], []
    with torch.inference_mode():
        for records in (query, gallery):
            images, readable = load_images(records, lambda source, why: None)
            maps.append(torch.cat([network.maps(scale(part.float(), network)) for part in images.split(64)]))
            kept.append(readable)
    scores = compare_all(network, *maps)

    def scorer(rows: np.ndarray, columns: np.ndarray, ignored: Any = None) -> Rows:
        return lambda chosen: scores[np.ix_(rows[chosen, 0], columns[:, 0])]

    numbers = [np.arange(len(records))[:, None] for records in kept]
    return score(numbers[0], kept[0], numbers[1], kept[1], order=Order(scorer))


def compare_all(network: ImprovedDeep, probes: Tensor, gallery: Tensor) -> np.ndarray:
    """Compare maps (Q, 25, 37, 12) with maps (G, 25, 37, 12) -> scores, float32 (Q, G)."""
    with torch.inference_mode():
        return torch.stack(
            [
                torch.cat(
                    [same(network.compare(probe.expand_as(part), part)) for part in gallery.split(PAIRS_AT_A_TIME)]
                )
                for probe in probes
            ]
        ).numpy()
