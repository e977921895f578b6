"""The content of a film of a run, and the errors."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.datasets import read_dataset
from core.errors import UserError
from core.inference.model import load
from core.losses.histogram import histogram_loss
from core.presets import fast
from core.projection import training_film
from core.projection.projector import Projector
from core.projection.training_film import Film, choose_checkpoints, choose_records, make_film, networks_of
from core.training import training_run
from core.training.run_folder import Run
from core.training.training_run import run_training, split_of_run
from core.training.validation import HISTOGRAM_NODES

pytestmark = pytest.mark.slow
NETWORK = replace(fast("mr_bcnn")[0], filters=2, descriptor=8)
TRAINING = replace(
    fast("mr_bcnn")[1],
    steps=4,
    identities=2,
    images_per_identity=2,
    validation_identities=2,
    validate_every=4,
    checkpoint_every=2,
    keep_every=2,
    seed=5,
)


@pytest.fixture(scope="module")
def trained(market, tmp_path_factory) -> Run:
    """Return a run with two checkpoints, whose folder also contains the initial weights."""
    dataset = read_dataset(market)
    run = Run.create(
        tmp_path_factory.mktemp("runs") / "mine",
        NETWORK,
        TRAINING,
        {"folder": str(dataset.source), "protocol": "market1501", "split": 1},
    )
    train = training_run.train

    def save_and_train(network, *rest):
        torch.save(network.state_dict(), run.folder / "first.pt")
        train(network, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_run, "train", save_and_train)
        assert run_training(dataset, split_of_run(run, dataset), run, NETWORK, TRAINING) == "finished"
    return run


@pytest.fixture(scope="module")
def film(trained) -> Film:
    return make_film(trained)


def test_film_starts_with_the_initial_weights_of_the_run(trained):
    before, networks = torch.get_rng_state(), networks_of(trained, choose_checkpoints(trained))
    step, network = next(networks)
    assert torch.equal(torch.get_rng_state(), before)
    first = torch.load(trained.folder / "first.pt", weights_only=True)
    assert step == 0 and all(torch.equal(value, first[name]) for name, value in network.state_dict().items())
    later = list(networks)
    assert [step for step, _ in later] == [2, 4]
    assert torch.equal(later[1][1].linear.weight, load(trained.checkpoints()[-1]).network.linear.weight)


def test_film_content(trained, film, market):
    records = [*read_dataset(market).query, *read_dataset(market).gallery]  # a fifth of 4 identities is none
    assert film.run == "mine" and film.whom == "test identities of market"
    assert film.people.tolist() == [record.identity for record in records]
    assert film.steps.tolist() == [0, 2, 4] and film.coordinates.shape == (3, 24, 2)
    assert film.positive.shape == film.negative.shape == (3, HISTOGRAM_NODES) and film.figures.shape == (3, 2)
    assert film.caption == "UMAP of 24 images of 4 test identities of market, 4 in colour"
    descriptors, _ = load(trained.checkpoints()[0]).describe_records(records)
    labels = np.unique(film.people, return_inverse=True)[1]
    loss = histogram_loss(torch.from_numpy(descriptors), torch.from_numpy(labels), HISTOGRAM_NODES)
    assert film.losses[1] == pytest.approx(float(loss), abs=1e-4)
    assert film.words(1)["step"] == "2" and film.words(1)["loss"] == f"{film.losses[1]:.3f}"
    assert film.words(2)["rank-1"] == f"{film.figures[2, 0]:.0f} %"
    assert {film.coloured[number - 1] for number in film.colours} == {"0005", "0006", "0007", "0008"}
    assert all(film.coloured[number - 1] == one for number, one in zip(film.colours, film.people, strict=True))
    np.testing.assert_allclose(
        film.heights[0].max(1), film.positive.max(1) / np.maximum(film.positive.max(1), film.negative.max(1)), rtol=1e-5
    )


def test_maps_are_aligned_with_the_previous_one(film):
    spreads = np.linalg.norm(film.coordinates - film.coordinates.mean(1, keepdims=True), axis=(1, 2))
    np.testing.assert_allclose(spreads, spreads[0], rtol=1e-4)
    for before, after in zip(film.coordinates, film.coordinates[1:], strict=False):
        left, _, right = np.linalg.svd((after - after.mean(0)).T @ (before - before.mean(0)))
        np.testing.assert_allclose(left @ right, np.eye(2), atol=1e-3)  # no rotation would bring them closer


def test_equal_descriptors_give_a_map_of_zeros_that_the_next_map_ignores():
    projector, rng = Projector("umap", neighbours=4), np.random.default_rng(0)
    flat = training_film._next_map(projector, np.ones((12, 3), np.float32), None)
    assert not flat.any()
    assert np.ptp(training_film._next_map(projector, rng.normal(size=(12, 3)), flat)) > 1


def test_film_is_saved_as_arrays(film, tmp_path):
    film.save(tmp_path / "film.npz")
    again = Film.open(tmp_path / "film.npz")
    assert again.caption == film.caption and again.run == "mine"
    np.testing.assert_array_equal(again.coordinates, film.coordinates)
    (tmp_path / "film.npz").write_bytes(b"PK")
    with pytest.raises(UserError, match="is not a film made by"):
        Film.open(tmp_path / "film.npz")


def test_number_of_images_is_limited_by_identity(trained, market, monkeypatch):
    monkeypatch.setattr(training_film, "MAX_IMAGES", 13)
    shown, whom = choose_records(trained, market)
    assert {record.identity for record in shown} == {"0005", "0008"} and len(shown) == 12
    assert whom == "test identities of market"


def test_checkpoints_are_evenly_spaced_and_kept_ones_while_training(trained, tmp_path, monkeypatch):
    run = Run.create(tmp_path / "long", NETWORK, replace(TRAINING, keep_every=10), {})
    for step in (*range(10, 101, 10), 103):
        (run.folder / "checkpoints" / f"{step:06d}").mkdir()
    assert int(choose_checkpoints(run)[-1].name) == 103
    monkeypatch.setattr(training_film, "MAX_CHECKPOINTS", 4)
    assert [int(folder.name) for folder in choose_checkpoints(run)] == [10, 40, 80, 103]
    with run.job.claim():
        run.write_status(state="running")
        assert int(choose_checkpoints(run)[-1].name) == 100  # the newest may be deleted soon


def test_missing_checkpoints_and_data_raise_an_error(trained, market, tmp_path):
    run = Run.create(tmp_path / "one", NETWORK, TRAINING, trained.data)
    (run.folder / "checkpoints" / "000002").mkdir()
    with pytest.raises(UserError, match="The run one has 1 checkpoints, but a film needs two or more"):
        make_film(run)
    (run.folder / "checkpoints" / "000004").mkdir()
    with pytest.raises(UserError, match="There is no checkpoint at .*000002"):
        make_film(run)
    gone = Run.create(tmp_path / "gone", NETWORK, TRAINING, {"folder": str(tmp_path / "nowhere")})
    for step in (2, 4):
        (gone.folder / "checkpoints" / f"{step:06d}").mkdir()
    with pytest.raises(UserError, match="There is no data folder"):
        make_film(gone)
