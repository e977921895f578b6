import pytest
import torch

from core.losses.distillation import distillation_loss


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_equals_a_loop_over_pairs():
    own, teacher = random(6, 4), random(6, 9, seed=1)

    def cosine(vectors, i, j):
        return float(vectors[i] @ vectors[j] / (vectors[i].norm() * vectors[j].norm()))

    pairs = [(i, j) for i in range(6) for j in range(6) if i != j]
    expected = sum((cosine(own, i, j) - cosine(teacher, i, j)) ** 2 for i, j in pairs) / len(pairs)
    assert distillation_loss(own, teacher).item() == pytest.approx(expected, abs=1e-6)


def test_is_zero_for_a_rotated_and_scaled_teacher():
    teacher = random(8, 5)
    rotation = torch.linalg.qr(random(5, 5, seed=1)).Q
    assert distillation_loss(3 * teacher @ rotation, teacher).item() == pytest.approx(0, abs=1e-10)


def test_opposite_similarities_have_the_largest_value():
    assert distillation_loss(torch.tensor([[1.0], [-1.0]]), torch.tensor([[1.0], [2.0]])).item() == 4


def test_only_the_student_gets_a_gradient():
    own, teacher = random(4, 3).requires_grad_(), random(4, 3, seed=1).requires_grad_()
    distillation_loss(own, teacher).backward()
    assert own.grad.abs().sum() > 0 and teacher.grad is None


def test_half_precision_is_computed_in_float32():
    own, teacher = random(4, 3).bfloat16(), random(4, 3, seed=1).float()
    assert distillation_loss(own, teacher).dtype == torch.float32


def test_other_shapes_raise():
    with pytest.raises(ValueError, match=r"got \(4, 3\) and \(5, 3\)"):
        distillation_loss(random(4, 3), random(5, 3))
