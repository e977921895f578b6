"""Damaged and hostile files of every kind give a result or one sentence; `bench/fuzz.py` reads far more of them."""

import sys

import pytest
from fuzzing.cases import make_case, run_case, warm_up
from fuzzing.readers import READERS

FIRST, CASES, BLOCK = 100_000, 500, 50  # seeds that the benchmark does not use


@pytest.fixture(scope="module", autouse=True)
def warm():
    warm_up()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # what numpy and Pillow say about damaged files
@pytest.mark.parametrize("first", range(FIRST, FIRST + CASES, BLOCK))
def test_a_file_gives_a_result_or_one_sentence(first):
    outcomes = [run_case(seed) for seed in range(first, first + BLOCK)]
    assert [outcome for outcome in outcomes if outcome.fault and not outcome.fault.startswith("took ")] == []
    if sys.platform == "linux":
        assert all(outcome.growth < 400 * 2**20 for outcome in outcomes)  # the benchmark has the strict limits


def test_a_seed_gives_the_same_case_and_all_kinds_occur():
    assert make_case(7) == make_case(7)
    assert {make_case(seed)[0] for seed in range(FIRST, FIRST + CASES)} == set(READERS)


def test_a_fault_is_found(monkeypatch):
    def fail(folder):
        raise ZeroDivisionError

    monkeypatch.setitem(READERS, "image", fail)
    assert run_case(FIRST, "image").fault.startswith("ZeroDivisionError")
