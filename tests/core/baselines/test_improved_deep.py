"""The network of Ahmed et al.: the differences against a loop, and the shapes of the paper."""

import torch

from core.baselines.improved_deep import COLUMNS, ROWS, ImprovedDeep, neighbourhood_differences


def test_differences_against_a_loop():
    first, second = torch.randn(2, 2, 3, 4, 3, generator=torch.Generator().manual_seed(0))
    found = neighbourhood_differences(first, second)
    assert found.shape == (2, 3, 25, 12)
    for image, channel, row, column in [(0, 0, 0, 0), (1, 2, 3, 2), (0, 1, 2, 1)]:
        for down in range(-2, 3):
            for right in range(-2, 3):
                is_inside = 0 <= row + down < 4 and 0 <= column + right < 3
                other = second[image, channel, row + down, column + right] if is_inside else 0
                expected = first[image, channel, row, column] - other
                torch.testing.assert_close(
                    found[image, channel, 5 * (down + 2) + right + 2, 3 * row + column], expected
                )


def test_the_summary_is_a_convolution_of_blocks():
    torch.manual_seed(0)
    network, (first, second) = ImprovedDeep(), torch.rand(2, 1, 25, 37, 12)
    differences = neighbourhood_differences(first, second)
    blocks = torch.empty(1, 25, 5 * 37, 5 * 12)  # as in the paper
    for row, column in [(row, column) for row in range(37) for column in range(12)]:
        block = differences[:, :, :, 12 * row + column].unflatten(2, (5, 5))
        blocks[:, :, 5 * row : 5 * row + 5, 5 * column : 5 * column + 5] = block
    expected = network.summary[0](blocks.relu())
    found = network.summary[0].weight.flatten(1) @ differences.relu().flatten(1, 2)
    torch.testing.assert_close(found.unflatten(2, (37, 12)), expected - network.summary[0].bias[:, None, None])


def test_shapes_and_number_of_weights():
    torch.manual_seed(0)
    network, images = ImprovedDeep(), torch.rand(4, 3, ROWS, COLUMNS)
    assert network.maps(images).shape == (4, 25, 37, 12)
    assert network(images[:2], images[2:]).shape == (2, 2)
    assert network.hidden.in_features == 4500
    convolutions = 20 * (75 + 1) + 25 * (500 + 1) + 2 * 25 * (625 + 1) + 2 * 25 * (225 + 1)
    assert sum(weights.numel() for weights in network.parameters()) == convolutions + 4501 * 500 + 501 * 2


def test_stored_maps_give_the_same_logits():
    torch.manual_seed(0)
    network, images = ImprovedDeep().eval(), torch.rand(2, 3, ROWS, COLUMNS)
    maps = network.maps(images)
    torch.testing.assert_close(network.compare(maps[:1], maps[1:]), network(images[:1], images[1:]))


def test_the_images_of_a_pair_share_the_first_convolutions():
    network = ImprovedDeep()
    for one, other in (network.summary, network.across):  # the two directions have equal weights: order is irrelevant
        other.load_state_dict(one.state_dict())
    half = network.hidden.in_features // 2
    with torch.no_grad():
        network.hidden.weight[:, half:] = network.hidden.weight[:, :half]
    images = torch.rand(2, 3, ROWS, COLUMNS)
    torch.testing.assert_close(network(images[:1], images[1:]), network(images[1:], images[:1]))
