"""The experiment `improved-deep` on tiny data: training, resuming, and the comparison of all pairs."""

import json

import numpy as np
import pytest
import torch
from benchmarks import write_cuhk01

from core.cli.main import main
from core.data.datasets import read_dataset
from core.data.loading import load_images
from core.data.records import Record
from core.errors import UserError
from core.evaluation.protocols import choose_protocol
from core.paper import improved_deep, pair_training
from core.paper.improved_deep import compare_all, draw, evaluate
from core.paper.pair_training import PairTraining, draw_pairs, same, scale, views_of

pytestmark = pytest.mark.slow


@pytest.fixture
def training_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pair_training, "IDENTITIES", 3)
    dataset = read_dataset(write_cuhk01(tmp_path / "CUHK01"))
    protocol = choose_protocol(dataset, None)
    records = [record for record in dataset.pool]
    return protocol, records, load_images(records, print)[0]


def step(training: PairTraining, times: int) -> list[float]:
    return [training.train_step(0.6) for _ in range(times)]


def test_a_resumed_training_is_that_of_one_piece(training_data, tmp_path):
    _, records, images = training_data
    whole = PairTraining(tmp_path / "whole", images, records)
    expected = step(whole, 4)
    first = PairTraining(tmp_path / "parts", images, records)
    assert step(first, 2) == expected[:2]
    first.save()
    second = PairTraining(tmp_path / "parts", images, records)
    assert (second.step, second.samples) == (2, 2 * 4 * 3)
    np.testing.assert_allclose(step(second, 2), expected[2:], rtol=1e-4)
    for name, value in whole.network.state_dict().items():
        torch.testing.assert_close(second.network.state_dict()[name], value, rtol=1e-3, atol=1e-5)


def test_the_budget_ends_the_training(training_data, tmp_path):
    _, records, images = training_data
    training = PairTraining(tmp_path / "run", images, records)
    training.run(0.01, print)
    assert training.step == 1 and training.seconds >= 0.01
    again = PairTraining(tmp_path / "run", images, records)
    again.run(0.01, print)
    assert again.step == 1


def test_pairs_are_of_one_identity_and_two_cameras():
    records = [Record(f"{name}{camera}", name, camera) for name in "abc" for camera in (1, 2)]
    records += [Record("d", "d", 1), Record("x", "", 2)]
    views = views_of(records)
    assert set(views) == {"a", "b", "c"}
    first, second = draw_pairs(list(views.values()), np.random.default_rng(0))
    for one, other in zip(first, second, strict=True):
        assert records[one].identity == records[other].identity
        assert records[one].camera != records[other].camera


def test_hard_negatives_are_the_most_similar_ones(training_data, tmp_path, monkeypatch):
    _, records, images = training_data
    training = PairTraining(tmp_path / "run", images, records)
    monkeypatch.setattr(pair_training, "CANDIDATES", 4)  # all others
    with torch.no_grad():
        first, second = ([4 * person + shot for person in range(5)] for shot in (0, 2))
        one, other = (training.network.maps(scale(images[part].float(), training.network)) for part in (first, second))
        scores = torch.stack([same(training.network.compare(one, other[[column] * 5])) for column in range(5)], 1)
    scores.fill_diagonal_(-torch.inf)
    found = training.negatives(one, other, True, np.random.default_rng(0))
    assert found.tolist() == scores.argmax(1).tolist()
    drawn = training.negatives(one, other, False, np.random.default_rng(0))
    assert all(column != row for row, column in enumerate(drawn))


def test_scores_of_all_pairs_are_those_of_the_network(training_data, tmp_path):
    _, records, images = training_data
    network = PairTraining(tmp_path / "run", images, records).network
    prepared = scale(images[:6].float(), network)
    scores = compare_all(network, network.maps(prepared[:2]), network.maps(prepared))
    with torch.inference_mode():
        expected = [[same(network(probe[None], match[None])).item() for match in prepared] for probe in prepared[:2]]
    np.testing.assert_allclose(scores, expected, atol=1e-5)


def test_the_evaluation_ranks_by_these_scores(training_data, tmp_path, monkeypatch):
    protocol, records, images = training_data
    network = PairTraining(tmp_path / "run", images, records).network
    query, gallery = ([one for one in records if one.camera == camera] for camera in (1, 2))
    query, gallery = draw(query, None, 0), draw(gallery, None, 0)
    monkeypatch.setattr(improved_deep, "compare_all", lambda *arguments: np.eye(len(query), dtype=np.float32))
    assert evaluate(network, query, gallery, protocol.score).summary["recall@1"] == 100
    shifted = np.roll(np.eye(len(query), dtype=np.float32), 1, axis=1)
    monkeypatch.setattr(improved_deep, "compare_all", lambda *arguments: shifted)
    assert evaluate(network, query, gallery, protocol.score).summary["recall@1"] == 0


def test_one_image_of_each_identity_is_drawn():
    records = [Record(f"{name}{shot}", name, 1) for name in "abcd" for shot in (1, 2)]
    assert [one.identity for one in draw(records, None, 0)] == list("abcd")
    assert len(draw(records, 2, 0)) == 2


def test_one_camera_is_not_enough(tmp_path):
    with pytest.raises(UserError, match="two cameras have seen"):
        PairTraining(
            tmp_path, torch.zeros(2, 3, 160, 60, dtype=torch.uint8), [Record("a", "a", 1), Record("b", "b", 1)]
        )


def test_command(training_data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(PairTraining, "run", lambda self, budget, say: step(self, 1) and self.save())
    arguments = ["reproduce", "improved-deep", "--data", str(tmp_path / "CUHK01"), "--probes", "2", "--minutes", "1"]
    assert main(arguments) == 0
    assert "split 1: rank-1" in capsys.readouterr().out
    [file] = (tmp_path / "runs").glob("reproduce-improved-deep/*-cuhk01-split1/result.json")
    assert json.loads(file.read_text(encoding="utf-8"))["samples"] == 12


def test_other_protocols_than_single_shot_raise(market, capsys):
    assert main(["reproduce", "improved-deep", "--data", str(market)]) == 2
    assert "single-shot protocols, e.g. cuhk01; market1501 is another one" in capsys.readouterr().err
