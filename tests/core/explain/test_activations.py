import numpy as np
import pytest
import torch
from conftest import draw_person, untrained

from core.config import PART_ROWS
from core.errors import UserError
from core.explain.activations import find_strongest, look_inside, randomise_weights, spread_over_pixels
from core.geometry import PAPER


@pytest.mark.parametrize("region_size", [15, 5, 3, 1])
def test_matrices_are_the_sums_of_outer_products(region_size):
    """Compare with equations (1) and (2), written as loops over the regions."""
    regions = look_inside(untrained(), draw_person(1, 1, 0), region_size)
    side = 15 // region_size
    assert regions.geometry.side == side and regions.matrices.shape == (3 * side**2, 3, 3)
    for region in range(3 * side**2):
        part, row, column = region // side**2, region // side % side, region % side
        expected = np.zeros((3, 3))
        for h in range(row * region_size, (row + 1) * region_size):
            for w in range(column * region_size, (column + 1) * region_size):
                expected += np.outer(regions.a[part, :, h, w], regions.b[part, :, h, w])
        np.testing.assert_allclose(regions.matrices[region], expected, rtol=1e-4, atol=1e-5)
        assert regions.energy.ravel()[region] == pytest.approx(np.sqrt((expected**2).sum()), rel=1e-4)


def test_matrices_give_the_descriptor():
    model = untrained()
    regions = look_inside(model, draw_person(1, 1, 0))
    vectors = torch.from_numpy(regions.matrices).reshape(1, 3, 9, 9)
    described = torch.nn.functional.normalize(model.network.embed(vectors))[0]
    np.testing.assert_allclose(described.detach(), model.describe(draw_person(1, 1, 0))[0], atol=1e-5)


@pytest.mark.parametrize("region_size", [15, 5, 1])
def test_products_of_a_filter_pair_sum_to_the_entry(region_size):
    regions = look_inside(untrained(), draw_person(2, 1, 0), region_size)
    for region, i, j in ((0, 0, 0), (len(regions.matrices) // 2, 2, 1), (len(regions.matrices) - 1, 1, 2)):
        a, b, product = regions.filter_pair(region, i, j)
        assert a.shape == b.shape == product.shape == (region_size, region_size)
        np.testing.assert_array_equal(product, a * b)
        assert product.sum() == pytest.approx(regions.matrices[region, i, j], rel=1e-4)


def test_filters_of_a_group_pair_with_filters_of_the_same_group():
    regions = look_inside(untrained(filters=6, groups=3), draw_person(2, 1, 0))
    assert regions.matrices.shape == (27, 6, 2) and regions.groups == 3
    assert [[regions.met(i, j) for j in range(2)] for i in range(6)] == [[0, 1]] * 2 + [[2, 3]] * 2 + [[4, 5]] * 2
    for region, i, j in ((0, 0, 1), (13, 3, 0), (26, 5, 1)):
        a, b, product = regions.filter_pair(region, i, j)
        np.testing.assert_array_equal(b, regions.cells(regions.b, region)[regions.met(i, j)])
        assert product.sum() == pytest.approx(regions.matrices[region, i, j], rel=1e-4)


def test_cells_returns_the_locations_of_a_region():
    regions = look_inside(untrained(), draw_person(2, 1, 0))
    values = np.arange(3 * 15 * 15).reshape(3, 15, 15)
    np.testing.assert_array_equal(regions.cells(values, 9 + 3 * 2 + 1), values[1, 10:15, 5:10])
    np.testing.assert_array_equal(regions.cells(regions.a, 0), regions.a[0, :, :5, :5])


def test_cnn_has_regions_of_one_location_and_a_constant_stream_b():
    model = untrained("cnn")
    regions = look_inside(model, draw_person(1, 1, 0), 5)
    assert regions.geometry.region_size == 1 and regions.matrices.shape == (675, 3, 1)
    np.testing.assert_array_equal(regions.matrices[225 + 15 * 2 + 7, :, 0], regions.a[1, :, 2, 7])


def test_parts_are_stripes_of_the_network_input():
    regions = look_inside(untrained(), draw_person(1, 1, 0))
    assert regions.image.shape == (160, 60, 3)
    for part, (top, bottom) in zip(regions.parts, PART_ROWS, strict=True):
        np.testing.assert_array_equal(part, regions.image[top:bottom])


def test_look_inside_does_not_change_the_network():
    model = untrained()
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    look_inside(model, draw_person(1, 1, 0), 3)
    assert all(torch.equal(value, before[name]) for name, value in model.network.state_dict().items())
    assert not any(module._forward_hooks for module in model.network.modules())


@pytest.mark.parametrize("region_size", [4, 7, 0, -1, 30])
def test_invalid_region_size_raises_an_error(region_size):
    with pytest.raises(UserError, match=f"must be 1, 3, 5 or 15, not {region_size}"):
        look_inside(untrained(), draw_person(1, 1, 0), region_size)


def test_unreadable_image_raises_an_error():
    with pytest.raises(UserError, match="not an image"):
        look_inside(untrained(), b"no image")


def test_find_strongest_sorts_by_absolute_value():
    assert find_strongest(np.array([[1.0, -5.0], [3.0, 0.0]]), 3) == [(0, 1), (1, 0), (0, 0)]
    assert find_strongest(np.array([1.0]), 9) == [(0,)]


def test_spread_over_pixels_adds_overlapping_parts():
    values = np.random.default_rng(0).normal(size=(3, 15, 15))
    pixels = spread_over_pixels(values, PAPER)
    expected = np.zeros((160, 60))
    for part, (top, _) in enumerate(PART_ROWS):
        for row in range(60):
            for column in range(60):
                expected[top + row, column] += values[part, row // 4, column // 4] / 16
    np.testing.assert_allclose(pixels, expected)
    assert pixels.sum() == pytest.approx(values.sum())


def test_randomise_weights_keeps_the_architecture():
    model = untrained()
    state = torch.get_rng_state()
    other, again, third = (randomise_weights(model, seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), state)
    assert other.network.config == model.network.config and not other.network.training
    weight = "streams.0.conv1.weight"
    assert torch.equal(other.network.state_dict()[weight], again.network.state_dict()[weight])
    assert not torch.equal(other.network.state_dict()[weight], third.network.state_dict()[weight])
    assert not torch.equal(other.network.state_dict()[weight], model.network.state_dict()[weight])
