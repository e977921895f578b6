"""Twenty kills at random times. `python -m bench.kills` does a hundred."""

import random
import shutil

import pytest
from faults.kills import kill_indexer, kill_server, kill_trainer

SEED = 1


@pytest.mark.slow
def test_killed_trainers(market, tmp_path):
    outcome = kill_trainer(tmp_path, market, 9, random.Random(SEED))
    assert outcome.kills == 9


@pytest.mark.slow
def test_killed_indexers(checkpoint, tmp_path):
    outcome = kill_indexer(tmp_path, checkpoint, 9, random.Random(SEED))
    assert outcome.kills == 9


@pytest.mark.server
def test_killed_servers(market, checkpoint, tmp_path, monkeypatch):
    shutil.copytree(checkpoint, tmp_path / "checkpoints" / "pedestrians-mr_bcnn")
    monkeypatch.setenv("MR_BCNN_DATA", str(market))
    monkeypatch.setenv("MR_BCNN_CHECKPOINTS", str(tmp_path / "checkpoints"))
    assert kill_server(tmp_path, 2, random.Random(SEED)).kills == 2
