import numpy as np
import pytest
import torch
from conftest import draw_person

from core.explain.activations import look_inside
from core.explain.descriptor_steps import describe_steps, location_vectors
from core.inference.checkpoint import Checkpoint
from core.inference.model import Model
from core.models.bilinear_pooling import bilinear_pool
from core.models.network import SQUARE_ROOT_FLOOR, build_network

IMAGE = draw_person(5, 1, 0)


def make_model(architecture: str = "mr_bcnn", **options) -> Model:
    torch.manual_seed(1)
    network = build_network(architecture, filters=8, descriptor=12, batch_norm=True, **options)
    return Model(Checkpoint(network), "cpu")


@pytest.mark.parametrize("size", [1, 3, 5, 15])
def test_the_running_sum_over_a_region_ends_at_its_bilinear_matrix(size):
    regions = look_inside(make_model(), IMAGE, size)
    pooled = bilinear_pool(torch.from_numpy(regions.a), torch.from_numpy(regions.b), size).flatten(0, 1)
    for region in (0, len(pooled) // 2, len(pooled) - 1):
        a, b = location_vectors(regions, region)
        assert a.shape == b.shape == (size**2, 8)
        running = np.zeros((8, 8))
        for at_a, at_b in zip(a, b, strict=True):
            running += np.outer(at_a, at_b)
        np.testing.assert_allclose(running, pooled[region], rtol=1e-5)


def test_locations_are_numbered_row_by_row():
    regions = look_inside(make_model(), IMAGE)
    a, b = location_vectors(regions, 9 + 5)  # of the trunk: the second row, the last column
    np.testing.assert_array_equal(a[7], regions.a[1, :, 5 + 1, 10 + 2])
    np.testing.assert_array_equal(b[7], regions.b[1, :, 5 + 1, 10 + 2])


@pytest.mark.parametrize(
    "model",
    [
        make_model(),
        make_model(normalise_regions=True),
        make_model(groups=2, normalise_regions=True),
        make_model("b_cnn", region_size=15),
        make_model("cnn"),
    ],
    ids=["mr_bcnn", "normalised", "ensemble", "b_cnn", "cnn"],
)
def test_the_descriptor_is_that_of_the_model(model):
    regions = look_inside(model, IMAGE)
    steps = describe_steps(model, regions)
    np.testing.assert_allclose(steps.descriptor, model.describe(IMAGE)[0], atol=1e-6)
    np.testing.assert_allclose(steps.embedding / np.linalg.norm(steps.embedding), steps.descriptor, atol=1e-6)
    expected = steps.matrices
    if model.network.config.normalise_regions:
        groups = model.network.config.groups
        rooted = np.sqrt(expected + SQUARE_ROOT_FLOOR).reshape(len(expected), groups, -1)
        expected = (rooted / np.linalg.norm(rooted, axis=2, keepdims=True)).reshape(steps.matrices.shape)
    np.testing.assert_allclose(steps.vectors, expected, rtol=1e-5, atol=1e-7)


def test_another_region_size_is_refused():
    model = make_model()
    with pytest.raises(ValueError, match="region size 5, got 3"):
        describe_steps(model, look_inside(model, IMAGE, 3))
