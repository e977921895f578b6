"""Galleries of lifted points are ranked exactly by the Euclidean distance."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from core.inference.lifting import lift
from core.search import nearest_index
from core.search.gallery import Gallery
from core.search.point_gallery import PointGallery, for_model


@pytest.fixture
def points() -> np.ndarray:
    random = np.random.default_rng(0)  # of very different lengths, so that the cosine ranks in another way
    return random.normal(size=(300, 6)) * random.uniform(0.05, 1, size=(300, 1))


@pytest.fixture
def gallery(points) -> Gallery:
    return for_model(Gallery(lift(points[20:]), np.arange(280).astype(str).tolist()), SimpleNamespace(lifts=True))


def test_search_ranks_by_the_euclidean_distance(points, gallery):
    distances = cdist(points[:20], points[20:])
    differs = False
    for number, probe in enumerate(lift(points[:20])):
        ranking = gallery.search(probe, 280)
        assert ranking["path"].astype(int).tolist() == np.argsort(distances[number]).tolist()
        np.testing.assert_allclose(ranking["score"], 1 - np.sort(distances[number]) ** 2 / 2, atol=1e-5)
        by_cosine = Gallery(gallery.descriptors, gallery.paths).search(probe, 280)
        differs |= by_cosine["path"].tolist() != ranking["path"].tolist()
    assert differs


def test_the_first_results_are_those_of_the_whole_ranking(points, gallery, monkeypatch):
    probes = lift(points[:20])
    whole = [gallery.search(probe, 280)["path"].tolist()[:3] for probe in probes]
    each = gallery.search_each(probes, 3)
    assert [each.loc[each["probe"] == number, "path"].tolist() for number in range(20)] == whole
    monkeypatch.setattr(nearest_index, "MIN_VALUES_FOR_INT8", 1)  # the int8 first pass
    assert [gallery.search(probe, 3)["path"].tolist() for probe in probes] == whole


def test_true_matches_far_down_have_their_ranks(points, gallery):
    probe, also = lift(points[:1])[0], np.zeros(280, bool)
    last = int(gallery.search(probe, 280)["path"].iloc[-1])
    also[last] = True
    ranking = gallery.search(probe, 5, also=also)
    assert ranking["rank"].tolist() == [1, 2, 3, 4, 5, 280]


def test_other_models_keep_the_cosine(points):
    gallery = Gallery(lift(points), np.arange(300).astype(str).tolist())
    assert for_model(gallery, SimpleNamespace(lifts=False)) is gallery
    assert not isinstance(gallery, PointGallery)
