"""Groups of results whose trainings differ only in the seed."""

from dataclasses import replace

import pandas as pd
import pytest

from core.data.datasets import read_dataset
from core.evaluation.evaluate import evaluate_model
from core.evaluation.protocols import choose_protocol
from core.evaluation.report import Report
from core.evaluation.seeds import configuration_hash, group_seeds
from core.inference.checkpoint import load_checkpoint
from core.inference.model import Model
from core.inference.provenance import TrainingRecord
from core.presets import PRESETS

NETWORK, TRAINING = PRESETS["demo"]("cnn")
DATA = {"name": "street", "layout": "market1501", "protocol": "market1501", "split": 1, "origin": "as distributed"}


def result(seed: int, rank_1: float, configuration: str = "a", **changes) -> Report:
    summary = {"recall@1": rank_1, "mAP": 50.0, "probes": 2}
    values = {"data": "station", "protocol": "market1501", "splits": [1], "summary": summary}
    return Report(values | {"seed": seed, "configuration": configuration} | changes, pd.DataFrame())


def test_only_the_seed_may_differ():
    one = configuration_hash(NETWORK, TRAINING, DATA, [])
    assert configuration_hash(NETWORK, replace(TRAINING, seed=7), DATA | {"validation": "other identities"}, []) == one
    others = [
        configuration_hash(replace(NETWORK, filters=5), TRAINING, DATA, []),
        configuration_hash(NETWORK, replace(TRAINING, learning_rate=0.5), DATA, []),
        configuration_hash(NETWORK, TRAINING, DATA | {"split": 2}, []),
        configuration_hash(NETWORK, TRAINING, DATA, [TrainingRecord("start", "street", None, 1, "as distributed")]),
    ]
    assert len({one, *others}) == 5


def test_mean_and_standard_deviation_by_hand():
    reports = {
        "r2: station-market1501": result(2, 64.0),
        "r0: station-market1501": result(0, 60.0),
        "r1: station-market1501": result(1, 62.0),
        "copy: station-market1501": result(1, 99.0),
        "other: station-market1501": result(0, 80.0, "b"),
        "flip: station-market1501-flip": result(0, 80.0, flip=True),
        "old: station-market1501": Report(result(0, 1.0).result | {"configuration": None}, pd.DataFrame()),
    }
    groups = group_seeds(reports)
    assert list(groups) == [name for name in reports if not name.startswith("old")]
    group = groups["r0: station-market1501"]
    assert group == groups["copy: station-market1501"] and group.seeds == (0, 1, 2)
    assert group.means["recall@1"] == 62 and group.spread == {"recall@1": pytest.approx(2.0), "mAP": 0.0}
    assert groups["other: station-market1501"].seeds == groups["flip: station-market1501-flip"].seeds == (0,)
    assert groups["other: station-market1501"].spread == {}


def test_checkpoints_of_one_run_are_not_mixed():
    groups = group_seeds(
        {"r0: station-market1501-000500": result(0, 60.0), "r1: station-market1501-001000": result(1, 62.0)}
    )
    assert [group.seeds for group in groups.values()] == [(0,), (1,)]


def test_a_result_has_the_seed_of_its_training(market, checkpoint):
    dataset, untrained = read_dataset(market), load_checkpoint(checkpoint)
    protocol, training = choose_protocol(dataset), replace(TRAINING, seed=7)
    report = evaluate_model(Model(replace(untrained, training=training, data=DATA), "cpu"), dataset, protocol)
    expected = configuration_hash(untrained.network.config, TRAINING, DATA, [])
    assert (report.result["seed"], report.result["configuration"]) == (7, expected)
    assert "seed" not in evaluate_model(Model(untrained, "cpu"), dataset, protocol).result
