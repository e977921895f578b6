"""The columns of intervals and counts, and the lines that show them."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from core.evaluation.report import Report
from core.evaluation.seeds import SeedGroup
from core.paper.intervals import COUNTS, limits, with_intervals
from core.paper.published import TABLES, compare
from core.paper.tables import to_csv, to_json, to_latex, to_text


def result(splits: int = 1, has_probes: bool = True) -> Report:
    random = np.random.default_rng(0)
    ranks = random.integers(1, 30, 60).astype(float)
    probes = pd.DataFrame(
        {
            "path": [f"{number}.png" for number in range(60)],
            "identity": [f"{number // 3:04}" for number in range(60)],
            "first_rank": ranks,
            "average_precision": 1 / ranks,
        }
    )
    figures = {f"recall@{k}": 100 * float((ranks <= k).mean()) for k in (1, 5, 10, 20)}
    values = {
        "architecture": "mr_bcnn",
        "region_size": 5,
        "layout": "cuhk01",
        "data": "cuhk01",
        "splits": list(range(1, splits + 1)),
        "summary": figures | {"probes": 60},
        "spread": {"recall@1": 1.25} if splits > 1 else {},
    }
    return Report(values, probes if has_probes else pd.DataFrame())


def table(*reports: Report, seeds=()) -> pd.DataFrame:
    frame = compare(TABLES["table4"].columns, {f"r{n}": one.result for n, one in enumerate(reports)}, TABLES["table4"])
    return with_intervals(frame, reports, seeds)


def test_only_measured_rows_have_an_interval():
    report = result()
    frame = table(report).set_index("source")
    one = report.intervals["recall@1"]
    assert frame.loc["this project", ["recall@1 low", "recall@1 high"]].tolist() == [one.low, one.high]
    assert frame.loc["this project", ["probes", "identities", "splits"]].tolist() == [60, 20, 1]
    for source in ("published", "difference"):
        assert frame.loc[[source], ["recall@1 low", "recall@20 high", "probes"]].isna().all(axis=None)
    assert one.low < report.result["summary"]["recall@1"] < one.high


def test_text_and_latex_have_a_line_below_the_row():
    report = result()
    lines = to_text(table(report)).splitlines()
    below = lines[next(number for number, line in enumerate(lines) if line.startswith("r0 ")) + 1]
    assert below.startswith("60 probes, 20 identities, 1 split  ")
    assert " 95 % interval " in below and below.endswith(str(report.intervals["recall@20"]))
    assert max(map(len, lines)) == len(lines[1])  # the rule is as wide as the table
    latex = to_latex(table(report), "")
    assert rf"60 probes, 20 identities, 1 split & 95 \% interval & {report.intervals['recall@1']} &" in latex
    assert "low" not in latex and r"\begin{tabular}{llrrrr}" in latex


def test_csv_and_json_have_columns():
    report = result(splits=5)
    seeds = [SeedGroup((0, 1, 2), {}, {"recall@1": 0.5})]
    frame = table(report, seeds=seeds)
    rows = list(csv.DictReader(io.StringIO(to_csv(frame))))
    assert rows[-2]["recall@1 low"] == f"{report.intervals['recall@1'].low:.2f}"
    assert [rows[-2][name] for name in COUNTS] == ["60", "20", "5", "3"]
    assert rows[-2]["recall@1 sd over splits"] == "1.25" and rows[-2]["recall@1 sd over seeds"] == "0.50"
    assert rows[0]["recall@1 low"] == rows[0]["probes"] == ""
    objects = json.loads(to_json(frame))
    assert objects[-2]["recall@1 high"] == pytest.approx(report.intervals["recall@1"].high, abs=0.005)
    assert objects[-2]["seeds"] == 3 and objects[0]["recall@1 high"] is None
    text = to_text(frame)
    assert "60 probes, 20 identities, 5 splits, 3 seeds" in text
    assert [text.count(name) for name in ("SD over splits", "SD over seeds")] == [1, 1]


def test_a_result_without_probes_has_no_interval():
    frame = table(result(), result(has_probes=False))
    lines = to_text(frame).splitlines()
    below = lines[next(number for number, line in enumerate(lines) if line.startswith("r1 ")) + 1]
    assert below.split("  ")[0] == "60 probes, 1 split" and " no interval " in below


def test_limits_of_columns_with_other_names():
    report = result()
    one = report.intervals["mAP"]
    assert limits(report.intervals, ("mAP", "other"), "viper ") == {
        "viper mAP low": one.low,
        "viper mAP high": one.high,
    }
