import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from core.losses.histogram import histogram_loss, soft_histogram


def by_loops(descriptors, identities, nodes=201):
    """The definition, pair by pair and node by node."""
    step = 2 / (nodes - 1)
    histograms = {True: [0.0] * nodes, False: [0.0] * nodes}
    counts = {True: 0, False: 0}
    for i in range(len(descriptors)):
        for j in range(i + 1, len(descriptors)):
            same = bool(identities[i] == identities[j])
            position = (float(F.cosine_similarity(descriptors[i], descriptors[j], dim=0)) + 1) / step
            lower = min(int(position), nodes - 2)
            histograms[same][lower] += 1 - (position - lower)
            histograms[same][lower + 1] += position - lower
            counts[same] += 1
    loss = cumulated = 0.0
    for node in range(nodes):
        cumulated += histograms[True][node] / counts[True]
        loss += histograms[False][node] / counts[False] * cumulated
    return loss


@pytest.mark.parametrize("nodes", [2, 21, 201, 150])
def test_equals_the_definition(nodes):
    torch.manual_seed(0)
    descriptors, identities = torch.randn(24, 5, dtype=torch.double), torch.arange(24) // 3
    assert histogram_loss(descriptors, identities, nodes).item() == pytest.approx(
        by_loops(descriptors, identities, nodes), abs=1e-10
    )


def test_golden_cases():
    """The first case stores its input and not its seed, since random streams change between versions."""
    descriptors = torch.tensor(json.loads((Path(__file__).parent / "golden_descriptors.json").read_text())).double()
    assert histogram_loss(descriptors, torch.arange(8) // 2).item() == pytest.approx(0.5625230424, abs=1e-10)
    assert histogram_loss(torch.ones(8, 16), torch.arange(8) // 2).item() == pytest.approx(1)
    assert histogram_loss(torch.eye(4).repeat_interleave(2, 0), torch.arange(8) // 2).item() == 0


def test_worked_example():
    """Three nodes -1, 0, 1. One positive pair at 0.5: half of it in node 0, half in node 1. Two negatives: one at
    -1, wholly below; one at 0.5. h- = (.5, .25, .25), cumulated h+ = (0, .5, 1): the loss is .125 + .25."""
    h_minus = soft_histogram(torch.tensor([-1.0, 0.5]), 3)
    h_plus = soft_histogram(torch.tensor([0.5]), 3)
    assert h_minus.tolist() == [0.5, 0.25, 0.25]
    assert (h_minus @ h_plus.cumsum(0)).item() == 0.375


def test_histograms_sum_to_1_also_at_the_ends():
    for similarities in ([-1.0, 1.0], [1.0], [-1.0], [0.999999999, -0.999999999], [1.0000001, -1.0000001]):
        assert soft_histogram(torch.tensor(similarities), 201).sum().item() == pytest.approx(1)


def test_similarities_outside_the_range_count_as_its_ends():
    """Rounding may move a cosine out of -1..1. Each node still gets a share from 0 to 1."""
    histogram = soft_histogram(torch.tensor([-1.5, 1.5]), 5)
    assert histogram.tolist() == [0.5, 0, 0, 0, 0.5]


def test_bin_width_equals_the_authors():
    """0.01, so 201 nodes: 0.105 lies half way between nodes 110 and 111."""
    histogram = soft_histogram(torch.tensor([0.105], dtype=torch.double))
    assert len(histogram) == 201
    assert histogram[110:112].tolist() == pytest.approx([0.5, 0.5])


def test_histogram_is_on_the_device_of_its_similarities():
    on_another_device = torch.zeros(3, device="meta", dtype=torch.double)
    histogram = soft_histogram(on_another_device, 5)
    assert (histogram.device, histogram.dtype) == (on_another_device.device, torch.double)


@pytest.mark.parametrize("identities", [[0, 1, 2, 3], [0, 0, 0, 0]], ids=["no positive", "no negative"])
def test_a_missing_kind_of_pair_gives_zero_and_no_gradient(identities):
    descriptors = torch.randn(4, 3, requires_grad=True)
    loss = histogram_loss(descriptors, torch.tensor(identities))
    loss.backward()
    assert loss.item() == 0
    assert descriptors.grad.abs().sum() == 0


def test_duplicate_images_have_finite_gradients():
    descriptors = torch.randn(4, 3)[[0, 0, 1, 1, 2, 3]].requires_grad_()
    loss = histogram_loss(descriptors, torch.tensor([0, 0, 1, 1, 2, 2]))
    loss.backward()
    assert torch.isfinite(descriptors.grad).all()


def test_gradient():
    torch.manual_seed(2)
    descriptors = torch.randn(6, 4, dtype=torch.double, requires_grad=True)
    identities = torch.arange(6) // 2
    assert torch.autograd.gradcheck(lambda x: histogram_loss(x, identities, 11), descriptors, eps=1e-7)


def test_a_more_similar_positive_never_raises_the_loss():
    negatives = soft_histogram(torch.rand(100, generator=torch.Generator().manual_seed(3)) * 2 - 1)
    losses = [
        negatives @ soft_histogram(torch.tensor([0.1, similarity])).cumsum(0)
        for similarity in torch.linspace(-1, 1, 400).tolist()
    ]
    assert all(later <= earlier + 1e-6 for earlier, later in zip(losses, losses[1:], strict=False))
    assert losses[0] > losses[-1]


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(kind):
    torch.manual_seed(4)
    descriptors, identities = torch.randn(16, 8), torch.arange(16) // 4
    half = histogram_loss(descriptors.to(kind), identities)
    assert half.dtype == torch.float32
    assert half.item() == pytest.approx(histogram_loss(descriptors.to(kind).float(), identities).item(), abs=1e-6)
    full = histogram_loss(descriptors, identities).item()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert histogram_loss(descriptors, identities).item() == pytest.approx(full, abs=1e-6)


def test_wrong_shapes_raise():
    with pytest.raises(ValueError, match=r"descriptors \(N, D\)"):
        histogram_loss(torch.ones(4), torch.zeros(4))
