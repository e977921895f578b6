"""Post-processing of rankings: query expansion, re-ranking, batch-norm adaptation."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from orders import assert_same_order

from core.data.datasets import read_dataset
from core.data.records import Record
from core.errors import UserError
from core.evaluation.evaluators import evaluate_single_query, evaluate_single_shot
from core.evaluation.ranking import COSINE
from core.inference.camera_adaptation import CameraModels
from core.inference.model import load
from core.search import query_expansion, reranking
from core.search.gallery import Gallery
from core.search.k_reciprocal import KReciprocal
from core.search.query_expansion import expand
from core.search.reranking import make_order


def units(count: int, seed: int, dimensions: int = 6) -> np.ndarray:
    found = np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.mark.parametrize("block", [query_expansion.SCORE_BLOCK_BYTES, 200])
def test_expand_equals_loop(monkeypatch, block):
    monkeypatch.setattr(query_expansion, "SCORE_BLOCK_BYTES", block)
    query, gallery = units(5, 0), units(20, 1)
    ignored = [np.array(positions, int) for positions in ([], [0, 1, 2], [], list(range(20)), [7])]
    expanded = expand(query, gallery, 3, ignored)
    for probe, row in enumerate(query):
        order = [position for position in np.argsort(-(gallery @ row)) if position not in ignored[probe]][:3]
        mean = row + gallery[order].sum(0)
        np.testing.assert_allclose(expanded[probe], mean / np.linalg.norm(mean), atol=1e-6)
    np.testing.assert_array_equal(expanded[3], query[3])  # all images are ignored


def test_expand_with_more_results_than_images():
    assert expand(units(2, 0), units(3, 1), 10).shape == (2, 6)
    np.testing.assert_allclose(expand(units(2, 0), units(3, 1), 0), units(2, 0), atol=1e-6)


def test_make_order_without_options():
    assert make_order() == COSINE


def test_make_order_expands_then_reranks():
    query, gallery = units(4, 0), units(30, 1)
    rows = make_order(rerank=True, expansion=2).scorer(query, gallery, None)(slice(None))
    by_hand = KReciprocal().fit(gallery).scores(expand(query, gallery, 2))(slice(None))
    np.testing.assert_allclose(rows, by_hand, atol=1e-6)


def records(identities: list[str], camera: int) -> list[Record]:
    return [Record(Path(f"/{camera}/{number}"), identity, camera) for number, identity in enumerate(identities)]


def test_expansion_ignores_same_camera_images():
    """The first result is from the probe's own camera and is close to b. Averaging with it would rank b first."""
    query = np.array([[1, 0, 0]], np.float32)
    gallery = np.array([[0.9, 0.436, 0], [0.5, 0.866, 0], [0.55, 0, 0.835]], np.float32)
    gallery /= np.linalg.norm(gallery, axis=1, keepdims=True)
    listed = [Record(Path("/0"), "a", 1), Record(Path("/1"), "b", 2), Record(Path("/2"), "a", 2)]
    scores = expand(query, gallery, 1)[0] @ gallery.T
    assert scores[1] > scores[2]
    counted = evaluate_single_query(query, records(["a"], 1), gallery, listed, order=make_order(expansion=1))
    assert counted.summary["recall@1"] == 100


def test_single_shot_draws_are_reranked_separately():
    identities = [f"p{number}" for number in range(12)]
    found = evaluate_single_shot(
        units(12, 3),
        records(identities, 1),
        units(12, 4),
        records(identities, 2),
        draws=2,
        order=make_order(rerank=True),
    )
    scores = KReciprocal().fit(units(12, 4)).scores(units(12, 3))(slice(None))
    first = [(row >= row[number]).sum() for number, row in enumerate(scores)]
    assert found.summary["recall@1"] == pytest.approx(100 * np.mean(np.array(first) <= 1), abs=1e-3)


@pytest.fixture
def gallery() -> Gallery:
    return Gallery(
        units(40, 5),
        [f"/{number}" for number in range(40)],
        [f"p{number % 9}" for number in range(40)],
        [number % 3 + 1 for number in range(40)],
    )


def test_reorder_equals_evaluation_order(gallery):
    """The order is that of an evaluation; `score` stays the original score."""
    probe, record = units(1, 6), Record(Path("/probe"), "p3", 1)
    ranking = gallery.search(probe[0], 40, None, record)
    positions = [int(path[1:]) for path in ranking["path"]]
    excluded = np.setdiff1d(np.arange(40), positions)
    assert len(excluded)
    for rerank, count in ((True, 0), (False, 2), (True, 2)):
        found = reranking.reorder(gallery, ranking, probe, count, KReciprocal().fit(gallery.descriptors), rerank)
        rows = make_order(rerank, count).scorer(probe, gallery.descriptors, [excluded])(slice(None))[0]
        expected = sorted(positions, key=lambda position: -rows[position])
        assert_same_order([int(path[1:]) for path in found["path"]], expected, rows[expected])
        assert found["rank"].tolist() == list(range(1, len(positions) + 1)) and found["order"].is_monotonic_decreasing
        scores = dict(zip(ranking["path"], ranking["score"], strict=True))
        assert found["score"].tolist() == [scores[path] for path in found["path"]]


def test_reorder_of_large_gallery_reranks_first_results(gallery, monkeypatch):
    monkeypatch.setattr(reranking, "MAX_RESULTS_RERANKED", 15)
    ranking = gallery.search(units(1, 6)[0], 40)
    found = reranking.reorder(gallery, ranking, units(1, 6), rerank=True)
    assert set(found["path"][:15]) == set(ranking["path"][:15]) and (found["path"][:15] != ranking["path"][:15]).any()
    assert found["path"][15:].tolist() == ranking["path"][15:].tolist() and found["order"][15:].isna().all()


def test_search_adapted_has_the_first_rows_of_reorder(gallery):
    adapted = Gallery(units(40, 9), gallery.paths, gallery.identities, gallery.cameras)
    probe, adapted_probe, record = units(1, 6), units(1, 7), Record(Path("/probe"), "p3", 1)
    more = np.arange(40) % 4 == 0
    expected = reranking.reorder(adapted, gallery.search(probe[0], 40, None, record), adapted_probe)
    found = reranking.search_adapted(gallery, adapted, probe, adapted_probe, 5, None, record, also=more)
    assert len(found) > 5
    for few in (reranking.search_adapted(gallery, adapted, probe, adapted_probe, 1, None, record), found):
        assert few["score"].max() == pytest.approx(gallery.search(probe[0], 1, None, record)["score"][0])
    expected = expected.set_index("rank").loc[found["rank"]].reset_index()
    pd.testing.assert_frame_equal(found[expected.columns], expected, check_dtype=False, atol=1e-5)


def test_positions_of_paths_are_looked_up_in_an_index_that_is_made_once(gallery, monkeypatch):
    gallery = Gallery(gallery.descriptors, gallery.paths, gallery.identities, gallery.cameras)
    assert gallery.find([gallery.paths[3], "no image"]).tolist() == [3, -1]
    index, looked_up, find = gallery._positions, [], Gallery.find
    monkeypatch.setattr(Gallery, "find", lambda self, paths: looked_up.append(len(paths)) or find(self, paths))
    ranking = reranking.search_adapted(gallery, gallery, units(1, 6), units(1, 6), 5)
    reranking.reorder(gallery, ranking, units(1, 6))
    assert looked_up == [1, 5, 5] and gallery._positions is index


def test_reorder_empty_ranking(gallery):
    ranking = gallery.search(units(1, 6)[0], 40, cameras=[9])
    fitted = KReciprocal().fit(gallery.descriptors)
    assert reranking.reorder(gallery, ranking, units(1, 6), 2, fitted, rerank=True).empty


def test_adapt_gallery(checkpoint, market, tmp_path):
    model = load(checkpoint)
    shutil.copytree(market, tmp_path / "market")
    gallery = Gallery.from_folder(tmp_path / "market", model)
    progress = []
    again, models = reranking.adapt_gallery(model, gallery, progress.append)
    assert sum(progress) == 2 * len(gallery)  # read for the adaptation, then described
    records = read_dataset(tmp_path / "market").searchable
    np.testing.assert_allclose(
        again.descriptors, CameraModels(model).fit(records).describe_records(records)[0], atol=1e-5
    )
    assert list(again.paths) == list(gallery.paths) and (again.cameras == gallery.cameras).all()
    Path(gallery.paths[0]).unlink()
    with pytest.raises(UserError, match="1 of the .* images of camera 1 can no longer be read"):
        reranking.adapt_gallery(model, gallery)
