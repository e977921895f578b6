"""k-reciprocal re-ranking, compared with the paper's definition as loops over sets."""

import numpy as np
import pytest
from orders import assert_same_order

from core.errors import UserError
from core.search import k_reciprocal, neighbour_lists
from core.search.k_reciprocal import KReciprocal, shared_weight
from core.search.neighbour_lists import nearest_among


def make_clusters(images: int, people: int, seed: int = 0, spread: float = 1.2, dimensions: int = 24) -> np.ndarray:
    """Make unit descriptors (N, D) in clusters."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((people, dimensions))
    found = centres[random.integers(0, people, images)] + spread * random.standard_normal((images, dimensions))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def by_definition(query, gallery, k1=20, k2=6, weight=0.3) -> np.ndarray:
    """Compute the final distances (Q, G) of Zhong et al. (2017), sections 3.2 to 3.5, in float64."""
    pool = np.concatenate([query, gallery]).astype(float)
    distance = ((pool[:, None] - pool[None]) ** 2).sum(2)
    distance /= distance.max(1, keepdims=True)
    order = [np.argsort(row, kind="stable").tolist() for row in distance]

    def nearest(p, k):  # N(p, k); p itself is the nearest to p and not counted
        return order[p][: k + 1]

    def reciprocal(p, k):  # R(p, k), equation 2
        return {g for g in nearest(p, k) if p in nearest(g, k)}

    def expanded(p):  # R*(p, k1), equation 4
        found = reciprocal(p, k1)
        for q in sorted(found):
            more = reciprocal(q, round(k1 / 2))
            if len(more & reciprocal(p, k1)) > 2 / 3 * len(more):
                found = found | more
        return found

    vectors = np.zeros_like(distance)
    for p in range(len(pool)):
        for g in expanded(p):
            vectors[p, g] = np.exp(-distance[p, g])  # equation 7
        vectors[p] /= vectors[p].sum()
    vectors = np.stack([np.mean([vectors[g] for g in order[p][:k2]], axis=0) for p in range(len(pool))])  # equation 11
    final = np.empty((len(query), len(gallery)))
    for p in range(len(query)):
        for g in range(len(gallery)):
            one, other = vectors[p], vectors[len(query) + g]
            jaccard = 1 - np.minimum(one, other).sum() / np.maximum(one, other).sum()  # equation 10
            final[p, g] = (1 - weight) * jaccard + weight * distance[p, len(query) + g]  # equation 12
    return final


@pytest.mark.parametrize(
    ("probes", "images", "options"),
    [
        (13, 90, {}),
        (1, 60, {}),
        (9, 80, {"k1": 7, "k2": 1, "weight": 0.0}),
        (5, 12, {"k1": 20, "k2": 6}),  # fewer images than neighbours
        (6, 50, {"k1": 10, "k2": 3, "weight": 1.0}),
    ],
)
@pytest.mark.parametrize("block", [neighbour_lists.IMAGES_PER_BLOCK, 16])
def test_scores_equal_definition(monkeypatch, probes, images, options, block):
    monkeypatch.setattr(neighbour_lists, "IMAGES_PER_BLOCK", block)
    monkeypatch.setattr(k_reciprocal, "PAIRS_PER_BLOCK", 100)
    pool = make_clusters(probes + images, 8)
    query, gallery = pool[:probes], pool[probes:]
    scores = KReciprocal(**options).fit(gallery).scores(query)
    np.testing.assert_allclose(1 - scores(slice(0, probes)), by_definition(query, gallery, **options), atol=2e-6)


def test_scores_of_a_slice():
    pool = make_clusters(80, 6)
    scores = KReciprocal().fit(pool[10:]).scores(pool[:10])
    np.testing.assert_allclose(scores(slice(3, 7)), scores(slice(0, 10))[3:7], atol=1e-6)


def test_fit_is_reused_for_many_probes():
    pool = make_clusters(70, 6)
    fitted = KReciprocal().fit(pool[2:])
    first = fitted.scores(pool[:1])(slice(0, 1))
    fitted.scores(pool[1:2])
    np.testing.assert_array_equal(fitted.scores(pool[:1])(slice(0, 1)), first)


def test_ignored_images_are_not_neighbours():
    """Ignored images are not among the probe's neighbours, and the probe is not among theirs."""
    pool = make_clusters(61, 5, spread=0.8)
    probe, gallery = pool[:1], pool[1:]
    closest = np.argsort(-(gallery @ probe[0]))[:3]
    free = KReciprocal().fit(gallery).scores(probe)(slice(0, 1))[0]
    ignored = KReciprocal().fit(gallery).scores(probe, [closest])(slice(0, 1))[0]
    assert (ignored[closest] < free[closest]).all()
    nearest = neighbour_lists.add_queries(
        nearest_among(gallery, 21), gallery, probe, 21, k_reciprocal._pairs([closest], 1, 60)
    )
    assert not set(nearest.positions[60]) & set(closest) and not (nearest.positions[closest] == 60).any()
    vector = k_reciprocal.neighbour_vectors(
        nearest, np.concatenate([gallery, probe]), 20, 1, k_reciprocal._pairs([closest], 1, 60)
    )[[60]].toarray()
    assert vector[0, closest].sum() == 0 and vector.sum() == pytest.approx(1)


def test_nearest_among_equals_full_sort(monkeypatch):
    monkeypatch.setattr(neighbour_lists, "IMAGES_PER_BLOCK", 7)
    pool = make_clusters(50, 4)
    found = nearest_among(pool, 6)
    similarities = pool.astype(float) @ pool.T
    for positions, row in zip(found.positions, similarities, strict=True):
        order = np.argsort(-row)
        assert_same_order(positions, order, row[order], top=6)
    np.testing.assert_allclose(found.least, similarities.min(1), atol=1e-6)


def test_image_ranks_before_its_copies():
    pool = np.repeat(make_clusters(1, 1), 30, axis=0)
    assert nearest_among(pool, 5).positions[:, 0].tolist() == list(range(30))
    scores = KReciprocal().fit(pool[1:]).scores(pool[:1])(slice(0, 1))
    assert np.isfinite(scores).all()


def test_shared_weight_equals_loop():
    from scipy.sparse import csc_array, csr_array

    random = np.random.default_rng(2)
    one, other = (random.random((n, 9)) * (random.random((n, 9)) < 0.4) for n in (4, 7))
    loop = [[sum(min(a, b) for a, b in zip(p, g, strict=True)) for g in other] for p in one]
    np.testing.assert_allclose(shared_weight(csr_array(one), csc_array(other)), loop, atol=1e-6)


@pytest.mark.parametrize("options", [{"k1": 0}, {"k1": 3, "k2": 4}, {"weight": 1.5}])
def test_invalid_settings_raise(options):
    with pytest.raises(UserError, match="1 <= k2 <= k1"):
        KReciprocal(**options).fit(make_clusters(10, 2))
