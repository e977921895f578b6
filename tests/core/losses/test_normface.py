"""Identity classification against a loop over images."""

import math

import pytest
import torch

from core.losses.normface import LABEL_SMOOTHING, SCALE, normface_loss


def test_equals_a_loop_over_images():
    random = torch.Generator().manual_seed(0)
    descriptors, people = torch.randn(7, 5, generator=random), torch.randn(4, 5, generator=random)
    labels = torch.tensor([0, 1, 2, 3, 0, 0, 2])
    total = 0.0
    for descriptor, label in zip(descriptors, labels.tolist(), strict=True):
        cosines = [float(descriptor @ one / descriptor.norm() / one.norm()) for one in people]
        normaliser = math.log(sum(math.exp(SCALE * cosine) for cosine in cosines))
        for person, cosine in enumerate(cosines):
            target = LABEL_SMOOTHING / 4 + (1 - LABEL_SMOOTHING) * (person == label)
            total += target * (normaliser - SCALE * cosine)
    assert normface_loss(descriptors, people, labels).item() == pytest.approx(total / 7, rel=1e-5)


def test_worked_example():
    """Two people at right angles, a descriptor on the first: softmax of (20, 0), smoothed target (0.95, 0.05)."""
    loss = normface_loss(torch.tensor([[3.0, 0.0]]), torch.eye(2), torch.tensor([0])).item()
    assert loss == pytest.approx(0.05 * 20 + math.log(1 + math.exp(-20)), rel=1e-4)


def test_lengths_do_not_matter_and_the_true_direction_has_the_lowest_loss():
    descriptors, people, labels = torch.randn(6, 3), torch.randn(2, 3), torch.tensor([0, 1, 0, 1, 0, 1])
    torch.testing.assert_close(
        normface_loss(5 * descriptors, 0.1 * people, labels), normface_loss(descriptors, people, labels)
    )
    assert normface_loss(people[labels], people, labels) < normface_loss(people[1 - labels], people, labels)


def test_half_precision_is_computed_in_float32():
    descriptors, people, labels = torch.randn(6, 3), torch.randn(2, 3), torch.tensor([0, 1, 0, 1, 0, 1])
    low = normface_loss(descriptors.bfloat16(), people, labels)
    assert low.dtype == torch.float32
    torch.testing.assert_close(low, normface_loss(descriptors.bfloat16().float(), people, labels))
