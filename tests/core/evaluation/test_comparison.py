"""The comparison of two results on the same probes."""

import numpy as np
import pandas as pd
import pytest

from core.errors import UserError
from core.evaluation.comparison import FIRST, NEITHER, SECOND, compare_probes, compare_results
from core.evaluation.report import Report
from core.evaluation.uncertainty import TOO_FEW


def result(ranks: dict[str, float], data: str = "station", splits: tuple = (1,), **columns) -> Report:
    rows = [(path, path[0], 1, rank, 1 / rank) for path, rank in ranks.items()]
    probes = pd.DataFrame(rows, columns=["path", "identity", "camera", "first_rank", "average_precision"])
    return Report({"data": data, "protocol": "market1501", "splits": list(splits)}, probes.assign(**columns))


def test_the_model_with_the_lower_rank_is_better():
    table = compare_probes(result({"a": 3, "b": 1, "c": 2, "only": 1}), result({"c": 2, "b": 4, "a": 1}))
    rows = table[["path", "first_rank", "second_rank", "gain", "better"]].to_numpy().tolist()
    assert rows == [["a", 3, 1, 2, SECOND], ["b", 1, 4, -3, FIRST], ["c", 2, 2, 0, NEITHER]]


def test_results_on_other_data_are_refused():
    with pytest.raises(UserError, match="cannot be compared"):
        compare_probes(result({"a": 1}), result({"a": 1}, "street"))


def test_results_without_common_probes_are_refused():
    with pytest.raises(UserError, match="no probe in common"):
        compare_results(result({"a": 1}), result({"b": 1}))
    with pytest.raises(UserError, match="no stored probes"):
        compare_results(result({"a": 1}), Report(result({}).result, pd.DataFrame()))
    with pytest.raises(UserError, match="drew their probes differently"):
        compare_results(result({"a": 1}, draws=3), result({"a": 1}, draws=4))
    with pytest.raises(UserError, match="drew their probes differently"):
        compare_results(result({"a": 1}), result({"a": 1}, draws=4))


def test_only_probes_of_the_same_split_are_paired():
    several = result({"a": 3, "b": 1}, splits=(2, 4), split=[1, 2])
    table = compare_probes(several, result({"a": 1, "b": 2}, splits=(4,)))
    assert table[["path", "split", "second_rank"]].to_numpy().tolist() == [["b", 4, 2]]


def test_differences_and_sentences():
    random = np.random.default_rng(0)
    paths = [f"{chr(200 + number // 2)}{number}" for number in range(80)]
    worse = {path: float(random.integers(1, 4)) for path in paths}
    better = {path: max(1.0, rank - 1) for path, rank in worse.items()}
    comparison = compare_results(result(better | {"own": 1.0}), result(worse))
    assert (comparison.probes, comparison.identities, comparison.splits, comparison.unpaired) == (80, 40, 1, 1)
    rank_1 = comparison.differences[0]
    expected = 100 * np.mean([better[path] <= 1 for path in paths]) - 100 * np.mean(
        [worse[path] <= 1 for path in paths]
    )
    assert rank_1.metric == "recall@1" and rank_1.points == pytest.approx(expected)
    said = comparison.sentence("recall@1", "A", "B")
    assert said == (
        f"On these 80 probes of 40 identities, A has a higher rank-1 than B. The difference of {expected:.1f} points "
        f"(95 % interval {rank_1.interval.low:.1f} to {rank_1.interval.high:.1f}, p < 0.001) is unlikely to be chance."
    )
    assert compare_results(result(worse), result(better)).sentence("recall@1", "B", "A") == said
    assert "have the same rank-1" in compare_results(result(worse), result(worse)).sentence("recall@1", "A", "B")
    assert comparison.sentence("mINP", "A", "B") == ""


def test_a_small_difference_may_be_chance():
    ranks = {f"{chr(200 + number)}": 1.0 + number % 2 for number in range(40)}
    one_better = ranks | {chr(201): 1.0}
    comparison = compare_results(result(one_better), result(ranks))
    assert "may be chance" in comparison.sentence("recall@1", "A", "B")
    assert comparison.differences[0].p_value == 1


def test_few_identities_have_no_interval():
    comparison = compare_results(result({"a": 1, "b": 2}), result({"a": 2, "b": 3}))
    assert comparison.differences[0].interval is None and comparison.missing == TOO_FEW
    assert "interval" not in comparison.sentence("recall@1", "A", "B")
