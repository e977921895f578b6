"""Compare attributions with brute force: regions set to the baseline one by one, and loops over locations."""

from copy import deepcopy
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import draw_person
from torch.overrides import TorchFunctionMode

from core.data.images import open_image
from core.errors import UserError
from core.explain.activations import look_inside
from core.explain.attribution import explain_match, explain_region_pair
from core.explain.deletion import delete_regions
from core.explain.mean_vectors import average_vectors
from core.inference.checkpoint import Checkpoint
from core.inference.model import Model, load
from core.models.network import SQUARE_ROOT_FLOOR, build_network

ROOT = Path(__file__).parents[3]
KINDS = [
    (architecture, batch_norm, roots)
    for architecture in ("cnn", "b_cnn", "mr_bcnn")
    for batch_norm, roots in ((False, False), (True, False), (True, True), (False, True))
    if architecture != "cnn" or not roots
]
IN_GROUPS = [("mr_bcnn", True, True, 2), ("b_cnn", False, False, 2)]
WITH_BACKBONE = [("mobile_bcnn", True, False), ("mobile_bcnn", True, True)]
PROBE, MATCH = draw_person(1, 1, 0), draw_person(2, 2, 0)


def make(architecture, batch_norm, roots, groups=1, **options) -> Model:
    """Return an untrained model whose batch-norm statistics are not 0 and 1."""
    torch.manual_seed(0)
    sizes = {"filters": 3 if groups == 1 else 2 * groups, "descriptor": 20} | options
    sizes |= {"image_columns": 64, "backbone_width": 0.1} if architecture == "mobile_bcnn" else {}
    network = build_network(architecture, **sizes, batch_norm=batch_norm, normalise_regions=roots, groups=groups)
    for name, value in network.named_parameters():
        if (
            not batch_norm and value.ndim > 1
        ):  # with the authors' small initial weights all descriptors would be nearly equal
            value.data *= 10 if "conv" in name else 100
    if batch_norm:
        with torch.no_grad():
            network.train()(torch.randint(0, 256, (8, 3, *network.config.image_size)))
    return Model(Checkpoint(network))


@pytest.fixture(params=KINDS + IN_GROUPS + WITH_BACKBONE, ids=lambda kind: "-".join(map(str, kind)))
def model(request):
    return make(*request.param)


@pytest.fixture(params=["zero", "average"])
def reference(request, model):
    return average_vectors(model, [draw_person(i, 1, 0) for i in range(3, 8)]) if request.param == "average" else None


def vectors(model, image, kind=torch.float64):
    """Return the region vectors (R, K), computed by the network."""
    network = model.network
    pixels = torch.from_numpy(model.prepare(open_image(image)).copy())[None]
    with torch.no_grad():
        return network.region_vectors(network.maps(network.prepare(pixels)))[0].flatten(0, 1).to(kind)


def embed(model, region_vectors):
    """Return the descriptor (D,) before normalisation, in float64, of region vectors (R, K)."""
    with torch.no_grad():
        return deepcopy(model.network).double().embed(region_vectors[None])[0].numpy()


def explain(model, reference=None):
    return explain_match(model, look_inside(model, PROBE), look_inside(model, MATCH), reference)


def test_terms_sum_to_the_cosine_score(model, reference):
    one, two = model.describe([PROBE, MATCH])
    attribution = explain(model, reference)
    assert attribution.score == pytest.approx(float(one @ two), abs=1e-5)
    regions = len(vectors(model, PROBE))
    assert attribution.terms.shape == (regions + 1, regions + 1) and attribution.region_pairs.shape == (
        regions,
        regions,
    )


def test_filter_pairs_and_locations_sum_to_the_score(model, reference):
    attribution = explain(model, reference)
    for image in (0, 1):
        pairs, locations, regions = (
            attribution.filter_pairs[image],
            attribution.locations[image],
            attribution.of_regions[image],
        )
        np.testing.assert_allclose(pairs.sum((1, 2)), regions, atol=1e-6)
        config = model.network.config
        assert locations.shape == (config.geometry.parts, config.geometry.map_size, config.geometry.map_size)
        inside = look_inside(model, (PROBE, MATCH)[image])
        by_region = [inside.cells(locations, region).sum() for region in range(len(regions))]
        np.testing.assert_allclose(by_region, regions, atol=1e-6)
        assert locations.sum() + attribution.rest[image] == pytest.approx(attribution.score, abs=1e-5)


def test_region_set_to_the_baseline_loses_its_row_or_column(model, reference):
    """Replace one region and compute <e, e'> again with the network; the lengths stay those of the full images."""
    v, w = vectors(model, PROBE), vectors(model, MATCH)
    e, f = embed(model, v), embed(model, w)
    length = np.linalg.norm(e) * np.linalg.norm(f)
    m = torch.zeros_like(v) if reference is None else torch.from_numpy(reference).double()
    attribution = explain(model, reference)
    for region in range(0, len(v), max(1, len(v) // 9)):
        for image, (changed, stays) in enumerate(((v, f), (w, e))):
            without = changed.clone()
            without[region] = m[region]
            decrease = ((e, f)[image] - embed(model, without)) @ stays / length
            assert attribution.of_regions[image][region] == pytest.approx(decrease, abs=1e-6)


def test_term_is_the_interaction_of_two_regions(model, reference):
    """Compute it from four scores: with both regions, without one, without the other, without both."""
    v, w = vectors(model, PROBE), vectors(model, MATCH)
    m = torch.zeros_like(v) if reference is None else torch.from_numpy(reference).double()
    attribution = explain(model, reference)
    length = np.linalg.norm(embed(model, v)) * np.linalg.norm(embed(model, w))
    last = len(v) - 1
    for r, s in ((0, 0), (last, 0), (last // 2, last)):
        v_without, w_without = v.clone(), w.clone()
        v_without[r], w_without[s] = m[r], m[s]
        u, t = embed(model, v) - embed(model, v_without), embed(model, w) - embed(model, w_without)
        assert attribution.terms[r, s] == pytest.approx(float(u @ t) / length, abs=1e-6)
    baseline = embed(model, m)
    assert attribution.terms[-1, -1] == pytest.approx(float(baseline @ baseline) / length, abs=1e-6)


def test_score_without_regions_equals_the_network(model, reference):
    v, w = vectors(model, PROBE), vectors(model, MATCH)
    m = torch.zeros_like(v) if reference is None else torch.from_numpy(reference).double()
    attribution = explain(model, reference)
    last = len(v) - 1
    for gone in (([], []), ([0], []), ([last], [0, last]), (range(last), range(1, last))):
        changed = [each.clone() for each in (v, w)]
        for each, regions in zip(changed, gone, strict=True):
            each[list(regions)] = m[list(regions)]
        e, f = (embed(model, each) for each in changed)
        expected = float(e @ f) / (np.linalg.norm(e) * np.linalg.norm(f))
        assert attribution.score_without(*gone) == pytest.approx(expected, abs=1e-6)


def test_region_pairs_split_into_filter_pairs(model, reference):
    """Both splits of a term sum to the term."""
    attribution = explain(model, reference)
    last = len(attribution.region_pairs) - 1
    for r, s in ((0, 0), (last, 0), (last // 2, last)):
        probe, match = explain_region_pair(model, attribution, r, s)
        assert probe.shape == attribution.filter_pairs[0].shape[1:] == match.shape
        assert probe.sum() == pytest.approx(attribution.terms[r, s], abs=1e-6)
        assert match.sum() == pytest.approx(attribution.terms[r, s], abs=1e-6)


def test_filter_pair_set_to_zero_loses_its_contribution(model):
    v, w = vectors(model, PROBE), vectors(model, MATCH)
    e, f = embed(model, v), embed(model, w)
    attribution = explain(model)
    r, s = len(v) // 2, len(v) // 3
    probe, _ = explain_region_pair(model, attribution, r, s)
    w_without = w.clone()
    w_without[s] = 0
    u = f - embed(model, w_without)
    for k in range(v.shape[1]):
        without = v.clone()
        without[r, k] = 0
        change = e - embed(model, without)
        length = np.linalg.norm(e) * np.linalg.norm(f)
        assert attribution.filter_pairs[0][r].ravel()[k] == pytest.approx(float(change @ f) / length, abs=1e-6)
        assert probe.ravel()[k] == pytest.approx(float(change @ u) / length, abs=1e-6)


@pytest.mark.parametrize(
    "kind", [("mr_bcnn", True, False), ("b_cnn", False, False), ("cnn", True, False), ("mr_bcnn", True, False, 2)]
)
def test_location_set_to_zero_loses_its_contribution_without_square_root(kind):
    model = make(*kind)
    probe, match = look_inside(model, PROBE), look_inside(model, MATCH)
    attribution = explain_match(model, probe, match)
    e, f = (embed(model, vectors(model, each)) for each in (PROBE, MATCH))
    length = np.linalg.norm(e) * np.linalg.norm(f)
    for part, row, column in ((0, 0, 0), (1, 7, 3), (2, 14, 14), (1, 4, 10)):
        a = torch.from_numpy(probe.a.copy()).double()[None]
        a[0, part, :, row, column] = 0  # a zero in stream A removes the location from the region
        maps = (a, torch.from_numpy(probe.b).double()[None])[: len(model.network.streams)]
        without = embed(model, model.network.region_vectors(maps)[0].flatten(0, 1))
        assert attribution.locations[0][part, row, column] == pytest.approx(float((e - without) @ f) / length, abs=1e-6)


@pytest.mark.parametrize("kind", [("mr_bcnn", True, True), ("b_cnn", False, True), ("mr_bcnn", True, True, 2)])
def test_locations_have_proportional_shares_with_square_root(kind):
    """Compute in loops: a location gets the share of an entry (i, j) that it has before the square root."""
    model = make(*kind)
    probe, match = look_inside(model, PROBE), look_inside(model, MATCH)
    attribution = explain_match(model, probe, match)
    count = probe.geometry.region_size**2
    for region in (0, len(probe.matrices) // 2, len(probe.matrices) - 1):
        a, b = probe.cells(probe.a, region), probe.cells(probe.b, region)
        expected = np.zeros((probe.geometry.region_size, probe.geometry.region_size))
        for h, w in product(range(probe.geometry.region_size), repeat=2):
            for i, j in np.ndindex(probe.matrices.shape[1:]):
                share = (a[i, h, w] * b[probe.met(i, j), h, w] + SQUARE_ROOT_FLOOR / count) / (
                    probe.matrices[region, i, j] + SQUARE_ROOT_FLOOR
                )
                expected[h, w] += share * attribution.filter_pairs[0][region, i, j]
        np.testing.assert_allclose(probe.cells(attribution.locations[0], region), expected, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mr_bcnn", "b_cnn", "cnn"])
def test_shipped_models(name):
    """For random pairs of demo images, the terms sum to the score, and so do the locations with the rest."""
    model = load(ROOT / "checkpoints" / f"pedestrians-{name}")
    images = sorted((ROOT / "assets" / "pedestrians" / "bounding_box_test").glob("*.jpg"))
    chosen = np.random.default_rng(0).choice(len(images), (4, 2), replace=False)
    for probe, match in ((images[one], images[two]) for one, two in chosen):
        one, two = model.describe([probe, match])
        attribution = explain_match(model, look_inside(model, probe), look_inside(model, match))
        assert attribution.score == pytest.approx(float(one @ two), abs=1e-5)
        for locations, rest in zip(attribution.locations, attribution.rest, strict=True):
            assert locations.sum() + rest == pytest.approx(float(one @ two), abs=1e-5)


def test_authors_size_and_initial_weights():
    """The model has 64 filters, no normalisation, and region vectors near zero."""
    torch.manual_seed(0)
    model = Model(Checkpoint(build_network("mr_bcnn", descriptor=50)))
    one, two = model.describe([PROBE, MATCH])
    attribution = explain(model)
    assert attribution.score == pytest.approx(float(one @ two), abs=1e-5)
    assert attribution.locations[0].sum() + attribution.rest[0] == pytest.approx(attribution.score, abs=1e-5)


def test_terms_of_an_image_with_itself_are_symmetric(model):
    one = look_inside(model, PROBE)
    attribution = explain_match(model, one, one)
    assert attribution.score == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(attribution.terms, attribution.terms.T, atol=1e-9)


def test_average_vectors_are_the_mean():
    model = make("mr_bcnn", True, True)
    images = [draw_person(i, 1, 0) for i in range(5)]
    expected = torch.stack([vectors(model, each) for each in images]).mean(0)
    np.testing.assert_allclose(average_vectors(model, images, batch_size=2), expected, atol=1e-5)
    with pytest.raises(ValueError, match="at least one image"):
        average_vectors(model, [])


def test_unreadable_images_are_left_out_of_the_mean():
    model, image, reasons = make("mr_bcnn", True, True), draw_person(1, 1, 0), []
    found = average_vectors(model, [b"none", image], on_error=lambda source, reason: reasons.append(reason))
    np.testing.assert_allclose(found, average_vectors(model, [image]), atol=1e-6)
    assert len(reasons) == 1
    with pytest.raises(UserError, match="at least one image that can be read"):
        average_vectors(model, [b"none"], on_error=lambda source, reason: None)
    with pytest.raises(UserError, match="not an image"):
        average_vectors(model, [b"none"])


def test_other_region_size_or_baseline_shape_raises_an_error():
    model = make("mr_bcnn", True, True)
    own, other = look_inside(model, PROBE), look_inside(model, PROBE, 3)
    with pytest.raises(ValueError, match="expected the region size 5"):
        explain_match(model, own, other)
    with pytest.raises(ValueError, match=r"expected a reference \(27, 9\), got \(3, 9\)"):
        explain_match(model, own, own, np.zeros((3, 9), np.float32))


def test_the_score_is_that_of_the_images_without_their_mirror_images():
    plain = make("mr_bcnn", True, True)
    mirrored = Model(plain.checkpoint, flip=True)
    score = explain_match(mirrored, look_inside(mirrored, PROBE), look_inside(mirrored, MATCH)).score
    described = plain.describe([PROBE, MATCH])
    assert score == pytest.approx(float(described[0] @ described[1]), abs=1e-6)


class WithoutFloat64(TorchFunctionMode):
    """A device without float64, as the GPU of an Apple processor: only a tensor that `cpu` returned can become it."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function is torch.Tensor.double and not getattr(args[0], "is_on_cpu", False):
            raise TypeError("Cannot convert a MPS Tensor to float64 dtype")
        result = function(*args, **(kwargs or {}))
        if function is torch.Tensor.cpu:
            result = result.clone()
            result.is_on_cpu = True
        return result


def test_explanations_need_no_float64_on_the_device():
    model = make("mr_bcnn", True, True)
    with WithoutFloat64():
        both = look_inside(model, PROBE), look_inside(model, MATCH)
        attribution = explain_match(model, *both, average_vectors(model, [PROBE, MATCH]))
        explain_region_pair(model, attribution, 0, 1)
        delete_regions(model, attribution, both[1], np.arange(27))
    described = model.describe([PROBE, MATCH])
    assert attribution.score == pytest.approx(float(described[0] @ described[1]), abs=1e-6)
