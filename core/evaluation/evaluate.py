"""A model measured on a data set by a protocol: images -> descriptors -> scores -> report."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.loading import OnError
from core.data.records import Dataset, Record
from core.data.splits import Split
from core.errors import UserError
from core.evaluation.camera_centring import Centring
from core.evaluation.evaluators import Evaluation, evaluate_single_query, mean_evaluation
from core.evaluation.protocols import Protocol, splits_to_score
from core.evaluation.ranking import COSINE, Order
from core.evaluation.report import Report
from core.evaluation.verification import ScoreCounts, count_scores
from core.inference.camera_adaptation import CameraModels
from core.inference.model import Model
from core.inference.provenance import Overlap, Provenance, hash_identities


def evaluate_model(
    model: Model, dataset: Dataset, protocol: Protocol, number: int | None = None, **options: Any
) -> Report:
    """One model on split `number`, or on those that `splits_to_score` chooses; options as for `evaluate_models`."""
    checkpoint = model.checkpoint
    splits = splits_to_score(protocol, dataset, checkpoint.data, number, checkpoint.provenance)
    return evaluate_models([(model, split) for split in splits], dataset, protocol, **options)


def evaluate_models(
    trained: Sequence[tuple[Model, Split]],
    dataset: Dataset,
    protocol: Protocol,
    on_error: OnError = lambda source, why: None,
    on_progress: Callable[[int], None] = lambda count: None,
    order: Order = COSINE,
    adapt: bool = False,
    centre: bool = False,
    **options: Any,
) -> Report:
    """Models of one kind, each on its split, described and scored -> their mean. `options` go to the scoring rule.

    `adapt`: the models are adapted to each camera by the test images themselves, probes and gallery, whose names are
    not looked at (core.inference.camera_adaptation). `centre`: likewise, descriptors are measured from their camera's
    mean (core.evaluation.camera_centring). In the plain `order` the scores of all pairs are counted as well: in another
    they depend on who else is there.
    Raises UserError if a split has nobody to test, or for an option that the rule does not have.
    """
    if options.get("include_same_camera") and protocol.score is not evaluate_single_query:
        raise UserError(
            f"The protocol {protocol.name} ranks images of another camera alone: the probe's own camera cannot count."
        )
    evaluations: list[Evaluation] = []
    counts: list[ScoreCounts] = []
    for model, split in trained:
        describer = CameraModels(model).fit([*split.query, *split.gallery], on_progress) if adapt else model
        described = [
            describer.describe_records(records, on_error=on_error, on_progress=on_progress)
            for records in (split.query, split.gallery)
        ]
        described = _centred(described) if centre else described
        evaluations.append(protocol.score(*described[0], *described[1], order=order, **options))
        if order == COSINE:
            counts.append(count_scores(*described[0], *described[1], options.get("include_same_camera", False)))
    scores = sum(counts[1:], start=counts[0]) if counts else None
    mean, spread = mean_evaluation(evaluations)
    overlaps = [_overlap(model, dataset, split) for model, split in trained]
    overlap = sum(overlaps[1:], start=overlaps[0])
    ways = {way: True for way, asked in {"adapted": adapt, "centred": centre}.items() if asked}
    result = (
        _origin(trained[0][0])
        | ways
        | {
            "data": dataset.name,
            "layout": dataset.layout,
            "protocol": protocol.name,
            "rule": protocol.sentence
            + ("; here they do" if options.get("include_same_camera") else "")
            + order.sentence,
            "splits": [split.number for _, split in trained],
            "splits_of_protocol": protocol.splits,
            "tested_identities": overlap.to_json(),
            "test_people_trained_on": overlap.seen,
            "summary": mean.summary,
            "spread": spread,
            "curve": mean.curve.round(3).tolist(),
            "cameras": {
                "probe": mean.cameras.index.tolist(),
                "gallery": mean.cameras.columns.tolist(),
                "recall@1": [
                    [None if pd.isna(value) else value for value in row] for row in mean.cameras.to_numpy().tolist()
                ],
            },
            "people": [split.record() for _, split in trained] if dataset.pool else [],
        }
    )
    verification = {"verification": scores.figures} if scores else {}
    return Report(result | options | order.record | verification, _relative(mean.probes, dataset.root), scores)


def _centred(described: list[tuple[np.ndarray, list[Record]]]) -> list[tuple[np.ndarray, list[Record]]]:
    """Probes and gallery, descriptors and records of each -> the same, from the mean of each camera's images."""
    cameras = [np.array([record.camera for record in records], int) for _, records in described]
    centring = Centring().fit(np.concatenate([descriptors for descriptors, _ in described]), np.concatenate(cameras))
    return [
        (centring.transform(descriptors, own), records)
        for (descriptors, records), own in zip(described, cameras, strict=True)
    ]


def _overlap(model: Model, dataset: Dataset, split: Split) -> Overlap:
    """How many of the split's tested identities the model has seen."""
    provenance = model.checkpoint.provenance or Provenance(unknown=("this checkpoint",))
    return provenance.overlap(hash_identities(dataset, split.tested))


def _origin(model: Model) -> dict[str, Any]:
    """What a model is and how it was trained, as far as its checkpoint knows."""
    checkpoint, network = model.checkpoint, model.network.config
    training = checkpoint.training
    return {
        "architecture": network.architecture,
        "filters": network.filters,
        "region_size": network.region_size,
        "preset": training.preset if training else None,
        "training_images": checkpoint.training_images,
        "training_records": [record.summary for record in (checkpoint.provenance or Provenance()).records],
        "trained_on": checkpoint.data.get("name"),
        "trained_for": checkpoint.data.get("protocol"),
        "flip": model.flip,
    }


def _relative(probes: pd.DataFrame, root: Path) -> pd.DataFrame:
    paths = [Path(path).relative_to(root).as_posix() for path in probes["path"]]
    return probes.assign(path=paths)
