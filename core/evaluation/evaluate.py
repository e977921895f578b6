"""Evaluation of models on a data set by a protocol: images -> descriptors -> scores -> report."""

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
from core.evaluation.protocols import EVERY_IMAGE, Protocol, splits_to_score
from core.evaluation.ranking import COSINE, EUCLIDEAN, Order
from core.evaluation.report import Report
from core.evaluation.seeds import configuration_hash
from core.evaluation.verification import ScoreCounts, count_scores
from core.inference.camera_adaptation import CameraModels
from core.inference.camera_statistics import delete_unused
from core.inference.model import Model
from core.inference.overlap import Overlap
from core.inference.provenance import Provenance, hash_identities

Describe = Callable[..., tuple[np.ndarray, list[Record]]]


def evaluate_model(
    model: Model, dataset: Dataset, protocol: Protocol, number: int | None = None, **options: Any
) -> Report:
    """Evaluate one model on one or all splits of a data set.

    Args:
        model: The model.
        dataset: The data set.
        protocol: The evaluation protocol.
        number: The number of a split, from 1. By default `splits_to_score` chooses the splits.
        **options: Options of `evaluate_models`.
    """
    checkpoint = model.checkpoint
    splits = splits_to_score(protocol, dataset, checkpoint.data, number, checkpoint.provenance)
    return evaluate_models([(model, split) for split in splits], dataset, protocol, **options)


def evaluate_models(
    trained: Sequence[tuple[Model, Split]],
    dataset: Dataset,
    protocol: Protocol,
    on_error: OnError = lambda source, why: None,
    on_progress: Callable[[int], None] = lambda count: None,
    on_ranked: Callable[[int, int], None] = lambda done, total: None,
    order: Order = COSINE,
    adapt: bool = False,
    centre: bool = False,
    describe: Describe | None = None,
    statistics: Path | None = None,
    **options: Any,
) -> Report:
    """Evaluate models of one configuration, each on its split, and average the results.

    Args:
        trained: Pairs of a model and the split to test it on.
        dataset: The data set.
        protocol: The evaluation protocol.
        on_error: Called with each image that cannot be read, and the reason.
        on_progress: Called with the number of images described since the last call.
        on_ranked: Called with the numbers of ranked probes and of all probes.
        order: How the gallery is scored and sorted. The Euclidean distance replaces the cosine similarity for a model
            that needs it (`Model.lifts`), except with `centre`, because centred descriptors are no lifted points. With
            cosine similarity, the scores of all pairs are counted as well. With another order they are not, because a
            score then depends on the other images.
        adapt: Whether batch normalisation is adapted to each camera with the test images, without their identities
            (core.inference.camera_adaptation).
        centre: Whether the mean descriptor of each camera's test images is subtracted, also without identities
            (core.evaluation.camera_centring).
        describe: Returns the descriptors of records and the records that have one, with the arguments of
            `Model.describe_records`. By default the model computes them. It is not used with `adapt`.
        statistics: A folder in which the statistics of the cameras are stored for the next evaluation (`adapt`).
            Its files that were not used for 30 days are deleted.
        **options: Options of the protocol's evaluator.

    Raises:
        UserError: If a split has no test identities, or if the evaluator does not have an option.
    """
    if options.get("include_same_camera") and protocol.name == EVERY_IMAGE:
        raise UserError(
            f"The protocol {protocol.name} needs the same-camera rule, because each probe is in its own gallery. "
            "Omit --same-camera."
        )
    if options.get("include_same_camera") and protocol.score is not evaluate_single_query:
        raise UserError(
            f"The protocol {protocol.name} has no same-camera images: its gallery is from another camera than its "
            "probes. Omit --same-camera."
        )
    if order == COSINE and trained[0][0].lifts and not centre:
        order = EUCLIDEAN
    total = sum(len(split.query) for _, split in trained)
    passes = 2 if order == COSINE else 1  # over the probes: their ranks, and the counts of their scores
    passed = 0

    def on_passed(count: int) -> None:
        nonlocal passed
        passed += count
        on_ranked(passed // passes, total)

    evaluations: list[Evaluation] = []
    counts: list[ScoreCounts] = []
    for model, split in trained:
        compute = describe or model.describe_records
        if adapt:
            tested = list(dict.fromkeys([*split.query, *split.gallery]))  # an image may be a probe and a gallery image
            compute = CameraModels(model).fit(tested, on_progress, statistics).describe_records
        described = [
            compute(records, on_error=on_error, on_progress=on_progress) for records in (split.query, split.gallery)
        ]
        described = _centred(described) if centre else described
        evaluations.append(protocol.score(*described[0], *described[1], order=order, on_ranked=on_passed, **options))
        if order == COSINE:
            same_camera = options.get("include_same_camera", False)
            counts.append(count_scores(*described[0], *described[1], same_camera, on_passed))
    if adapt and statistics:
        delete_unused(statistics)
    scores = sum(counts[1:], start=counts[0]) if counts else None
    mean, spread = mean_evaluation(evaluations)
    overlaps = [_overlap(model, dataset, split) for model, split in trained]
    overlap = sum(overlaps[1:], start=overlaps[0])
    flags = {name: True for name, is_set in {"adapted": adapt, "centred": centre}.items() if is_set}
    result = (
        _origin(trained[0][0])
        | flags
        | {
            "data": dataset.name,
            "layout": dataset.layout,
            "protocol": protocol.name,
            "rule": protocol.sentence
            + ("; here they count" if options.get("include_same_camera") else "")
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
    """Subtract each camera's mean descriptor from the descriptors of probes and gallery."""
    cameras = [np.array([record.camera for record in records], int) for _, records in described]
    centring = Centring().fit(np.concatenate([descriptors for descriptors, _ in described]), np.concatenate(cameras))
    return [
        (centring.transform(descriptors, own), records)
        for (descriptors, records), own in zip(described, cameras, strict=True)
    ]


def _overlap(model: Model, dataset: Dataset, split: Split) -> Overlap:
    """Count the test identities of the split that the model was trained or validated on."""
    provenance = model.checkpoint.provenance or Provenance(unknown=("this checkpoint",))
    return provenance.overlap(hash_identities(dataset, split.tested))


def _origin(model: Model) -> dict[str, Any]:
    """Return the model's configuration and training data, as far as its checkpoint has them."""
    checkpoint = model.checkpoint
    training, records = checkpoint.training, (checkpoint.provenance or Provenance()).records
    return (
        model.configuration
        | {
            "preset": training.preset if training else None,
            "training_images": checkpoint.training_images,
            "training_records": [record.summary for record in records],
            "trained_on": checkpoint.data.get("name"),
            "trained_for": checkpoint.data.get("protocol"),
            "flip": model.flip,
        }
        | (
            {
                "seed": training.seed,
                "configuration": configuration_hash(model.network.config, training, checkpoint.data, records[1:]),
            }
            if training
            else {}
        )
    )


def _relative(probes: pd.DataFrame, root: Path) -> pd.DataFrame:
    """Make the paths below the root relative to it. A named gallery also has images in other folders."""
    paths = [Path(path) for path in probes["path"]]
    below = [path.relative_to(root) if path.is_relative_to(root) else path for path in paths]
    return probes.assign(path=[path.as_posix() for path in below])
