"""The experiment `agreement`: whether two data sets rank models in the same order.

Each model is evaluated on each data set that it was not trained on, as in `core.paper.zero_shot`. Kendall's tau-b
compares the order of the models between each two tests.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import pandas as pd
from scipy.stats import kendalltau

from core.errors import UserError
from core.folders import runs_folder
from core.paper.published import MEASURED
from core.paper.tables import to_text, write_table
from core.paper.zero_shot import ZERO_SHOT_METRICS, measure, results_by_test

CAPTION = "Agreement on the order of models: Kendall's tau-b of each two tests, and its two-sided p-value in percent"
FIGURES_CAPTION = "The figures that the agreement compares"
MIN_MODELS = 3  # with two models, tau is 1, -1 or undefined


def agreement(
    folders: Sequence[Path],
    checkpoints: Sequence[Path] = (),
    device: str = "auto",
    say: Callable[[str], None] = print,
) -> Path:
    """Evaluate checkpoints on data sets, and compare the orders of the checkpoints.

    Args:
        folders: The folders of the data sets.
        checkpoints: The checkpoints, by default all shipped ones. A checkpoint is skipped on the data that it was
            trained on.
        device: The device, e.g. "cpu".
        say: Called with each line of output.

    Returns:
        The folder of the results.

    Raises:
        UserError: If no model can be evaluated, or if no two tests share MIN_MODELS models.
    """
    folder = runs_folder() / "reproduce-agreement"
    measured = measure(folders, checkpoints, device, say=say)
    figures = pd.DataFrame(
        [
            {"method": name}
            | {
                f"{report.task} {metric}": report.result["summary"][metric]
                for report in reports
                for metric in ZERO_SHOT_METRICS
            }
            for name, reports in measured
        ],
        columns=["method", *(f"{test} {metric}" for test in results_by_test(measured) for metric in ZERO_SHOT_METRICS)],
    )
    table = compare_orders(figures)
    figures.insert(1, "source", MEASURED)
    for name, frame, caption in (("models", figures, FIGURES_CAPTION), ("table", table, CAPTION)):
        write_table(folder, name, frame, caption)
        say(f"\n{caption}\n{to_text(frame)}")
    say(f"written to {folder}")
    return folder


def compare_orders(figures: pd.DataFrame) -> pd.DataFrame:
    """Compute Kendall's tau-b between each two tests, over the models that have a figure in both.

    Args:
        figures: One row per model, and one column for each test and metric, named "TEST METRIC". NaN where a model was
            skipped. Further columns are not used.

    Returns:
        One row for each two tests with at least MIN_MODELS models in common: the tests (method), the number of models
        (source), tau and its p-value in percent by each metric.

    Raises:
        UserError: If there are no such tests.

    Source:
        Kendall, Biometrika 1945, for ties.
    """
    end = f" {ZERO_SHOT_METRICS[0]}"
    tests = [column.removesuffix(end) for column in figures if column.endswith(end)]
    rows = []
    for one, other in combinations(tests, 2):
        both = figures.dropna(subset=[f"{one}{end}", f"{other}{end}"])
        if len(both) < MIN_MODELS:
            continue
        row: dict[str, str | float] = {"method": f"{one}, {other}", "source": f"{len(both)} models"}
        for metric in ZERO_SHOT_METRICS:
            tau, p = kendalltau(both[f"{one} {metric}"], both[f"{other} {metric}"])
            row |= {f"{metric} tau": float(tau), f"{metric} p": 100 * float(p)}
        rows.append(row)
    if not rows:
        raise UserError(
            f"No two tests have {MIN_MODELS} models in common. Give more data sets with --data or more models with "
            "--checkpoint. A model is skipped on the data that it was trained on."
        )
    return pd.DataFrame(rows)
