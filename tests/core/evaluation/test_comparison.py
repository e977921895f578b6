"""The comparison of two results on the same probes."""

from types import SimpleNamespace

import pandas as pd
import pytest

from core.errors import UserError
from core.evaluation.comparison import FIRST, NEITHER, SECOND, compare_probes


def result(ranks: dict[str, float], task: str = "station") -> SimpleNamespace:
    rows = [(path, "anna", 1, rank) for path, rank in ranks.items()]
    return SimpleNamespace(task=task, probes=pd.DataFrame(rows, columns=["path", "identity", "camera", "first_rank"]))


def test_the_model_with_the_lower_rank_is_better():
    table = compare_probes(result({"a": 3, "b": 1, "c": 2, "only": 1}), result({"c": 2, "b": 4, "a": 1}))
    rows = table[["path", "first_rank", "second_rank", "gain", "better"]].to_numpy().tolist()
    assert rows == [["a", 3, 1, 2, SECOND], ["b", 1, 4, -3, FIRST], ["c", 2, 2, 0, NEITHER]]


def test_results_on_other_data_are_refused():
    with pytest.raises(UserError, match="cannot be compared"):
        compare_probes(result({"a": 1}), result({"a": 1}, "street"))
