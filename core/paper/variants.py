"""The experiment `variants`: one model on one data set, scored by each variant of the evaluation protocol.

Papers and programs of the field differ in the images that count, in single shot or multi shot, and in the definition of
average precision. The images are described once. Each variant scores the same descriptors.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from core.data.datasets import read_dataset
from core.data.presets import list_presets
from core.data.records import DISTRACTOR, Dataset
from core.data.rule_dataset import read_with_rules
from core.errors import UserError
from core.evaluation.evaluate import evaluate_model
from core.evaluation.evaluators import MAP_NAMES, evaluate_single_query
from core.evaluation.protocols import Protocol, fitting_protocols
from core.evaluation.report import Report
from core.folders import runs_folder
from core.inference.model import Model, load
from core.paper.descriptor_memory import DescriptorMemory
from core.paper.tables import to_text, write_table
from core.paper.zero_shot import can_be_divided

CAPTION = (
    "{model} on {data}: variants of the protocol. Average precision: mAP as in torchreid and fast-reid, mAP_trapezoid "
    "as in the official code of Market-1501, mAP_authors_2017 as in the paper (Ustinova et al. 2017)"
)
METRICS = ("recall@1", "recall@5", "recall@10", *MAP_NAMES.values())
USED_BY = {  # protocol -> who uses it
    "market1501": "the paper (table 3), official code of Market-1501, torchreid, fast-reid",
    "cuhk03-classic": "the paper (tables 1 and 2)",
    "cuhk03-classic-all-pairs": "the paper's test, with the training data of torchreid, fast-reid and open-reid",
    "cuhk03-np": "Zhong et al. 2017, torchreid, fast-reid",
    "cuhk01": "the paper (table 4)",
    "viper": "Gray et al. 2007",
}
MULTI_SHOT_USED_BY = {"cuhk01": "torchreid, which also searches from camera B to camera A"}
UNUSED = "no code known to us"


@dataclass(frozen=True)
class Variant:
    """A variant of an evaluation protocol.

    Attributes:
        name: The variant in words.
        used_by: The papers and programs that use it.
        dataset: The data set, with the images that count.
        protocol: The protocol, perhaps with another evaluator.
        options: Options of the evaluator.
    """

    name: str
    used_by: str
    dataset: Dataset
    protocol: Protocol
    options: dict[str, bool] = field(default_factory=dict)


def variants(
    folders: Sequence[Path], checkpoints: Sequence[Path], device: str = "auto", say: Callable[[str], None] = print
) -> Path:
    """Evaluate checkpoints by each variant, and write a table for each checkpoint and data set.

    Args:
        folders: The folders of the data sets.
        checkpoints: The checkpoints.
        device: The device, e.g. "cpu".
        say: Called with each line of output.

    Returns:
        The folder of the results.

    Raises:
        UserError: If no checkpoint is given, or if a data set has no protocol.
    """
    if not checkpoints:
        raise UserError("Choose a model with --checkpoint, e.g. checkpoints/pedestrians-mr_bcnn.")
    folder = runs_folder() / "reproduce-variants"
    for dataset in [read_dataset(path) for path in folders]:
        say(dataset.report())
        for path in checkpoints:
            table = measure_variants(load(path, device), dataset, say)
            caption = CAPTION.format(model=path.name, data=dataset.name)
            write_table(folder, f"{dataset.name}-{path.name}", table, caption)
            say(f"\n{caption}\n{to_text(table)}")
    say(f"written to {folder}")
    return folder


def measure_variants(model: Model, dataset: Dataset, say: Callable[[str], None] = print) -> pd.DataFrame:
    """Evaluate a model by each variant.

    Args:
        model: The model.
        dataset: The data set.
        say: Called with the reason for each protocol that cannot be used.

    Returns:
        One row per variant: its name (method), who uses it (source), and METRICS in percent.

    Raises:
        UserError: If the data set has no protocol.
    """
    memory, rows = DescriptorMemory(model), []
    with tqdm(desc="describing", unit="image", leave=False) as bar:
        for variant in find_variants(dataset, say):
            report = evaluate_model(
                model,
                variant.dataset,
                variant.protocol,
                on_error=lambda source, why: tqdm.write(f"skipped: {why}"),
                on_progress=bar.update,
                describe=memory.describe,
                **variant.options,
            )
            summary = report.result["summary"]
            rows.append((_row_name(variant, report), variant.used_by, *(summary[metric] for metric in METRICS)))
    if not rows:
        raise UserError(f"{dataset.root} is a {dataset.layout} without identities, so nothing can be evaluated on it.")
    return pd.DataFrame(rows, columns=["method", "source", *METRICS])


def find_variants(dataset: Dataset, say: Callable[[str], None] = print) -> Iterator[Variant]:
    """Find the variants of each protocol that fits a data set.

    A single-query protocol has variants in which same-camera images or junk images count, or distractors do not. A
    single-shot protocol has a variant in which all probes and the whole gallery count.

    Args:
        dataset: The data set.
        say: Called with the reason for each protocol that cannot be used.
    """
    for protocol in fitting_protocols(dataset):
        if not can_be_divided(dataset, protocol, say):
            continue
        name = protocol.name
        if protocol.score is not evaluate_single_query:
            yield Variant(f"{name}: single shot", USED_BY.get(name, UNUSED), dataset, protocol)
            multi_shot = replace(protocol, score=evaluate_single_query)
            yield Variant(f"{name}: multi shot", MULTI_SHOT_USED_BY.get(name, UNUSED), dataset, multi_shot)
            continue
        yield Variant(f"{name}: single query", USED_BY.get(name, UNUSED), dataset, protocol)
        included = {"include_same_camera": True}
        yield Variant(f"{name}: same-camera images count", UNUSED, dataset, protocol, included)
        persons = [record for record in dataset.gallery if record.identity != DISTRACTOR]
        if len(persons) < len(dataset.gallery):
            yield Variant(f"{name}: without distractors", UNUSED, replace(dataset, gallery=persons), protocol)
        if with_junk := include_junk(dataset):
            yield Variant(f"{name}: junk images count as false matches", UNUSED, with_junk, protocol)


def include_junk(dataset: Dataset) -> Dataset | None:
    """Return the data set with its junk images as distractors.

    Returns:
        The data set, or None if it has no junk images, or if it was not read by a preset.
    """
    rules = list_presets().get(dataset.layout)
    if not rules or not any(group.junk for group in rules.images):
        return None
    images = tuple(replace(group, junk=(), distractors=(*group.distractors, *group.junk)) for group in rules.images)
    try:
        gallery = read_with_rules(replace(rules, images=images), dataset.root).gallery
    except UserError:  # the data set has rules of its own, with the name of the preset
        return None
    is_larger = {record.path for record in dataset.gallery} < {record.path for record in gallery}
    return replace(dataset, gallery=gallery) if is_larger else None


def _row_name(variant: Variant, report: Report) -> str:
    """Return the name of the variant, the number of splits, and the mark of identities that were seen in training."""
    name, splits = variant.name, report.result["splits"]
    if variant.protocol.splits > 1:
        name += f", split {splits[0]}" if len(splits) == 1 else f", {len(splits)} splits"
    return f"{name} [{report.overlap.mark}]" if report.overlap.mark else name
