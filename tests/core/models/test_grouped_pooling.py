import pytest
import torch

from core.models.bilinear_pooling import bilinear_pool
from core.models.grouped_pooling import grouped_bilinear_pool


@pytest.mark.parametrize("region_size", [15, 5])
def test_products_are_within_groups_only(region_size):
    torch.manual_seed(0)
    a, b = torch.randn(2, 6, 15, 15, dtype=torch.double), torch.randn(2, 4, 15, 15, dtype=torch.double)
    pooled = [bilinear_pool(a[:, 3 * g : 3 * g + 3], b[:, 2 * g : 2 * g + 2], region_size) for g in (0, 1)]
    torch.testing.assert_close(grouped_bilinear_pool(a, b, region_size, groups=2), torch.cat(pooled, dim=2))


def test_one_group_equals_bilinear_pool():
    a, b = torch.randn(2, 6, 15, 15), torch.randn(2, 4, 15, 15)
    assert torch.equal(grouped_bilinear_pool(a, b, 5, groups=1), bilinear_pool(a, b, 5))


def test_unequal_groups_raise():
    with pytest.raises(ValueError, match="2 and 3 filters do not form 2 equal groups"):
        grouped_bilinear_pool(torch.ones(1, 2, 15, 15), torch.ones(1, 3, 15, 15), 5, groups=2)
    with pytest.raises(ValueError, match="expected feature maps"):
        grouped_bilinear_pool(torch.ones(1, 2, 15, 15), torch.ones(1, 2, 5, 5), 5, groups=2)
