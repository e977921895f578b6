"""The paired test, compared with exact tests and a naive loop."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from core.evaluation.paired_test import paired_differences, sign_flip_test
from core.evaluation.probe_values import IdentitySums, sum_by_identity


def sums_of(differences: list[list[float]], counts: list[list[float]] | None = None) -> IdentitySums:
    """Sums of one metric: a row for each identity, a column for each split."""
    sums = np.array(differences, float)
    return IdentitySums(("mAP",), sums[..., None], np.ones(sums.shape) if counts is None else np.array(counts), 0)


@pytest.mark.parametrize(("first_alone", "second_alone"), [(9, 2), (15, 5), (6, 6), (3, 0)])
def test_with_one_probe_per_identity_it_is_mcnemars_exact_test(first_alone, second_alone):
    differences = [[100.0]] * first_alone + [[-100.0]] * second_alone + [[0.0]] * 20
    exact = binomtest(first_alone, first_alone + second_alone).pvalue
    assert sign_flip_test(sums_of(differences), flips=40_000)[0] == pytest.approx(exact, abs=0.01)


def test_all_assignments_of_signs_by_hand():
    """The sum of 3, 2 and -1 is 4. Of the 8 sums with other signs, 4, 6, -4 and -6 are at least as large."""
    differences = np.array([3.0, 2.0, -1.0])
    larger = sum(abs(np.dot(signs, differences)) >= 4 for signs in product((1, -1), repeat=3))
    assert larger == 4
    assert sign_flip_test(sums_of(differences[:, None].tolist()), flips=40_000)[0] == pytest.approx(4 / 8, abs=0.01)


def test_one_sign_for_all_probes_of_an_identity_in_all_splits():
    random = np.random.default_rng(1)
    counts = random.integers(1, 4, size=(12, 2)).astype(float)
    sums = random.normal(3, 20, size=(12, 2)) * counts
    signs = 1 - 2.0 * np.random.default_rng(4).integers(2, size=(500, 12), dtype=np.int8)
    observed = np.mean([sums[:, split].sum() / counts[:, split].sum() for split in range(2)])
    larger = 1
    for flip in signs:
        value = np.mean([(flip * sums[:, split]).sum() / counts[:, split].sum() for split in range(2)])
        larger += abs(value) >= abs(observed)
    found = sign_flip_test(sums_of(sums.tolist(), counts), seed=4, flips=500)
    assert found[0] == pytest.approx(larger / 501)


def test_equal_models_have_no_difference():
    assert sign_flip_test(sums_of([[0.0]] * 12))[0] == 1


def test_differences_of_all_metrics():
    random = np.random.default_rng(0)
    probes = pd.DataFrame({"identity": [f"{number // 2:03}" for number in range(200)]})
    better = pd.DataFrame({"recall@1": random.random(200) < 0.8, "mAP": random.random(200)}) * 100.0
    worse = better.assign(mAP=better["mAP"] - 5 + random.normal(0, 1, 200))
    rank_1, precision = paired_differences(sum_by_identity(probes, better), sum_by_identity(probes, worse))
    assert rank_1.points == 0 and rank_1.p_value == 1 and rank_1.interval is None and not rank_1.is_significant
    assert precision.points == pytest.approx((better["mAP"] - worse["mAP"]).mean())
    assert precision.interval.low < precision.points < precision.interval.high < 5.5
    assert precision.is_significant and precision.p_value == pytest.approx(1 / 10_001)


def test_a_test_of_equal_models_is_rarely_significant():
    """Under the null hypothesis 5 % of the p-values are below 0.05, also for dependent probes."""
    random, rejected = np.random.default_rng(0), 0
    for trial in range(200):
        of_identity = random.normal(0, 10, size=(40, 1)) * 4  # four equal probes
        rejected += sign_flip_test(sums_of(of_identity.tolist(), [[4.0]] * 40), trial, flips=400)[0] < 0.05
    assert 2 <= rejected <= 20
