import math

import pytest
import torch
import torch.nn.functional as F

from core.losses.binomial_deviance import binomial_deviance_loss


def by_loops(descriptors, identities, alpha, beta, cost):
    """The definition, pair by pair."""
    terms = {True: [], False: []}
    for i in range(len(descriptors)):
        for j in range(i + 1, len(descriptors)):
            similarity = float(F.cosine_similarity(descriptors[i], descriptors[j], dim=0))
            same = bool(identities[i] == identities[j])
            slope = 1 if same else -cost
            terms[same].append(math.log(1 + math.exp(-alpha * (similarity - beta) * slope)))
    return sum(sum(kind) / len(kind) for kind in terms.values())


@pytest.mark.parametrize("alpha, beta, cost", [(2.0, 0.5, 2.0), (2.0, 0.5, 25.0), (1.0, 0.0, 1.0), (3.0, -0.2, 0.5)])
def test_equals_the_definition(alpha, beta, cost):
    torch.manual_seed(0)
    descriptors, identities = torch.randn(24, 5, dtype=torch.double), torch.arange(24) // 3
    assert binomial_deviance_loss(descriptors, identities, alpha, beta, cost).item() == pytest.approx(
        by_loops(descriptors, identities, alpha, beta, cost), abs=1e-10
    )


def test_defaults_equal_the_authors():
    torch.manual_seed(1)
    descriptors, identities = torch.randn(12, 5, dtype=torch.double), torch.arange(12) // 3
    assert torch.equal(
        binomial_deviance_loss(descriptors, identities), binomial_deviance_loss(descriptors, identities, 2, 0.5, 2)
    )


def test_worked_example():
    """Identity 0 along x twice, identity 1 along y and at 60 degrees to x. The positives have s = 1 and sqrt(3)/2, the
    negatives 0, 1/2, 0, 1/2. With alpha 2, beta 1/2, cost 2 the exponents are -1 and 1 - sqrt(3) for the positives,
    -2, 0, -2, 0 for the negatives."""
    descriptors = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 1.0], [0.5, math.sqrt(3) / 2]], dtype=torch.double)
    positive = (math.log(1 + math.exp(-1)) + math.log(1 + math.exp(1 - math.sqrt(3)))) / 2
    negative = (math.log(1 + math.exp(-2)) + math.log(2)) / 2
    loss = binomial_deviance_loss(descriptors, torch.tensor([0, 0, 1, 1]))
    assert loss.item() == pytest.approx(positive + negative, abs=1e-12)


@pytest.mark.parametrize("alpha", [2.0, 1e4])
def test_extreme_similarities_are_finite(alpha):
    """Similarities of exactly 1 and -1 on the wrong side, and an exponent far beyond what exp can hold."""
    descriptors = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]], requires_grad=True)
    loss = binomial_deviance_loss(descriptors, torch.tensor([0, 0, 1, 1]), alpha=alpha)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(descriptors.grad).all()


def test_zero_descriptors_are_finite():
    descriptors = torch.zeros(4, 3, requires_grad=True)
    loss = binomial_deviance_loss(descriptors, torch.tensor([0, 0, 1, 1]))
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(descriptors.grad).all()


def test_gradient():
    torch.manual_seed(2)
    descriptors = torch.randn(6, 4, dtype=torch.double, requires_grad=True)
    identities = torch.arange(6) // 2
    assert torch.autograd.gradcheck(lambda x: binomial_deviance_loss(x, identities), descriptors)


def pair(similarity):
    return torch.tensor([[1.0, 0.0], [similarity, math.sqrt(1 - similarity**2)]], dtype=torch.double)


@pytest.mark.parametrize("identities, sign", [([0, 0], -1), ([0, 1], 1)], ids=["positive falls", "negative rises"])
def test_monotone_in_the_similarity(identities, sign):
    losses = [binomial_deviance_loss(pair(s), torch.tensor(identities)).item() for s in torch.linspace(-1, 1, 50)]
    assert all(sign * (later - earlier) > 0 for earlier, later in zip(losses, losses[1:], strict=False))


def test_a_missing_kind_of_pair_adds_0():
    """At similarity beta each kind of pair that the batch has adds ln 2."""
    for identities in ([0, 0], [0, 1]):
        assert binomial_deviance_loss(pair(0.5), torch.tensor(identities)).item() == pytest.approx(math.log(2))


@pytest.mark.parametrize("identities", [[0, 1, 2, 3], [0, 0, 0, 0]], ids=["no positive", "no negative"])
def test_a_missing_kind_of_pair_leaves_a_finite_gradient(identities):
    torch.manual_seed(3)
    descriptors = torch.randn(4, 3, requires_grad=True)
    binomial_deviance_loss(descriptors, torch.tensor(identities)).backward()
    assert torch.isfinite(descriptors.grad).all()
    assert descriptors.grad.abs().sum() > 0


def test_a_single_image_gives_zero_and_no_gradient():
    descriptors = torch.randn(1, 3, requires_grad=True)
    loss = binomial_deviance_loss(descriptors, torch.tensor([0]))
    loss.backward()
    assert loss.item() == 0
    assert descriptors.grad.abs().sum() == 0


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(kind):
    torch.manual_seed(4)
    descriptors, identities = torch.randn(16, 8), torch.arange(16) // 4
    half = binomial_deviance_loss(descriptors.to(kind), identities)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, binomial_deviance_loss(descriptors.to(kind).float(), identities))
    full = binomial_deviance_loss(descriptors, identities)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(binomial_deviance_loss(descriptors, identities), full)


def test_wrong_shapes_raise():
    with pytest.raises(ValueError, match=r"descriptors \(N, D\)"):
        binomial_deviance_loss(torch.ones(4), torch.zeros(4))
    with pytest.raises(ValueError, match=r"\(4, 2\) and \(3,\)"):
        binomial_deviance_loss(torch.ones(4, 2), torch.zeros(3))
