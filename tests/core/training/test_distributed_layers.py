"""Several processes that train together reach the same weights as one process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import write_market
from safetensors.torch import load_file
from trainers import command, ended, start, start_ranks, steps

from core.config import NetworkConfig, TrainingConfig
from core.inference.checkpoint import load_checkpoint
from core.presets import fast
from core.training.run_folder import Run

pytestmark = pytest.mark.slow
PLAIN = NetworkConfig(filters=3, descriptor=16)  # as in the paper: dropout 0.5, no normalisation
NORMED = replace(fast("mr_bcnn")[0], filters=3, descriptor=16, instance_norm=True)
PAPER = replace(TrainingConfig(), steps=5, batch_size=19, cap=4)  # 19: unequal shares
FAST = replace(fast("mr_bcnn")[1], steps=3, identities=3, images_per_identity=3, colour=0.2, noise=5.0)
SETTINGS = (
    "--filters",
    "3",
    "--preset",
    "demo",
    "--set",
    "identities=4",
    "validation_identities=2",
    "validate_every=2",
    "checkpoint_every=2",
    "keep_every=1",
    "descriptor=16",
    "batch_norm=false",
    "part_weight=0",
)  # without part_weight, whose rounding errors Adam amplifies; double precision tests it below


@pytest.mark.parametrize(
    ("network", "training", "kind", "tolerance", "ranks"),
    [
        (PLAIN, PAPER, torch.float32, 1e-5, 2),
        (PLAIN, replace(PAPER, loss="binomial_deviance", identity_weight=0.5), torch.float32, 1e-5, 3),
        (replace(PLAIN, architecture="b_cnn"), PAPER, torch.float32, 1e-5, 2),
        (replace(PLAIN, architecture="cnn"), replace(FAST, learning_rate=1e-4), torch.float32, 1e-5, 2),
        # double precision: the gradient of the last bias is 0 except for rounding, and Adam scales it to full steps
        (PLAIN, FAST, torch.float64, 1e-9, 2),
        (NORMED, FAST, torch.float64, 1e-9, 2),
        (NORMED, replace(FAST, part_weight=0.5), torch.float64, 1e-9, 3),
    ],
    ids=["paper", "deviance", "b_cnn", "cnn", "double", "normed", "parts"],
)
def test_losses_and_weights_equal_those_of_one_process(network, training, kind, tolerance, ranks, tmp_path):
    file = tmp_path / "weights"
    assert ended(start(steps, network, training, kind, file)) == [0]
    expected = load_file(file.with_name("weights.0"))
    assert len(expected["losses"]) == training.steps
    assert ended(*start_ranks(ranks, steps, network, training, kind, file)) == [0] * ranks
    for rank in range(ranks):
        found = load_file(file.with_name(f"weights.{rank}"))
        assert found.keys() == expected.keys()
        for name, values in expected.items():
            torch.testing.assert_close(found[name], values, rtol=0, atol=tolerance, msg=lambda text: f"{name}: {text}")  # noqa: B023


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return write_market(tmp_path_factory.mktemp("ranks") / "data", people=20, shots=2)


def wait_for_checkpoint(run: Run, is_alive: Callable[[], bool], reached: int = 0) -> None:
    end = time.monotonic() + 60
    while run.newest_step() == reached and is_alive() and time.monotonic() < end:
        time.sleep(0.01)


def weights(run: Run) -> dict[str, torch.Tensor]:
    return load_checkpoint(run.checkpoints()[-1]).network.state_dict()


def test_resume_with_another_number_of_processes(data, tmp_path):
    """Two ranks start a run, three resume it and one ends it; the result is that of one process."""
    train = ("train", str(data), *SETTINGS, "--steps", "8", "--run")
    assert ended(start(command, tmp_path, *train, "alone", output=tmp_path / "alone.txt")) == [0]
    run, alone = (Run(tmp_path / "runs" / name) for name in ("spread", "alone"))
    for ranks in (2, 3):
        resume = ("--resume",) if run.checkpoints() else ()
        reached = run.newest_step()
        processes = start_ranks(ranks, command, tmp_path, *train, "spread", *resume, output=tmp_path)
        wait_for_checkpoint(run, processes[0].is_alive, reached)
        run.job.stop()
        assert ended(*processes) == [0] * ranks, (tmp_path / "0").read_text()
        assert reached < run.newest_step() == run.status["step"]
        assert not (tmp_path / "1").read_text()  # only the first rank prints
    assert ended(start(command, tmp_path, "resume", "spread", output=tmp_path / "last.txt")) == [0]
    assert run.state == "finished" and run.newest_step() == 8
    expected, found = weights(alone), weights(run)
    for name, values in expected.items():
        torch.testing.assert_close(found[name], values, rtol=0, atol=1e-5)
    losses = [
        [row["loss"] for row in each.read("metrics.jsonl") if row.get("step") == 8 and "loss" in row]
        for each in (run, alone)
    ]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


def ranks_of(folder: Path, *commands: tuple[str, ...]):
    """Start one rank for each command; on several machines the commands may differ."""
    return start_ranks(len(commands), by_rank, folder, commands, output=folder)


def by_rank(folder: Path, commands: tuple[tuple[str, ...], ...]) -> int:
    return command(folder, *commands[int(os.environ["RANK"])])


def test_error_of_one_process_ends_all_with_one_sentence(data, tmp_path):
    def train(folder: Path, name: str, *more: str) -> tuple[str, ...]:
        return ("train", str(folder), *SETTINGS, "--steps", "3", "--run", name, *more)

    other = write_market(tmp_path / "other", people=20, shots=3)
    for right, wrong, message in (
        (train(data, "a"), train(tmp_path / "gone", "a"), "Process 1 of 2: There is no data folder"),
        (train(data, "b"), train(other, "b"), "The processes have different training images"),
        (train(data, "c", "--init", "gone"), train(data, "c"), "gone"),
    ):
        assert ended(*ranks_of(tmp_path, right, wrong)) == [2, 2]
        first, second = ((tmp_path / str(rank)).read_text() for rank in (0, 1))
        assert message in first and first.count("error: ") == 1
        assert "error" not in second and "Traceback" not in first + second
    assert Run(tmp_path / "runs" / "b").status["state"] == "failed"


def test_death_of_one_process_ends_all(data, tmp_path):
    endless = ("train", str(data), *SETTINGS, "--steps", "100000", "--run", "bereft")
    run = Run(tmp_path / "runs" / "bereft")
    processes = ranks_of(tmp_path, endless, endless)
    wait_for_checkpoint(run, processes[0].is_alive)
    processes[1].kill()
    assert ended(*processes) == [2, -signal.SIGKILL], (tmp_path / "0").read_text()
    assert "Another process of this training ended" in run.status["message"] and run.state == "failed"


def test_torchrun_stops_on_control_c(data, tmp_path):
    """torchrun passes the signal on, and all ranks stop after the same step, which is saved."""
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    process = subprocess.Popen(
        (*torchrun, "-m", "--", "core", "train", str(data), *SETTINGS, "--steps", "100000", "--run", "mine"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3]), "OMP_NUM_THREADS": "1"},
    )
    run = Run(tmp_path / "runs" / "mine")
    try:
        wait_for_checkpoint(run, lambda: process.poll() is None)
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=60)[0]
    finally:
        process.terminate()
    assert run.state == "stopped", output
    assert run.newest_step() == run.status["step"] >= 2
    assert output.count("stopped: ") == 1
