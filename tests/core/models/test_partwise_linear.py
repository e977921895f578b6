import pytest
import torch

from core.models.partwise_linear import partwise_linear


def test_each_part_is_multiplied_by_its_own_columns():
    vectors = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])  # one image, two parts of two numbers
    weight = torch.tensor([[1.0, 10.0, 100.0, 1000.0], [0.0, 1.0, 0.0, -1.0]])
    assert partwise_linear(vectors, weight).tolist() == [[[21.0, 2.0], [4300.0, -4.0]]]


def test_gradients_equal_finite_differences():
    torch.manual_seed(0)
    vectors, weight = torch.randn(2, 3, 4, dtype=torch.float64), torch.randn(5, 12, dtype=torch.float64)
    assert torch.autograd.gradcheck(partwise_linear, (vectors.requires_grad_(), weight.requires_grad_()))


def test_gradient_has_the_memory_order_of_the_weight():
    weight = torch.randn(5, 12, requires_grad=True)
    partwise_linear(torch.randn(2, 3, 4), weight).sum().backward()
    assert weight.grad.is_contiguous()


@pytest.mark.parametrize("of", ["vectors", "weight"])
def test_half_precision_differs_by_rounding_only(of):
    torch.manual_seed(0)
    vectors, weight = torch.randn(8, 3, 40), torch.randn(5, 120)
    results = []
    for kind in (torch.float32, torch.bfloat16):
        both = {"vectors": vectors.clone().requires_grad_(), "weight": weight.clone().requires_grad_()}
        added = partwise_linear(both["vectors"].to(kind), both["weight"])
        assert added.dtype == torch.float32
        added.square().sum().backward()
        assert both["weight"].grad.dtype == torch.float32
        results.append((added.detach(), both[of].grad))
    for exact, rounded in zip(*results, strict=True):
        torch.testing.assert_close(rounded, exact, rtol=0, atol=0.02 * exact.abs().max().item())
