"""A run that is killed at any point, also while it writes a checkpoint, resumes to the same weights."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from trainers import command, ended, mortal, start

from core.data.datasets import read_dataset
from core.inference.checkpoint import load_checkpoint
from core.presets import fast
from core.training.run_folder import TRAINING_STATE, Run

pytestmark = pytest.mark.slow
STEPS, KILLED = 10, -9
NETWORK = replace(fast("mr_bcnn")[0], filters=2, descriptor=8)
TRAINING = replace(
    fast("mr_bcnn")[1],
    steps=STEPS,
    identities=2,
    images_per_identity=2,
    validation_identities=0,
    identity_weight=0.5,
    validate_every=10_000,
    checkpoint_every=1,
    keep_every=7,
)


def create_run(market: Path, folder: Path) -> Run:
    return Run.create(folder, NETWORK, TRAINING, {"folder": str(market), "protocol": "market1501", "split": 1})


def test_run_killed_before_every_file_change_ends_with_the_same_weights(market, tmp_path):
    """Each process makes one more change of a file or folder than the process before it, and is then killed."""
    market = read_dataset(market).source.resolve()
    whole, killed = (create_run(market, tmp_path / "runs" / name) for name in ("whole", "killed"))
    assert ended(start(command, tmp_path, "resume", "whole", output=tmp_path / "whole.txt")) == [0]

    def exit_code_after(changes: int) -> int | None:
        return ended(start(mortal, tmp_path, changes, "resume", "killed", output=tmp_path / "killed.txt"))[0]

    assert (
        exit_code_after(50) == KILLED and 0 < killed.newest_step() < STEPS
    )  # some checkpoints exist before the shorter lives
    changes, torn, doubled = 1, 0, 0
    reached = killed.newest_step()
    while (code := exit_code_after(changes)) == KILLED:
        changes += 1
        torn += bool(list(killed.folder.glob("checkpoints/*.new")))
        doubled += (
            len(list(killed.folder.glob(f"checkpoints/*/{TRAINING_STATE}"))) == 2
        )  # the next change removes the older one
        assert reached <= killed.newest_step() <= STEPS
        reached = killed.newest_step()
    assert code == 0, (tmp_path / "killed.txt").read_text()
    assert torn > 5 and doubled > 0, "no kill hit a checkpoint that was being written"
    steps = [row["step"] for row in killed.read("metrics.jsonl")]
    assert steps == sorted(set(steps))
    expected, found = (load_checkpoint(run.checkpoints()[-1]).network.state_dict() for run in (whole, killed))
    assert killed.newest_step() == STEPS and expected.keys() == found.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
