import pytest
import torch
import torch.nn.functional as F

from core.models.max_pooling import max_pool


@pytest.mark.parametrize("memory_format", [torch.channels_last, torch.contiguous_format])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_values_are_those_of_torch(memory_format, dtype):
    maps = torch.randn(3, 5, 8, 6, generator=torch.Generator().manual_seed(0)).to(dtype)
    maps[0, 0, 0, 0] = torch.nan
    maps = maps.contiguous(memory_format=memory_format)
    with torch.inference_mode():
        pooled = max_pool(maps)
    torch.testing.assert_close(pooled, F.max_pool2d(maps, 2), rtol=0, atol=0, equal_nan=True)


def test_gradients_are_those_of_torch_for_equal_values():
    maps = torch.ones(1, 1, 2, 2, requires_grad=True)
    max_pool(maps).sum().backward()
    assert maps.grad.flatten().tolist() == [1, 0, 0, 0]  # one position, not a share of each
