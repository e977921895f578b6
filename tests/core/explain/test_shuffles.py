import numpy as np
import pytest
import torch
from conftest import draw_person

from core.explain.shuffles import (
    SHUFFLES,
    Shuffle,
    compare_shuffles,
    describe_shuffled,
    permute_in_parts,
    permute_in_regions,
    permute_in_squares,
    shift_image,
    swap_halves,
)
from core.inference.checkpoint import Checkpoint
from core.inference.model import Model
from core.models.network import build_network

IMAGE = draw_person(5, 1, 0)


def whole_maps() -> torch.Tensor:
    """Return feature maps (1, P, C, 15, 15) of whole numbers, whose sums have no rounding error."""
    return torch.randint(0, 50, (1, 3, 4, 15, 15), generator=torch.Generator().manual_seed(1)).double()


def network(architecture: str, **options):
    torch.manual_seed(1)
    return build_network(architecture, filters=4, descriptor=6, batch_norm=True, **options).double().eval()


@pytest.mark.parametrize(
    ("architecture", "options", "of_parts", "of_regions"),
    [
        ("b_cnn", {"region_size": 15}, True, True),
        ("mr_bcnn", {"region_size": 5}, False, True),
        ("mr_bcnn", {"region_size": 5, "normalise_regions": True}, False, True),
        ("mr_bcnn", {"region_size": 3}, False, False),
        ("cnn", {}, False, False),
    ],
)
def test_pooling_is_invariant_to_permutations_within_its_regions_and_to_no_other(
    architecture, options, of_parts, of_regions
):
    one, maps = (
        network(architecture, **options),
        (whole_maps(), whole_maps().flip(2))[: 1 if architecture == "cnn" else 2],
    )
    before = one.region_vectors(maps)
    for permute, invariant in ((permute_in_parts, of_parts), (permute_in_regions, of_regions)):
        after = one.region_vectors(tuple(map(permute, maps)))
        assert torch.equal(before, after) == invariant
        assert torch.equal(one.embed(before), one.embed(after)) == invariant


@pytest.mark.parametrize("size", [15, 5, 3])
def test_each_square_keeps_its_locations(size):
    maps = torch.arange(225.0).reshape(15, 15)
    moved = permute_in_squares(maps, size)
    assert not torch.equal(moved, maps)
    for row in range(0, 15, size):
        for column in range(0, 15, size):
            square = (slice(row, row + size), slice(column, column + size))
            assert sorted(moved[square].flatten().tolist()) == sorted(maps[square].flatten().tolist())


def test_all_maps_get_the_same_permutation():
    maps = torch.arange(225.0).reshape(15, 15)
    moved = permute_in_squares(torch.stack([maps, 1000 + maps]), 5)
    assert torch.equal(moved[1], moved[0] + 1000)


def test_an_image_is_shifted_and_its_halves_are_swapped():
    pixels = np.arange(160 * 60).reshape(1, 160, 60)
    shifted = shift_image(pixels, 2)
    np.testing.assert_array_equal(shifted[..., 2:], pixels[..., :-2])
    np.testing.assert_array_equal(shifted[..., 0], pixels[..., 0])
    np.testing.assert_array_equal(shifted[..., 1], pixels[..., 0])
    swapped = swap_halves(pixels)
    np.testing.assert_array_equal(swapped[:, :80], pixels[:, 80:])
    np.testing.assert_array_equal(swapped[:, 80:], pixels[:, :80])


@pytest.mark.parametrize("architecture", ["b_cnn", "mr_bcnn", "cnn"])
def test_the_cosines_follow_from_the_descriptors(architecture):
    options = {"region_size": 15} if architecture == "b_cnn" else {}
    model = Model(Checkpoint(network(architecture, **options).float()), "cpu")
    np.testing.assert_allclose(describe_shuffled(model, IMAGE, Shuffle()), model.describe(IMAGE)[0], atol=1e-6)
    cosines = compare_shuffles(model, IMAGE)
    assert list(cosines) == list(SHUFFLES)
    assert (cosines["parts"] > 1 - 1e-6) == (architecture == "b_cnn")
    assert (cosines["regions"] > 1 - 1e-6) == (architecture != "cnn")
    assert cosines["shift"] < 1 - 1e-6 and cosines["halves"] < 1 - 1e-6
