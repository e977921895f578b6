"""The command `compare-results`."""

import json

import pandas as pd
import pytest

from core.cli.main import main
from core.evaluation.comparison import compare_results
from core.evaluation.report import Report, read_report


@pytest.fixture
def folders(tmp_path):
    """Two results of 20 probes, of which the first one is better."""
    found = []
    for name, ranks in (("good", [1.0] * 18 + [2.0] * 2), ("bad", [1.0, 2.0] * 10)):
        names = [f"{number:04}" for number in range(20)]
        rows = {"path": names, "identity": names, "camera": 1, "first_rank": ranks}
        probes = pd.DataFrame(rows).assign(average_precision=[1 / rank for rank in ranks])
        result = {"architecture": "cnn", "data": "d", "layout": "market1501", "protocol": "market1501", "rule": "r"}
        result |= {"filters": 2, "region_size": 5, "splits": [1], "curve": [], "summary": {"probes": 20}, "spread": {}}
        result |= {"cameras": {"probe": [], "gallery": [], "recall@1": []}}
        found.append(tmp_path / name / "evaluations" / "d-market1501")
        Report(result, probes).write(found[-1])
    return found


def test_table_sentences_and_json(folders, tmp_path, capsys):
    assert main(["compare-results", *map(str, folders), "--json", str(tmp_path / "out.json")]) == 0
    printed, comparison = capsys.readouterr().out, compare_results(*map(read_report, folders))
    rank_1 = comparison.differences[0]
    assert f"recall@1     90.00   50.00  +40.00  {rank_1.interval}" in " ".join(printed.splitlines())
    assert comparison.sentence("recall@1", "A (good)", "B (bad)") in printed
    assert comparison.sentence("mAP", "A (good)", "B (bad)") in printed
    stored = json.loads((tmp_path / "out.json").read_text())
    assert stored["probes"] == stored["identities"] == 20
    assert stored["differences"]["recall@1"]["p_value"] == rank_1.p_value
    assert stored["differences"]["recall@1"]["interval"] == [rank_1.interval.low, rank_1.interval.high]


def test_a_negative_seed_is_refused(folders, capsys):
    with pytest.raises(SystemExit):
        main(["compare-results", *map(str, folders), "--seed", "-1"])
    assert "'-1' is not a whole number from 0" in capsys.readouterr().err


def test_a_folder_without_a_result_is_an_error(folders, tmp_path, capsys):
    assert main(["compare-results", str(folders[0]), str(tmp_path)]) == 2
    assert "result.json" in capsys.readouterr().err
