import pytest
import torch

from core.models.bilinear_pooling import bilinear_pool


def formula(a, b, region_size):
    """Equations (1) and (2) written as loops."""
    batch, m, height, width = a.shape
    n = b.shape[1]
    rows, columns = height // region_size, width // region_size
    pooled = torch.zeros(batch, rows * columns, m, n, dtype=a.dtype)
    for image in range(batch):
        for row in range(height):
            for column in range(width):
                region = (row // region_size) * columns + column // region_size
                pooled[image, region] += torch.outer(a[image, :, row, column], b[image, :, row, column])
    return pooled


@pytest.mark.parametrize("region_size, regions", [(15, 1), (5, 9), (3, 25), (1, 225)])
def test_equals_equations_1_and_2(region_size, regions):
    torch.manual_seed(0)
    a, b = torch.randn(2, 4, 15, 15, dtype=torch.double), torch.randn(2, 3, 15, 15, dtype=torch.double)
    pooled = bilinear_pool(a, b, region_size)
    assert pooled.shape == (2, regions, 4, 3)
    torch.testing.assert_close(pooled, formula(a, b, region_size))


def test_worked_example():
    # one region of two locations: (1, 2)^T (3) + (4, 5)^T (6) = (27, 36)^T
    a = torch.tensor([1.0, 4.0, 2.0, 5.0]).reshape(1, 2, 1, 2).expand(1, 2, 2, 2) * torch.tensor([[1.0], [0.0]])
    b = torch.tensor([3.0, 6.0]).reshape(1, 1, 1, 2).expand(1, 1, 2, 2)
    assert bilinear_pool(a, b, 2).flatten().tolist() == [27.0, 36.0]


def test_gradients():
    a = torch.randn(1, 2, 3, 3, dtype=torch.double, requires_grad=True)
    b = torch.randn(1, 2, 3, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, y: bilinear_pool(x, y, 3), (a, b))


def test_wrong_shapes_raise():
    with pytest.raises(ValueError, match=r"do not tile feature maps of \(15, 15\)"):
        bilinear_pool(torch.ones(1, 2, 15, 15), torch.ones(1, 2, 15, 15), 4)
    with pytest.raises(ValueError, match="expected feature maps"):
        bilinear_pool(torch.ones(1, 2, 15, 15), torch.ones(1, 2, 5, 5), 5)
