"""A run's folder: the newest checkpoint, deleted checkpoints, and the folders of results."""

import os
from dataclasses import replace

import pytest
import torch

from core.inference.checkpoint import Checkpoint, find_checkpoint
from core.models.network import Network
from core.presets import fast
from core.training.run_folder import TRAINING_STATE, Run

NETWORK = replace(fast("mr_bcnn")[0], filters=2, descriptor=8)
TRAINING = fast("mr_bcnn")[1]


@pytest.fixture
def run(tmp_path) -> Run:
    return Run.create(tmp_path / "runs" / "mine", NETWORK, TRAINING, {})


def test_checkpoints_are_sorted_by_number(run):
    checkpoint, state = Checkpoint(Network(NETWORK), TRAINING), {"step": torch.zeros(1)}
    for step in (999_500, 1_000_000):
        written = run.save(step, checkpoint, state)
        run.prune(keep_every=10_000_000, best="999500")
    assert [path.name for path in run.checkpoints()] == ["999500", "1000000"]
    assert run.newest_step() == 1_000_000 and find_checkpoint(run.folder) == written == run.checkpoints()[-1]
    assert [path for path in run.checkpoints() if (path / TRAINING_STATE).exists()] == [written]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_files_of_a_checkpoint_have_the_same_permissions(run):
    written = run.save(1, Checkpoint(Network(NETWORK), TRAINING), {"step": torch.zeros(1)})
    assert len({path.stat().st_mode for path in written.iterdir()}) == 1


def test_paths_are_stored_absolute_so_that_a_run_resumes_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = {"folder": "one::rules.toml++two::viper", "init": "start"}
    run = Run.create(tmp_path / "run", NETWORK, replace(TRAINING, teacher="runs/wide"), data)
    folder = f"{tmp_path}/one::{tmp_path}/rules.toml++{tmp_path}/two::viper"
    assert run.data == {"folder": folder, "init": f"{tmp_path}/start"}
    assert run.configs[1].teacher == f"{tmp_path}/runs/wide"
