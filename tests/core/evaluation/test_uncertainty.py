"""Confidence intervals, compared with a naive bootstrap."""

import numpy as np
import pandas as pd
import pytest
from benchmarks import write_cuhk01, write_viper

from core.data.datasets import read_dataset
from core.evaluation.evaluate import evaluate_model
from core.evaluation.probe_values import NO_DRAWS, NO_PROBES, RECALL_NAMES, metric_values, sum_by_identity
from core.evaluation.protocols import PROTOCOLS
from core.evaluation.uncertainty import TOO_FEW, intervals, percentile_intervals, resampled_means, why_missing
from core.inference.model import load

PROBE_METRICS = (*RECALL_NAMES, "mAP", "mINP")  # those whose values per probe are stored


def make_probes(identities: int = 30, splits: int = 1, seed: int = 0) -> pd.DataFrame:
    """Probes with 1 to 4 images of each identity; an identity is easy or hard, and not in every split."""
    random, rows = np.random.default_rng(seed), []
    for split in range(1, splits + 1):
        for identity in range(identities):
            if splits > 1 and random.random() < 0.4:
                continue
            hard = identity % 3 == 0
            for image in range(random.integers(1, 5)):
                rank = random.integers(1, 30) if hard else random.integers(1, 3)
                rows.append((f"{identity}_{image}", f"{identity:04}", 1, float(rank), 1 / rank, 1 / rank, split))
    columns = ["path", "identity", "camera", "first_rank", "average_precision", "inp", "split"]
    return pd.DataFrame(rows, columns=columns)


def metrics_of(probes: pd.DataFrame) -> list[float]:
    """Rank-1 and mAP: the mean over splits of the mean over probes."""
    splits = [rows for _, rows in probes.groupby("split")]
    rank_1 = np.mean([(rows["first_rank"] <= 1).mean() for rows in splits])
    return [100 * rank_1, 100 * np.mean([rows["average_precision"].mean() for rows in splits])]


@pytest.mark.parametrize("splits", [1, 3])
def test_resampled_metrics_are_those_of_a_naive_loop(splits):
    probes = make_probes(splits=splits)
    sums = sum_by_identity(probes)
    wanted = [sums.metrics.index(name) for name in ("recall@1", "mAP")]
    assert sums.means[wanted] == pytest.approx(metrics_of(probes))
    drawn = np.concatenate(list(resampled_means(sums, seed=3, resamples=20)))[:, wanted]
    names = np.unique(probes["identity"])
    choices = np.random.default_rng(3).integers(len(names), size=(20, len(names)))
    for row, choice in zip(drawn, choices, strict=True):
        resampled = pd.concat([probes[probes["identity"] == names[number]] for number in choice])
        assert row == pytest.approx(metrics_of(resampled))


def test_an_interval_is_the_percentiles_of_the_resampled_metrics():
    probes = make_probes()
    sums = sum_by_identity(probes)
    drawn = np.concatenate(list(resampled_means(sums, seed=5)))
    found = intervals(probes, seed=5)
    assert tuple(found) == PROBE_METRICS and drawn.shape == (1000, len(PROBE_METRICS))
    for name, values in zip(sums.metrics, drawn.T, strict=True):
        assert (found[name].low, found[name].high) == pytest.approx(tuple(np.percentile(values, [2.5, 97.5])))
    assert intervals(probes, seed=5) == found != intervals(probes, seed=6)


def test_dependent_probes_do_not_narrow_the_interval():
    """Four equal probes of each identity carry no more information than one."""
    one = make_probes().drop_duplicates("identity")
    four = pd.concat([one] * 4)
    assert intervals(four) == intervals(one)


def test_the_interval_is_near_that_of_the_normal_distribution():
    random = np.random.default_rng(0)
    ranks = np.where(random.random(1000) < 0.7, 1.0, 40.0)
    probes = pd.DataFrame(
        {"identity": np.arange(1000).astype(str), "first_rank": ranks, "average_precision": 1 / ranks}
    )
    share = (ranks == 1).mean()
    half = 196 * np.sqrt(share * (1 - share) / 1000)
    found = intervals(probes)["recall@1"]
    assert (found.low, found.high) == pytest.approx((100 * share - half, 100 * share + half), abs=0.4)
    assert str(found) == f"[{found.low:.1f}, {found.high:.1f}]"


def test_a_reason_is_given_without_an_interval():
    assert intervals(pd.DataFrame()) == {} and why_missing(pd.DataFrame()) == NO_PROBES
    few = make_probes(identities=9)
    assert intervals(few) == {} and why_missing(few) == TOO_FEW
    drawn = make_probes().drop(columns="split").assign(draws=3, average_precision=0.4)
    assert list(intervals(drawn)) == ["mINP"] and why_missing(drawn) == NO_DRAWS
    assert why_missing(make_probes()) == ""


def test_equal_values_have_no_interval():
    perfect = make_probes().assign(first_rank=1.0)
    sums = sum_by_identity(perfect)
    found = dict(zip(sums.metrics, percentile_intervals(sums), strict=True))
    assert found["recall@1"] is None and found["mAP"] is not None


def test_equal_ranks_in_all_draws_give_rank_k():
    probes = make_probes().drop(columns="split")
    assert metric_values(probes.assign(draws=100)).equals(metric_values(probes))


@pytest.mark.parametrize(("write", "protocol"), [(write_cuhk01, "cuhk01"), (write_viper, "viper")])
def test_the_stored_values_of_single_shot_protocols_are_those_of_the_summary(write, protocol, checkpoint, tmp_path):
    dataset = read_dataset(write(tmp_path / protocol))
    report = evaluate_model(load(checkpoint), dataset, PROTOCOLS[protocol], seed=1, draws=7)
    sums = sum_by_identity(report.probes)
    assert sums.metrics == PROBE_METRICS and len(report.result["splits"]) == sums.counts.shape[1]
    expected = [report.result["summary"][name] for name in sums.metrics]
    assert sums.means == pytest.approx(expected, abs=1e-3)
