"""Attribution of scores with batch-norm adaptation: each image has the statistics of its own camera."""

import numpy as np
import pytest
import torch
from conftest import draw_person

from core.data.records import Record
from core.errors import UserError
from core.explain.activations import look_inside
from core.explain.as_json import match_to_json
from core.explain.attribution import explain_match, explain_region_pair
from core.explain.deletion import delete_regions
from core.explain.mean_vectors import average_adapted_vectors, average_vectors
from core.inference.camera_adaptation import CameraModels
from core.inference.checkpoint import Checkpoint
from core.inference.model import Model
from core.models.network import build_network

PROBE, MATCH = draw_person(1, 1, 0), draw_person(2, 2, 0)


@pytest.fixture(scope="module", params=["cnn", "b_cnn", "mr_bcnn"])
def models(request, tmp_path_factory) -> CameraModels:
    """The models of two cameras; the images of camera 2 are dark."""
    torch.manual_seed(0)
    roots = request.param != "cnn"
    network = build_network(request.param, 3, descriptor=20, batch_norm=True, normalise_regions=roots)
    folder, records = tmp_path_factory.mktemp("cameras"), []
    for number in range(16):
        camera = 1 + number % 2
        path = folder / f"{number}.png"
        draw_person(number, camera, 0).point(lambda value, camera=camera: value // camera).save(path)
        records.append(Record(path, str(number), camera))
    return CameraModels(Model(Checkpoint(network))).fit(records)


@pytest.fixture(params=["zero", "average"])
def explained(request, models):
    """The models of both images, their regions, and the attribution of their score."""
    both = models.of(1), models.of(2)
    regions = look_inside(both[0], PROBE), look_inside(both[1], MATCH)
    reference = average_adapted_vectors(models, [PROBE, MATCH], [1, 2]) if request.param == "average" else None
    return both, regions, explain_match(both, *regions, reference)


def test_terms_sum_to_the_score_of_the_adapted_descriptors(models, explained):
    _, _, attribution = explained
    [probe], [match] = models.describe([PROBE], 1), models.describe([MATCH], 2)
    score = float(probe @ match)
    plain = models.model.describe([PROBE, MATCH])
    assert abs(score - plain[0] @ plain[1]) > 1e-3  # the models differ
    assert attribution.score == pytest.approx(score, abs=1e-5)
    for image in (0, 1):
        by_region = attribution.filter_pairs[image].sum((1, 2))
        np.testing.assert_allclose(by_region, attribution.of_regions[image], atol=1e-6)
        assert attribution.locations[image].sum() + attribution.rest[image] == pytest.approx(score, abs=1e-5)


def test_region_pair_splits_into_filter_pairs_of_both_images(explained):
    both, _, attribution = explained
    last = len(attribution.region_pairs) - 1
    for pair in ((0, 0), (last, 0), (last // 2, last)):
        for values in explain_region_pair(both, attribution, *pair):
            assert values.sum() == pytest.approx(attribution.terms[pair], abs=1e-6)
    found = match_to_json(both, attribution)
    strongest = found["strongest_region_pair"]
    assert np.sum(strongest["filter_pairs"]["match"]) == pytest.approx(strongest["value"], abs=1e-6)


def test_network_of_the_match_confirms_the_predicted_scores(explained):
    both, regions, attribution = explained
    order = np.argsort(-attribution.of_regions[1])
    found = delete_regions(both[1], attribution, regions[1], order)
    np.testing.assert_allclose(found.recomputed, found.predicted, atol=1e-5)
    assert found.painted[0] == pytest.approx(attribution.score, abs=1e-5)


def test_models_of_cameras_are_independent_and_share_their_weights(models):
    first, second = models.of(1), models.of(2)
    expected = models.describe([PROBE], 1)  # changes the statistics of the common network
    models.describe([PROBE], 2)
    np.testing.assert_array_equal(first.describe(PROBE), expected)
    assert not np.allclose(second.describe(PROBE), expected)
    for one, other in zip(first.network.parameters(), second.network.parameters(), strict=True):
        assert one is other


def test_mean_vectors_use_the_statistics_of_each_camera(models):
    images, cameras = [draw_person(number, 1, 0) for number in range(5)], [2, 1, 1, 2, 1]
    each = [average_vectors(models.of(camera), [image]) for image, camera in zip(images, cameras, strict=True)]
    np.testing.assert_allclose(average_adapted_vectors(models, images, cameras), np.mean(each, axis=0), atol=1e-5)
    found = average_adapted_vectors(models, [b"none", *images], [3, *cameras], lambda source, reason: None)
    np.testing.assert_allclose(found, np.mean(each, axis=0), atol=1e-5)  # no image of camera 3 can be read
    with pytest.raises(UserError, match="at least one image"):
        average_adapted_vectors(models, [], [])
