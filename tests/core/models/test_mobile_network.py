import pytest
import torch

from core.config import NetworkConfig
from core.config_values import from_json, to_json
from core.errors import UserError
from core.models.bilinear_pooling import bilinear_pool
from core.models.descriptor_pca import scale_principal_axes, truncate_descriptor
from core.models.ensemble import combine_networks
from core.models.net2net import widen
from core.models.network import SQUARE_ROOT_FLOOR, build_network

TINY = {"filters": 3, "descriptor": 20, "image_columns": 64, "backbone_width": 0.1}
IMAGES = torch.randint(0, 256, (4, 3, 128, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = build_network("mobile_bcnn", normalise_regions=True, **TINY)
    with torch.no_grad():
        network.train()(IMAGES)  # statistics other than 0 and 1
    return network.eval()


def test_sizes_at_full_width():
    config = NetworkConfig("mobile_bcnn", filters=16)
    geometry = config.geometry
    assert (config.image_size, geometry.parts, geometry.map_size, config.region_size) == ((192, 96), 2, 6, 2)
    with torch.device("meta"):
        network = build_network("mobile_bcnn", filters=16)
    assert network.regions == 9 and network.linear.in_features == 2 * 9 * 16 * 16


def test_shapes(network):
    maps = network.maps(network.prepare(IMAGES))
    assert [each.shape for each in maps] == [(4, 2, 3, 4, 4)] * 2
    vectors = network.region_vectors(maps)
    assert vectors.shape == (4, 2, 4, 9)
    torch.testing.assert_close(vectors.norm(dim=3), torch.ones(4, 2, 4))
    torch.testing.assert_close(network(IMAGES).norm(dim=1), torch.ones(4))


def test_regions_tile_the_map_of_the_whole_image(network):
    """Region (part, row, column) has rows 4 part + 2 row of the whole map, and columns 2 column."""
    features = network.backbone(network.prepare(IMAGES))
    a, b = (stream.norm(stream.conv(features)).relu() for stream in network.streams)  # (B, C, 8, 4)
    vectors = network.region_vectors(network.maps(network.prepare(IMAGES)))
    for part in range(2):
        for row in range(2):
            for column in range(2):
                top, left = 4 * part + 2 * row, 2 * column
                cut = [each[:, :, top : top + 2, left : left + 2] for each in (a, b)]
                matrix = bilinear_pool(*cut, 2)[:, 0].flatten(1) + SQUARE_ROOT_FLOOR
                expected = torch.nn.functional.normalize(matrix.sqrt(), dim=1)
                torch.testing.assert_close(vectors[:, part, 2 * row + column], expected)


def test_contributions_of_parts_and_a_constant_sum_to_the_embedding(network):
    vectors = network.vectors(IMAGES)
    whole, parts = network.embed_parts(vectors)
    constant = network.embed(torch.zeros_like(vectors))
    torch.testing.assert_close(parts.sum(1) + constant, whole, rtol=1e-4, atol=1e-5)


def test_all_weights_learn(network):
    network.train()(IMAGES, with_parts=True)[:, :, 0].sum().backward()
    assert all(value.grad is not None for value in network.parameters())


def test_images_of_another_size_are_refused(network):
    with pytest.raises(ValueError, match=r"expected images \(B, 3, 128, 64\)"):
        network.prepare(torch.zeros(1, 3, 160, 60))


def test_configuration_fixes_what_the_backbone_fixes():
    config = NetworkConfig("mobile_bcnn", bgr=True, mean=3, batch_norm=False, instance_norm=True)
    assert config.batch_norm and not config.bgr and not config.instance_norm
    assert from_json(NetworkConfig, to_json(config)) == config


@pytest.mark.parametrize(
    "options, message",
    [
        ({"region_size": 4}, "must be 1, 2, 3 or 6"),
        ({"image_columns": 60}, "multiple of 16"),
        ({"image_columns": 0}, "multiple of 16"),
        ({"backbone_width": 0.0}, "above 0"),
        ({"frozen_layers": 15}, "from 0 to 14"),
        ({"groups": 2}, "cannot form 2 groups"),
    ],
)
def test_wrong_values_are_refused(options, message):
    with pytest.raises(UserError, match=message):
        NetworkConfig("mobile_bcnn", **options)


def test_other_architectures_keep_their_configuration():
    """Hashes of stored results include it (core.evaluation.seeds)."""
    assert not {"image_columns", "frozen_layers", "backbone_width"} & set(to_json(NetworkConfig("mr_bcnn")))
    assert NetworkConfig("mr_bcnn").region_size == 5


def test_no_ensemble_and_no_widening(network):
    with pytest.raises(UserError, match="b_cnn or mr_bcnn"):
        combine_networks([network, network], IMAGES)
    with pytest.raises(UserError, match="cannot be widened"):
        widen(network, 6)


def test_shortened_descriptor_is_the_start_of_the_full_one(network):
    """The layers of the backbone have more outputs than the short descriptor has numbers."""
    scaled = scale_principal_axes(network, IMAGES, 0.5)
    short = truncate_descriptor(scaled, 4)
    with torch.inference_mode():
        torch.testing.assert_close(short.embedding(IMAGES), scaled.embedding(IMAGES)[:, :4])
