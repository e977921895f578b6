"""PCA maps against the definition; UMAP maps by their neighbours, as their coordinates differ between machines."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from core.errors import UserError
from core.projection.linear_maps import align_map, principal_axes
from core.projection.projector import Projector
from core.projection.trustworthiness import measure_trustworthiness, nearest_others


def clusters(count: int, each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return unit descriptors (count * each, 20) around `count` directions, and their labels."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(count), each)
    points = np.eye(20)[labels] + 0.1 * random.normal(size=(len(labels), 20))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32), labels


@pytest.fixture(scope="module")
def fitted():
    shares = []
    projector = Projector("umap", neighbours=5).fit(clusters(4, 20)[0], shares.append)
    return projector, shares


def test_principal_axes_are_the_eigenvectors_of_the_covariance():
    points = np.random.default_rng(1).normal(size=(50, 6)) * [1, 5, 2, 1, 1, 3]
    mean, axes = principal_axes(points, 3)
    values, vectors = np.linalg.eigh(np.cov(points.T))
    for index in range(3):
        expected = vectors[:, -1 - index]
        assert abs(axes[:, index] @ expected) == pytest.approx(1, abs=1e-5)
        assert axes[np.abs(axes[:, index]).argmax(), index] > 0
        assert ((points - mean) @ axes[:, index]).var(ddof=1) == pytest.approx(values[-1 - index], rel=1e-4)


@pytest.mark.parametrize("points", [np.ones((1, 4)), np.ones((5, 4)), np.eye(4)[:2]])
def test_pca_accepts_few_or_equal_points(points):
    coordinates = Projector("pca", 3).fit_transform(points)
    assert coordinates.shape == (len(points), 3) and np.isfinite(coordinates).all()
    spread = np.linalg.norm(coordinates[0] - coordinates[-1])
    assert spread == pytest.approx(np.linalg.norm(points[0] - points[-1]), abs=1e-5)


def test_pca_places_new_descriptors_exactly():
    points, _ = clusters(3, 10)
    projector = Projector("pca").fit(points)
    np.testing.assert_allclose(projector.transform(points), projector.coordinates, atol=1e-6)


@pytest.mark.slow
def test_umap_keeps_clusters_and_reports_progress(fitted):
    projector, shares = fitted
    _, labels = clusters(4, 20)
    assert projector.coordinates.shape == (80, 2)
    distances = np.linalg.norm(projector.coordinates[:, None] - projector.coordinates[None], axis=-1)
    assert (labels[nearest_others(distances, 0, 3)] == labels[:, None]).mean() > 0.95
    assert shares[-1] == 1 and sorted(shares) == shares


@pytest.mark.slow
def test_new_descriptors_are_placed_in_their_cluster(fitted):
    projector, _ = fitted
    before = projector.coordinates.copy()
    points, labels = clusters(4, 3, seed=9)
    placed = projector.transform(points)
    centres = np.stack([before[label * 20 : label * 20 + 20].mean(0) for label in range(4)])
    nearest = np.linalg.norm(placed[:, None] - centres, axis=2).argmin(1)
    assert (nearest == labels).all() and (projector.coordinates == before).all()
    np.testing.assert_allclose(
        projector.transform(points[:1]), placed[:1], atol=1e-5
    )  # independent of the other descriptors


def test_transform_by_hand():
    """The nearest points have distances 0 and 1, mean 1/2, and so weights 1 and e^-2."""
    projector = Projector("umap", neighbours=2)
    projector.descriptors = np.eye(3, dtype=np.float32)[:2]
    projector.mean, projector.coordinates = np.zeros(3), np.array([[0.0, 0.0], [1.0, 10.0]], np.float32)
    share = np.exp(-2) / (1 + np.exp(-2))
    np.testing.assert_allclose(projector.transform(np.array([2.0, 0, 0])), [[share, 10 * share]], rtol=1e-5)


@pytest.mark.slow
def test_save_and_open(fitted, tmp_path):
    projector, _ = fitted
    projector.save(tmp_path / "maps" / "map.npz")
    file = tmp_path / "maps" / "map.npz"
    again = Projector.open(file, clusters(4, 20)[0])
    assert again.settings == projector.settings and (again.coordinates == projector.coordinates).all()
    points, _ = clusters(4, 2, seed=3)
    np.testing.assert_allclose(again.transform(points), projector.transform(points), atol=1e-5)
    with pytest.raises(UserError, match="is a map of 80 descriptors, not of 8"):
        Projector.open(file, points)
    with pytest.raises(UserError, match="opened with its own descriptors"):
        Projector.open(file).transform(points)
    (tmp_path / "no.npz").write_bytes(b"no")
    with pytest.raises(UserError, match="is not a map"):
        Projector.open(tmp_path / "no.npz")


@pytest.mark.parametrize(
    ("descriptors", "message"),
    [
        (np.full((20, 3), np.nan), "20 of 20 descriptors have values that are not finite"),
        (np.ones((20, 3)), "All descriptors are equal"),
        (np.eye(5), "needs more than 15 images, but there are 5"),
        (np.empty((0, 3)), "no descriptors"),
    ],
)
def test_invalid_descriptors_raise_an_error(descriptors, message):
    with pytest.raises(UserError, match=message):
        Projector("umap").fit(descriptors)


@pytest.mark.parametrize(
    "settings",
    [{"method": "tsne"}, {"dimensions": 4}, {"neighbours": 1}, {"min_distance": 1.0}, {"seed": -1}, {"seed": 2**32}],
)
def test_invalid_settings_raise_an_error(settings):
    with pytest.raises(UserError):
        Projector(**settings)


@pytest.mark.slow
def test_descriptors_of_another_length_raise_an_error(fitted):
    with pytest.raises(UserError, match="of length 20, not 3"):
        fitted[0].transform(np.ones((1, 3)))


def test_overlap_equals_a_loop_and_is_1_for_a_perfect_map():
    random = np.random.default_rng(0)
    points = random.normal(size=(30, 6))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    flat = points[:, :2]
    shared = 0
    for i in range(30):
        others = [j for j in range(30) if j != i]
        in_descriptors = sorted(others, key=lambda j: -(points[i] @ points[j]))[:4]
        on_map = sorted(others, key=lambda j: np.linalg.norm(flat[i] - flat[j]))[:4]
        shared += len(set(in_descriptors) & set(on_map))
    found = measure_trustworthiness(points, flat, 4)
    assert found["overlap"] == pytest.approx(shared / 120)
    assert found["trustworthiness"] == pytest.approx(trustworthiness(points, flat, n_neighbors=4, metric="cosine"))
    assert measure_trustworthiness(points, points, 4) == {"trustworthiness": 1.0, "overlap": 1.0}
    assert measure_trustworthiness(points[:2], flat[:2]) == {}


@pytest.mark.parametrize("neighbours", [1, 5, 15, 40])
def test_trustworthiness_equals_that_of_scikit_learn(neighbours, monkeypatch):
    monkeypatch.setattr("core.projection.trustworthiness.ROWS_AT_A_TIME", 32)  # several blocks, the last one smaller
    random = np.random.default_rng(neighbours)
    points, flat = random.normal(size=(101, 7)).astype(np.float32), random.normal(size=(101, 3)).astype(np.float32)
    flat[:, :2] += points[:, :2]
    found = measure_trustworthiness(points, flat, neighbours)["trustworthiness"]
    assert found == pytest.approx(trustworthiness(points, flat, n_neighbors=neighbours, metric="cosine"), abs=1e-3)


def test_many_points_are_sampled(monkeypatch):
    monkeypatch.setattr("core.projection.trustworthiness.MAX_POINTS", 50)
    points, _ = clusters(4, 40)
    assert measure_trustworthiness(points, points)["overlap"] > 0.99  # nearly equal distances may be sorted differently


def test_align_map_reverts_rotation_reflection_and_scale():
    random = np.random.default_rng(0)
    reference = random.normal(size=(20, 2))
    reflection = np.array([[0, 1], [1, 0]])
    aligned = align_map(3 * reference @ reflection + [5, -2], reference)
    np.testing.assert_allclose(aligned, reference - reference.mean(0), atol=1e-5)
