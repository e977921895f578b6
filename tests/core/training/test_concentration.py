"""At the end of a training: its best network with more slope in the spectrum of its descriptors."""

from dataclasses import replace

import pytest
import torch
from conftest import write_market

from core.checkpoint import load_checkpoint
from core.config import fast
from core.data.layout import read_dataset
from core.data.reading import load_pictures
from core.errors import UserError
from core.evaluation.protocols import choose_protocol
from core.models.spectrum import concentrated
from core.training.job import run_training
from core.training.material import read_material
from core.training.runs import CONCENTRATED, Run

NETWORK = replace(fast("mr_bcnn")[0], filters=3, descriptor=16)
TRAINING = replace(fast("mr_bcnn")[1], steps=4, identities=4, validation_identities=2, validate_every=4,
                   checkpoint_every=2, keep_every=2, average=0.0, concentrate=0.5)  # fmt: skip


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return read_dataset(write_market(tmp_path_factory.mktemp("data") / "market", people=24, shots=3))


def train(dataset, folder, training) -> Run:
    run, split = Run.create(folder, NETWORK, training, {}), choose_protocol(dataset, None).divide(dataset, 1)
    assert run_training(dataset, split, run, NETWORK, training) == "finished"
    return run


def test_a_finished_training_tries_it_on_its_best(dataset, tmp_path):
    run = train(dataset, tmp_path / "run", TRAINING)
    folder = run.folder / "checkpoints" / CONCENTRATED
    checkpoint, last = load_checkpoint(folder), load_checkpoint(run.folder / "checkpoints" / "000004")
    assert checkpoint.metrics["concentrated"] == 0.5 and checkpoint.metrics["step"] == 4
    split = choose_protocol(dataset, None).divide(dataset, 1)
    material = read_material(dataset, split, TRAINING)
    by_hand = concentrated(last.network, material.pictures, 0.5)
    pictures, _ = load_pictures(dataset.query[:6], refused=None)
    with torch.inference_mode():
        torch.testing.assert_close(checkpoint.network(pictures), by_hand.eval()(pictures), rtol=1e-3, atol=1e-4)
    assert "000004, concentrated by 0.5: validation" in "\n".join(run.process.log_tail())
    is_better = checkpoint.metrics["validation"]["mAP"] >= last.metrics["validation"]["mAP"]
    assert (run.best() == folder) == is_better


def test_without_a_power_nothing_is_tried(dataset, tmp_path):
    run = train(dataset, tmp_path / "run", replace(TRAINING, concentrate=0.0))
    assert not (run.folder / "checkpoints" / CONCENTRATED).exists()


def test_a_power_is_not_negative():
    with pytest.raises(UserError, match="0 or more, not -1"):
        replace(TRAINING, concentrate=-1)
