"""Weight averaging and PCA power scaling at the end of a training."""

from dataclasses import replace

import pytest
import torch
from conftest import write_market

from core.data.datasets import read_dataset
from core.data.loading import load_images
from core.errors import UserError
from core.evaluation.protocols import choose_protocol
from core.inference.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.models.descriptor_pca import scale_principal_axes
from core.models.network import build_network
from core.models.norm_statistics import copy_statistics, measure_statistics, set_statistics
from core.presets import fast
from core.training.run_folder import AVERAGED, CONCENTRATED, Run
from core.training.training_data import read_training_data
from core.training.training_run import run_training
from core.training.weight_averaging import average_checkpoints, list_late_checkpoints

pytestmark = pytest.mark.slow
NETWORK = replace(fast("mr_bcnn")[0], filters=3, descriptor=16)
TRAINING = replace(
    fast("mr_bcnn")[1],
    steps=8,
    identities=4,
    validation_identities=2,
    validate_every=4,
    checkpoint_every=2,
    keep_every=2,
    average=0.5,
    pca_power=0.0,
)
CONCENTRATING = replace(TRAINING, steps=4, average=0.0, pca_power=0.5)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return read_dataset(write_market(tmp_path_factory.mktemp("data") / "market", people=24, shots=3))


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    run = Run.create(tmp_path_factory.mktemp("runs") / "averaged", NETWORK, TRAINING, {})
    assert (
        run_training(dataset, choose_protocol(dataset, None).divide(dataset, 1), run, NETWORK, TRAINING) == "finished"
    )
    return run


def random_images(count=20):
    return torch.randint(0, 256, (count, 3, 160, 60), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("normalised", [True, False])
def test_averages_weights_and_measures_statistics_again(tmp_path, normalised):
    networks = [build_network("mr_bcnn", 2, descriptor=4, batch_norm=normalised) for _ in range(3)]
    for number, network in enumerate(networks):
        save_checkpoint(Checkpoint(network), tmp_path / str(number))
    mean = average_checkpoints([tmp_path / str(number) for number in range(3)], random_images())
    for name, value in mean.named_parameters():
        expected = sum(network.get_parameter(name).detach() for network in networks) / 3
        torch.testing.assert_close(value.detach(), expected)
    if normalised:
        own = [value.clone() for pair in copy_statistics(mean) for value in pair]
        torch.nn.init.zeros_(mean.norm.running_mean)  # the old statistics are not used
        set_statistics(mean, measure_statistics(mean, random_images()))
        for one, other in zip(own, [value for pair in copy_statistics(mean) for value in pair], strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)  # the order of the images differs


def test_measure_statistics_of_the_first_layer_by_hand():
    network = build_network("cnn", 2, descriptor=4, batch_norm=True).train()
    before = copy_statistics(network)
    (mean, variance), *_ = measure_statistics(network, random_images())
    with torch.inference_mode():
        maps = torch.max_pool2d(network.streams[0].conv1(network.prepare(random_images()).flatten(0, 1)), 2)
    torch.testing.assert_close(mean, maps.mean((0, 2, 3)))
    torch.testing.assert_close(variance, maps.var((0, 2, 3)))
    for after, one_before in zip(copy_statistics(network), before, strict=True):
        assert torch.equal(after[0], one_before[0]) and torch.equal(after[1], one_before[1])
    assert network.training and network.norm.training and network.norm.momentum == 0.1


def test_late_checkpoints_are_the_kept_ones_and_the_newest(tmp_path):
    run = Run(tmp_path)
    for step in (2, 4, 5, 6, 8, 9):
        (tmp_path / "checkpoints" / f"{step:06d}").mkdir(parents=True)
    config = replace(TRAINING, steps=9, keep_every=2)
    found = {
        share: [int(path.name) for path in list_late_checkpoints(run, replace(config, average=share))]
        for share in (0.0, 0.1, 0.5, 1.0)
    }
    assert found == {0.0: [], 0.1: [8, 9], 0.5: [4, 6, 8, 9], 1.0: [2, 4, 6, 8, 9]}


def test_finished_training_validates_the_averaged_weights(trained):
    folder = trained.folder / "checkpoints" / AVERAGED
    checkpoint = load_checkpoint(folder)
    assert checkpoint.metrics["averaged"] == [4, 6, 8] and checkpoint.metrics["step"] == 8
    weights = [
        load_checkpoint(trained.folder / "checkpoints" / f"{step:06d}").network.linear.weight for step in (4, 6, 8)
    ]
    torch.testing.assert_close(checkpoint.network.linear.weight, sum(weights) / 3)
    assert "mean of 3 checkpoints from step 4 on" in "\n".join(trained.job.log_tail())
    rows = [row for row in trained.read("metrics.jsonl") if "validation mAP" in row]
    best = max(reversed(rows), key=lambda row: row["validation recall@1"])  # the newest of equal ones
    is_better = checkpoint.metrics["validation"]["mAP"] >= best["validation mAP"]
    assert (trained.best() == folder) == is_better
    shown = checkpoint.metrics["validation"]["mAP"] if is_better else best["validation mAP"]
    assert trained.status["best_mAP"] == shown
    assert [path.name for path in trained.checkpoints()][
        -1
    ] == "000008"  # the run does not resume from the averaged one


def test_average_0_writes_no_averaged_checkpoint(dataset, tmp_path):
    training = replace(TRAINING, average=0.0)
    run = Run.create(tmp_path / "plain", NETWORK, training, {})
    run_training(dataset, choose_protocol(dataset, None).divide(dataset, 1), run, NETWORK, training)
    assert not (run.folder / "checkpoints" / AVERAGED).exists()


def test_average_above_1_raises_an_error():
    with pytest.raises(UserError, match="average must be from 0 to 1, not 50"):
        replace(TRAINING, average=50)


def train(dataset, folder, training) -> Run:
    run, split = Run.create(folder, NETWORK, training, {}), choose_protocol(dataset, None).divide(dataset, 1)
    assert run_training(dataset, split, run, NETWORK, training) == "finished"
    return run


def test_finished_training_applies_pca_power_scaling_to_its_best_checkpoint(dataset, tmp_path):
    run = train(dataset, tmp_path / "run", CONCENTRATING)
    folder = run.folder / "checkpoints" / CONCENTRATED
    checkpoint, last = load_checkpoint(folder), load_checkpoint(run.folder / "checkpoints" / "000004")
    assert checkpoint.metrics["concentrated"] == 0.5 and checkpoint.metrics["step"] == 4
    split = choose_protocol(dataset, None).divide(dataset, 1)
    material = read_training_data(dataset, split, CONCENTRATING)
    by_hand = scale_principal_axes(last.network, material.images, 0.5)
    images, _ = load_images(dataset.query[:6], on_error=None)
    with torch.inference_mode():
        torch.testing.assert_close(checkpoint.network(images), by_hand.eval()(images), rtol=1e-3, atol=1e-4)
    assert "000004 with PCA power scaling (power 0.5): validation" in "\n".join(run.job.log_tail())
    is_better = checkpoint.metrics["validation"]["mAP"] >= last.metrics["validation"]["mAP"]
    assert (run.best() == folder) == is_better


def test_power_0_writes_no_scaled_checkpoint(dataset, tmp_path):
    run = train(dataset, tmp_path / "run", replace(CONCENTRATING, pca_power=0.0))
    assert not (run.folder / "checkpoints" / CONCENTRATED).exists()


def test_negative_power_raises_an_error():
    with pytest.raises(UserError, match="pca_power must be at least 0, not -1"):
        replace(CONCENTRATING, pca_power=-1)


@pytest.mark.parametrize("average", [0.0, 0.5])
def test_without_validation_the_derived_network_is_the_best(tmp_path, average, capsys):
    few = read_dataset(write_market(tmp_path / "data", people=8))  # 4 training identities: none is held out
    training = replace(TRAINING, average=average, pca_power=0.5)
    run = train(few, tmp_path / "run", training)
    assert run.best().name == CONCENTRATED and ("averaged" in load_checkpoint(run.folder).metrics) == (average > 0)
    log = "\n".join(run.job.log_tail())
    assert "There is no validation: no identity is held out, or none of those has images of two cameras" in log
    assert "with PCA power scaling (power 0.5): the best checkpoint, without validation" in log
    assert "There is no validation: " in capsys.readouterr().out
    weights = load_checkpoint(run.folder).network.linear.weight
    run_training(few, choose_protocol(few, None).divide(few, 1), run, NETWORK, training)  # nothing is left to do
    torch.testing.assert_close(load_checkpoint(run.folder).network.linear.weight, weights)
