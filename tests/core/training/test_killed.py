"""kill -9 at any point, also while a checkpoint is being written: none is lost, and the weights are the same."""

import random
import shutil
import time
from dataclasses import replace
from pathlib import Path

import torch
from trainers import command, ended, start

from core.checkpoint import load_checkpoint
from core.config import fast
from core.data.layout import read_dataset
from core.training.runs import Run

KILLS = 20
NETWORK = replace(fast("mr_bcnn")[0], filters=2, descriptor=8)
TRAINING = replace(fast("mr_bcnn")[1], steps=4 * KILLS, identities=2, pictures=2, validation_identities=0,
                   identity_weight=0.5, validate_every=10_000, checkpoint_every=1, keep_every=7)  # fmt: skip


def configured(market: Path, folder: Path) -> Run:
    return Run.create(folder, NETWORK, TRAINING, {"folder": str(market), "protocol": "market1501", "split": 1})


def half_written(run: Run) -> list[Path]:
    return list((run.folder / "checkpoints").glob("*.new"))


def test_killed_twenty_times_it_ends_with_the_same_weights(market, tmp_path):
    market = read_dataset(market).source.resolve()
    whole, killed = (configured(market, tmp_path / "runs" / name) for name in ("whole", "killed"))
    uninterrupted = start(command, tmp_path, "resume", "whole", output=tmp_path / "whole.txt")
    chance, torn = random.Random(0), 0
    for number in range(KILLS):
        reached = killed.newest_step()
        if number % 4 >= 2:  # what earlier kills left must not be taken for a new one; other starts find it there
            for path in half_written(killed):
                shutil.rmtree(path)
        process = start(command, tmp_path, "resume", "killed", output=tmp_path / "killed.txt")
        if number % 4 == 0:  # anywhere, also before the first step
            time.sleep(chance.uniform(0, 1))
        elif number % 4 == 1:  # somewhere in a step
            while killed.newest_step() == reached:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.05))
        else:  # while a checkpoint is being written
            while not half_written(killed):
                assert process.is_alive(), (tmp_path / "killed.txt").read_text()
            time.sleep(chance.uniform(0, 0.003))
        process.kill()
        process.join()
        torn += bool(half_written(killed))
        assert reached <= killed.newest_step() < TRAINING.steps
    assert torn, "no kill hit a checkpoint that was being written"
    assert ended(start(command, tmp_path, "resume", "killed", output=tmp_path / "killed.txt"), uninterrupted) == [0, 0]
    steps = [row["step"] for row in killed.read("metrics.jsonl")]
    assert steps == sorted(set(steps))
    expected, found = (load_checkpoint(run.checkpoints()[-1]).network.state_dict() for run in (whole, killed))
    assert killed.newest_step() == TRAINING.steps and expected.keys() == found.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
