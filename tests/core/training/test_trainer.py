"""Trainings on tiny data: they learn, are reproducible, and resume to exactly the same weights."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import write_market

from core.data.datasets import read_dataset
from core.data.splits import given_split
from core.errors import UserError
from core.inference.checkpoint import Checkpoint, load_checkpoint
from core.inference.model import Model
from core.losses.histogram import histogram_loss
from core.models.network import Network
from core.presets import fast
from core.training.run_folder import TRAINING_STATE, Run
from core.training.teacher import describe_by_teacher
from core.training.training_run import run_training

pytestmark = pytest.mark.slow
NETWORK = replace(fast("mr_bcnn")[0], filters=3, descriptor=16)
TRAINING = replace(
    fast("mr_bcnn")[1], steps=6, identities=4, validation_identities=2, validate_every=2, checkpoint_every=3
)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = write_market(tmp_path_factory.mktemp("train") / "data", people=24, shots=3)
    rows = [f"{person:04d},{person // 3}" for person in range(1, 25)]
    (folder / "identities.csv").write_text("\n".join(["identity,family", *rows]))
    return read_dataset(folder)


def go(dataset, folder: Path, training=TRAINING, **options) -> Run:
    run = Run.create(folder, NETWORK, training, {})
    run_training(dataset, given_split(dataset), run, NETWORK, training, **options)
    return run


def last_weights(run: Run) -> dict[str, torch.Tensor]:
    return load_checkpoint(run.checkpoints()[-1]).network.state_dict()


def same(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


@pytest.fixture(scope="module")
def whole(dataset, tmp_path_factory) -> Run:
    """Return a run without interruption."""
    return go(dataset, tmp_path_factory.mktemp("runs") / "whole")


def test_run_folder_records_the_training(whole):
    assert whole.status["state"] == "finished" and whole.status["step"] == whole.status["steps"] == 6
    assert whole.status["best_checkpoint"] in [path.name for path in whole.checkpoints()]
    assert whole.configs == (NETWORK, TRAINING)
    rows = whole.read("metrics.jsonl")
    assert [row["step"] for row in rows if "validation recall@1" in row] == [2, 4, 6]
    assert [path for path in whole.checkpoints() if (path / TRAINING_STATE).exists()] == whole.checkpoints()[-1:]
    assert list((whole.folder / "tensorboard").glob("events*"))
    checkpoint = load_checkpoint(whole.folder)  # a run folder stands for its best checkpoint
    assert checkpoint.training == TRAINING and checkpoint.data["training"].startswith("90 images, 10 identities")


def test_newest_best_and_every_nth_checkpoint_are_kept(dataset, tmp_path):
    run = go(dataset, tmp_path / "pruned", replace(TRAINING, steps=7, checkpoint_every=1, keep_every=3))
    best = run.status["best_checkpoint"]
    assert [path.name for path in run.checkpoints()] == sorted({"000003", "000006", "000007", best})


def test_seed_fixes_the_weights(dataset, whole, tmp_path):
    assert same(last_weights(go(dataset, tmp_path / "again")), last_weights(whole))
    assert not same(last_weights(go(dataset, tmp_path / "other", replace(TRAINING, seed=1))), last_weights(whole))


@pytest.mark.parametrize(
    "changes",
    [
        {"batches": "identities"},
        {"batches": "label_shuffled", "batch_size": 20},
        {"batches": "cameras"},
        {"batches": "cameras", "camera_norm": True},
        {"batches": "families"},
        {"identity_weight": 0.5},
        {"loss": "binomial_deviance"},
        {"schedule": "plateau", "patience": 1, "validate_every": 1},
    ],
    ids=str,
)
def test_stopped_run_resumes_to_the_same_weights(dataset, tmp_path, changes, monkeypatch):
    training = replace(TRAINING, **changes)
    expected = last_weights(go(dataset, tmp_path / "whole", training))
    run = Run.create(tmp_path / "stopped", NETWORK, training, {})
    write_status = Run.write_status

    def stop_at_4(self, **changes):
        write_status(self, **changes)
        if changes.get("best_checkpoint") == "000004":
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Run, "write_status", stop_at_4)
    assert run_training(dataset, given_split(dataset), run, NETWORK, training) == "stopped"
    assert run.status["state"] == "stopped" and run.status["step"] == 5  # the current step was finished
    monkeypatch.undo()
    assert run_training(dataset, given_split(dataset), run, NETWORK, training) == "finished"
    assert same(last_weights(run), expected)
    steps = [row["step"] for row in run.read("metrics.jsonl")]
    assert steps == sorted(steps)


def test_killed_run_resumes_to_the_same_weights(dataset, tmp_path):
    """kill -9 loses only the steps since the last checkpoint."""
    command = [
        sys.executable,
        "-m",
        "core",
        "train",
        str(dataset.root),
        "--preset",
        "demo",
        "--filters",
        "2",
        "--steps",
        "30",
        "--run",
    ]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3]), "OMP_NUM_THREADS": "1"}
    script = "from core import presets; import dataclasses, sys; from core.cli.main import main;" + (
        "old = presets.demo; presets.PRESETS['demo'] = lambda a: (lambda n, t: (n, dataclasses.replace(t, identities=4,"
        "validation_identities=0, checkpoint_every=3)))(*old(a)); sys.exit(main(sys.argv[1:]))"
    )
    command[1:3] = ["-c", script]

    def start(*more: str) -> subprocess.Popen:
        return subprocess.Popen([*command, *more], cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)

    assert start("whole").wait(200) == 0
    killed = start("killed")
    run = Run(tmp_path / "runs" / "killed")
    while max((int(path.name) for path in run.checkpoints()), default=0) < 6:
        assert killed.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    assert run.status["state"] == "running" and run.state == "lost" and run.status["step"] < 30
    assert start("killed", "--resume").wait(200) == 0
    assert run.status["state"] == "finished"
    assert same(last_weights(run), last_weights(Run(tmp_path / "runs" / "whole")))


def test_training_halves_the_loss(dataset, tmp_path):
    """The loss over all training images, without dropout and augmentation, falls to less than half."""
    records = [record for record in dataset.train if record.identity <= "0008"]
    identities = torch.tensor([int(record.identity) for record in records])
    training = replace(TRAINING, steps=20, learning_rate=5e-3, erase=0.0, colour=0.0, validation_identities=0)
    run = go(replace(dataset, train=records), tmp_path / "learn", training)
    losses = []
    for step in (0, 20):
        torch.manual_seed(training.seed)
        network = load_checkpoint(run.folder).network if step else Network(NETWORK).eval()
        losses.append(
            histogram_loss(torch.from_numpy(Model(Checkpoint(network)).describe_records(records)[0]), identities)
        )
    assert losses[1] < losses[0] / 2


def test_init_requires_the_same_network(dataset, whole, tmp_path):
    still = replace(TRAINING, steps=1, learning_rate=0.0, weight_decay=0.0, pca_power=0.0)
    run = go(dataset, tmp_path / "tuned", still, init=whole.folder)
    start, tuned = load_checkpoint(whole.folder).network, load_checkpoint(run.folder).network
    assert torch.equal(start.linear.weight, tuned.linear.weight)
    other = replace(NETWORK, descriptor=8, region_size=3)
    with pytest.raises(UserError, match="It has region_size 5 instead of 3, descriptor 16 instead of 8"):
        run_training(
            dataset,
            given_split(dataset),
            Run.create(tmp_path / "wrong", other, TRAINING, {}),
            other,
            TRAINING,
            init=whole.folder,
        )


def test_teacher_changes_the_weights_and_is_recorded(dataset, whole, tmp_path):
    """The identities that the teacher was trained on count as seen. A resumed run keeps the record."""
    training = replace(TRAINING, teacher=str(whole.folder), steps=2)
    one, again, other = (
        go(dataset, tmp_path / name, changed)
        for name, changed in (
            ("one", training),
            ("again", training),
            ("other", replace(training, teacher_weight=0.0)),
        )
    )
    assert same(last_weights(one), last_weights(again)) and not same(last_weights(one), last_weights(other))
    names = [record.checkpoint for record in load_checkpoint(one.folder).provenance.records]
    assert names == ["one", "whole"]
    with pytest.raises(UserError, match="no checkpoint at nowhere"):
        go(dataset, tmp_path / "nobody", replace(TRAINING, teacher="nowhere"))
    with pytest.raises(UserError, match="160 x 60 pixels, and the network 192 x 96"):
        describe_by_teacher(str(whole.folder), torch.zeros(1, 3, 192, 96, dtype=torch.uint8), "cpu")


def test_init_widens_a_network_with_fewer_filters(dataset, whole, tmp_path):
    network = replace(NETWORK, filters=2 * NETWORK.filters)
    training = replace(TRAINING, steps=1, learning_rate=0.0, weight_decay=0.0)
    run = Run.create(tmp_path / "wide", network, training, {})
    run_training(dataset, given_split(dataset), run, network, training, init=whole.folder)
    narrow, wide = load_checkpoint(whole.folder).network, load_checkpoint(run.folder).network
    for name in ("conv1.weight", "norm1.weight"):
        before, after = narrow.streams[0].get_parameter(name), wide.streams[0].get_parameter(name)
        assert torch.equal(before.repeat_interleave(2, dim=0), after)


def test_unlabelled_data_fails_with_one_sentence(dataset, tmp_path):
    unlabelled = read_dataset(dataset.root / "query")
    with pytest.raises(UserError, match="0 labelled identities with two or more"):
        go(unlabelled, tmp_path / "unlabelled")
    assert Run(tmp_path / "unlabelled").status["state"] == "failed"
    go(dataset, tmp_path / "unlabelled", replace(TRAINING, steps=1))  # it has no checkpoint to overwrite


def test_run_is_not_overwritten(dataset, whole):
    with pytest.raises(UserError, match="--resume"):
        go(dataset, whole.folder)


def test_run_is_not_trained_by_two_processes(dataset, tmp_path):
    run = Run.create(tmp_path / "run", NETWORK, TRAINING, {})
    with run.job.claim():
        run.write_status(state="running")
        with pytest.raises(UserError, match=f"process {os.getpid()}"):
            Run.create(run.folder, NETWORK, TRAINING, {})
        with pytest.raises(UserError, match=f"process {os.getpid()}"):
            run_training(dataset, given_split(dataset), Run(run.folder), NETWORK, TRAINING)
    assert run.state == "lost"
    assert Run.create(run.folder, NETWORK, TRAINING, {}).folder == run.folder  # it has no checkpoint to overwrite


def test_few_identities_reduce_the_batch(dataset, tmp_path, capsys):
    run = go(dataset, tmp_path / "few", replace(TRAINING, identities=50, steps=1))
    assert "batches have 10 identities instead of 50" in capsys.readouterr().out
    assert run.status["images_per_step"] == 10 * TRAINING.images_per_identity  # the table of runs computes images/s


def test_diverging_loss_fails_with_one_sentence(dataset, tmp_path):
    wild = replace(TRAINING, learning_rate=1e30, schedule="step", checkpoint_every=1, validation_identities=0)
    with pytest.raises(UserError, match="not a number"):
        go(dataset, tmp_path / "wild", wild)
    assert Run(tmp_path / "wild").status["state"] == "failed"
