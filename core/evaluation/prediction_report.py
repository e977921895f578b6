"""What a model can be expected to reach on unlabelled images: the figures of the command `predict-accuracy`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.records import UNKNOWN_CAMERA, Record
from core.errors import UserError
from core.evaluation.accuracy_prediction import (
    LEVEL,
    MAX_IMAGES,
    narrow,
    predict_false_match_rate,
    predict_rank_1,
    relative_top_scores,
)
from core.evaluation.calibration import Calibration
from core.evaluation.camera_centring import Centring
from core.evaluation.false_scores import FalseScores, count_cross_camera
from core.evaluation.label_decisions import DIFFERENT, SAME, SKIP, path_name, read_decisions

FALSE_MATCH_RATES = (100, 1000)  # N of 1 in N
PAIRS_TO_CHECK = 50


def draw_images(records: Sequence[Record], seed: int = 0) -> list[Record]:
    """Draw at most 2,000 images with a known camera."""
    known = [record for record in records if record.camera != UNKNOWN_CAMERA]
    rows = np.sort(np.random.default_rng(seed).permutation(len(known))[:MAX_IMAGES])
    return [known[row] for row in rows]


def predict(
    descriptors: np.ndarray,
    records: Sequence[Record],
    calibration: Calibration | None = None,
    adapted: Callable[[], np.ndarray] | None = None,
    pairs: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Predict rank-1 and false-match rates, in percent.

    Args:
        descriptors: Unit descriptors (N, D).
        records: The N records. Identities are not used.
        calibration: The calibration of the model, for the false-match rates at its thresholds.
        adapted: Returns the descriptors (N, D) after batch-norm adaptation, if it is to be predicted too.
        pairs: The numbers of correct and of checked first results, if some were checked.

    Raises:
        UserError: If there are too few images or cameras.
    """
    cameras = np.array([record.camera for record in records])
    values = relative_top_scores(descriptors, cameras)
    rank_1 = predict_rank_1(float(np.nanmean(values)))
    by_camera = {
        int(camera): predict_rank_1(float(values[cameras == camera].mean()))
        for camera in np.unique(cameras[~np.isnan(values)])
    }
    options = {"centre": Centring().fit(descriptors, cameras).transform(descriptors, cameras)}
    if adapted:
        options["adapt"] = adapted()
    with_options = {
        name: predict_rank_1(float(np.nanmean(relative_top_scores(own, cameras)))) for name, own in options.items()
    }
    false = FalseScores.fit(count_cross_camera(descriptors, cameras).counts)
    rows = []
    for number in FALSE_MATCH_RATES:
        row: dict[str, Any] = {"one_in": number, "threshold": round(false.threshold(1 / number), 4)}
        if calibration:
            threshold = calibration.threshold(1 / number)
            rate = predict_false_match_rate(false.rate(threshold)).as_json()
            row |= {"calibration_threshold": round(threshold, 4), "rate_at_calibration_threshold": rate}
        rows.append(row)
    result: dict[str, Any] = {
        "images": len(records),
        "cameras": len(by_camera),
        "level": LEVEL,
        "relative_top_score": round(float(np.nanmean(values)), 4),
        "rank_1": rank_1.as_json(),
        "rank_1_by_camera": {str(camera): one.as_json() for camera, one in by_camera.items()},
        "worst_camera": min(by_camera, key=lambda camera: by_camera[camera].value),
        "options": {name: one.as_json() for name, one in with_options.items()},
        "false_match_rates": rows,
    }
    if pairs:
        correct, checked = pairs
        result["checked"] = {"correct": correct, "checked": checked, "rank_1": narrow(rank_1, *pairs).as_json()}
    return result


def first_results(descriptors: np.ndarray, records: Sequence[Record], folder: Path, seed: int = 0) -> pd.DataFrame:
    """Draw 50 probes and return a table of them and their first results from other cameras, to be checked.

    The column `decision` is empty. A person fills it in with `same` or `different`.
    """
    cameras = np.array([record.camera for record in records])
    rows = np.random.default_rng(seed).permutation(len(records))[:PAIRS_TO_CHECK]
    scores = np.where(cameras[rows][:, None] == cameras, -np.inf, descriptors[rows] @ descriptors.T)
    names = [path_name(record.path, folder) for record in records]
    first = scores.argmax(1)
    table = {"path": [names[row] for row in rows], "other": [names[row] for row in first], "decision": ""}
    return pd.DataFrame(table)


def read_pairs(file: Path) -> tuple[int, int]:
    """Read a table of checked first results and return the numbers of correct and of checked ones.

    Raises:
        UserError: If there is no such table, if it cannot be read, if a decision is unknown, or if it has none.
    """
    if not file.is_file():
        raise UserError(f"There is no table {file}.")
    checked = [one.decision for one in read_decisions(file) if one.decision != SKIP]
    if not checked:
        raise UserError(f"{file} has no decision. Fill in the column decision with {SAME} or {DIFFERENT}.")
    return checked.count(SAME), len(checked)
