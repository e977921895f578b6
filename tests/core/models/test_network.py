import pytest
import torch
import torch.nn.functional as F

from core.errors import UserError
from core.models.bilinear_pooling import bilinear_pool
from core.models.half_instance_norm import HalfInstanceNorm
from core.models.network import SQUARE_ROOT_FLOOR, build_network
from core.models.stream import Stream, split_parts


@pytest.mark.parametrize(
    "architecture, parameters", [("mr_bcnn", 55_930_228), ("b_cnn", 6_778_228), ("cnn", 21_917_364)]
)
def test_numbers_of_parameters_equal_the_release(architecture, parameters):
    with torch.device("meta"):
        network = build_network(architecture)
    assert sum(value.numel() for value in network.parameters()) == parameters


def test_parts_are_rows_0_50_100():
    images = torch.arange(160.0).reshape(1, 1, 160, 1).expand(2, 3, 160, 60)
    parts = split_parts(images)
    assert parts.shape == (2, 3, 3, 60, 60)
    assert parts[0, :, 0, 0, 0].tolist() == [0, 50, 100]
    assert parts[0, :, 0, -1, 0].tolist() == [59, 109, 159]


@pytest.mark.parametrize("batch_norm", [False, True])
def test_relu_after_pooling_equals_relu_before_pooling(batch_norm):
    """Without batch normalisation ReLU before pooling, as in the paper, gives the same; conv1 is shared."""
    torch.manual_seed(0)
    stream = Stream(4, batch_norm).eval()
    parts = torch.rand(2, 3, 3, 60, 60)
    for part in range(3):
        x = stream.conv1(parts[:, part])
        x = F.relu(stream.norm1(F.max_pool2d(x, 2))) if batch_norm else F.max_pool2d(F.relu(x), 2)
        x = stream.conv2[part](x)
        x = F.relu(stream.norm2[part](F.max_pool2d(x, 2))) if batch_norm else F.max_pool2d(F.relu(x), 2)
        torch.testing.assert_close(stream(parts)[:, part], x, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "architecture, shape", [("mr_bcnn", (2, 3, 9, 16)), ("b_cnn", (2, 3, 1, 16)), ("cnn", (2, 3, 225, 4))]
)
@pytest.mark.parametrize("fast", [False, True])
def test_shapes_and_unit_length(architecture, shape, fast):
    network = build_network(architecture, filters=4, batch_norm=fast, normalise_regions=fast).eval()
    images = torch.randint(0, 256, (2, 3, 160, 60), dtype=torch.uint8)
    vectors = network.region_vectors(network.maps(network.prepare(images)))
    assert vectors.shape == shape
    descriptors = network(images)
    assert descriptors.shape == (2, 500)
    torch.testing.assert_close(descriptors.norm(dim=1), torch.ones(2))
    if fast and architecture != "cnn":
        torch.testing.assert_close(vectors.norm(dim=3), torch.ones(shape[:3]))


def test_region_vectors_by_loops():
    """Equations 1 to 3 in the paper's case: one group, no normalisation."""
    network = build_network("mr_bcnn", filters=2).eval()
    a, b = (torch.rand(1, 3, 2, 15, 15) for _ in range(2))
    vectors = network.region_vectors((a, b))
    assert vectors.shape == (1, 3, 9, 4)
    for part in range(3):
        for region in range(9):
            top, left = 5 * (region // 3), 5 * (region % 3)
            expected = torch.zeros(2, 2)
            for row in range(top, top + 5):
                for column in range(left, left + 5):
                    expected += torch.outer(a[0, part, :, row, column], b[0, part, :, row, column])
            torch.testing.assert_close(vectors[0, part, region], expected.flatten())


@pytest.mark.parametrize("architecture, regions", [("mr_bcnn", 9), ("b_cnn", 1)])
def test_groups_of_filters_are_independent_networks(architecture, regions):
    network = build_network(architecture, filters=6, groups=3, batch_norm=True, normalise_regions=True).eval()
    images = torch.randint(0, 256, (2, 3, 160, 60), dtype=torch.uint8)
    with torch.no_grad():
        maps = network.maps(network.prepare(images))
        vectors = network.region_vectors(maps)
        assert vectors.shape == (2, 3, regions, 3 * 2 * 2)
        for group in range(3):  # the square root and L2 normalisation apply to each region and group
            a, b = (stream[:, :, 2 * group : 2 * group + 2].flatten(0, 1) for stream in maps)
            matrices = bilinear_pool(a, b, 15 if regions == 1 else 5).flatten(2) + SQUARE_ROOT_FLOOR
            expected = F.normalize(matrices.sqrt(), dim=2).unflatten(0, (2, 3))
            torch.testing.assert_close(vectors[..., 4 * group : 4 * group + 4], expected)
        changed = network.streams[0]
        before = changed(network.prepare(images))
        changed.conv1.weight[2:] = 0  # filters of other groups do not affect the first group
        torch.testing.assert_close(changed(network.prepare(images))[:, :, :2], before[:, :, :2])


@pytest.mark.parametrize("architecture", ["mr_bcnn", "b_cnn", "cnn"])
@pytest.mark.parametrize("fast", [False, True])
def test_embedding_is_affine_in_the_region_vectors(architecture, fast):
    """Explanations need this property: embed(mean of x and y) = mean of embed(x) and embed(y)."""
    torch.manual_seed(0)
    network = build_network(architecture, filters=4, batch_norm=fast, normalise_regions=fast).double()
    network.train()
    network(torch.randint(0, 256, (8, 3, 160, 60)))  # batch statistics that are not 0 and 1
    network.eval()
    x, y = (network.region_vectors(network.maps(network.prepare(torch.randint(0, 256, (1, 3, 160, 60))))) for _ in "xy")
    torch.testing.assert_close(network.embed((x + y) / 2), (network.embed(x) + network.embed(y)) / 2)


@pytest.mark.parametrize("fast", [False, True])
def test_contributions_of_parts_sum_to_the_embedding(fast):
    torch.manual_seed(0)
    network = build_network(filters=4, descriptor=16, batch_norm=fast, normalise_regions=fast)
    images = torch.randint(0, 256, (6, 3, 160, 60)).float()
    network(images)  # changes the running statistics
    network.eval()
    both = network(images, with_parts=True)
    assert both.shape == (6, 1 + 3, 16)
    torch.testing.assert_close(both[:, 0], network(images))
    vectors = network.vectors(images)
    whole, parts = network.embed_parts(vectors)
    torch.testing.assert_close(both[:, 1:], parts)
    torch.testing.assert_close(whole, network.embedding(images))
    torch.testing.assert_close(whole, parts.sum(1) + network.embed(torch.zeros_like(vectors)))
    for part in range(3):  # other parts do not contribute
        single = torch.zeros_like(vectors)
        single[:, part] = vectors[:, part]
        torch.testing.assert_close(parts[:, part], network.embed(single) - network.embed(torch.zeros_like(vectors)))


def test_region_sizes():
    for region_size, regions in {15: 1, 5: 9, 3: 25, 1: 225}.items():
        assert build_network("mr_bcnn", 2, region_size).regions == regions
    assert build_network("b_cnn", 2, 5).config.region_size == 15
    with pytest.raises(UserError, match="1, 3, 5 or 15"):
        build_network("mr_bcnn", 2, 4)
    with pytest.raises(UserError, match="cnn, b_cnn, mr_bcnn"):
        build_network("resnet")


def test_preparation_equals_the_authors():
    """Blue first, times 1/256."""
    network = build_network("cnn", filters=2)
    image = torch.zeros(1, 3, 160, 60, dtype=torch.uint8)
    image[:, 0] = 128  # red
    parts = network.prepare(image)
    assert parts[0, 0, :, 0, 0].tolist() == [0, 0, 0.5]
    with pytest.raises(ValueError, match=r"\(B, 3, 160, 60\)"):
        network.prepare(torch.zeros(1, 3, 128, 64))


def test_initialisation_equals_the_authors():
    torch.manual_seed(0)
    network = build_network("mr_bcnn", filters=32)
    assert network.streams[0].conv2[1].weight.std().item() == pytest.approx(0.01, rel=0.05)
    assert network.linear.weight.std().item() == pytest.approx(0.001, rel=0.05)
    assert not torch.equal(network.streams[0].conv1.weight, network.streams[1].conv1.weight)


def test_half_precision_gives_float32_descriptors():
    torch.manual_seed(0)
    network = build_network("mr_bcnn", 8, batch_norm=True, normalise_regions=True).eval()
    images = torch.randint(0, 256, (4, 3, 160, 60), dtype=torch.uint8)
    with torch.inference_mode():
        whole = network(images)
        with torch.autocast("cpu", torch.bfloat16):
            assert network.maps(network.prepare(images))[0].dtype == torch.bfloat16
            half = network(images)
    assert half.dtype == torch.float32
    assert (half != whole).any() and (half * whole).sum(1).min() > 0.99


def test_normalised_images_do_not_depend_on_exposure_and_colour_cast():
    torch.manual_seed(0)
    network = build_network(
        "mr_bcnn", 4, batch_norm=True, normalise_images=True, bgr=False, mean=100.0, scale=0.02
    ).eval()
    images = torch.randint(50, 120, (2, 3, 160, 60)).float()
    camera = torch.tensor([1.5, 1.2, 0.9])[:, None, None]
    with torch.inference_mode():
        parts, seen = network.prepare(images), network.prepare(images * camera + 20)
        assert (parts - seen).abs().max() < 0.2  # STD_FLOOR makes a small difference
        assert network(torch.full((2, 3, 160, 60), 7)).isfinite().all()
    red = (images[0, 0] - 100) * 0.02
    torch.testing.assert_close(parts[0, 0, 0], ((red - red.mean()) / (red.std() + 0.05))[:60])


def test_instance_norm_in_the_streams():
    network = build_network("cnn", 4, batch_norm=True, instance_norm=True)
    assert isinstance(network.streams[0].norm1, HalfInstanceNorm)
    assert network(torch.zeros(2, 3, 160, 60)).shape == (2, 500)
