import torch

from core.models.half_instance_norm import HalfInstanceNorm


def test_first_half_of_the_filters_is_normalised_for_each_image():
    torch.manual_seed(0)
    norm, maps = HalfInstanceNorm(5).train(), torch.randn(3, 5, 4, 4) * 3 + 1
    normalised = norm(maps)
    for channel in range(5):
        groups = [[b] for b in range(3)] if channel < 2 else [[0, 1, 2]]
        for group in groups:
            values = maps[group, channel]
            expected = (values - values.mean()) / (values.var(unbiased=False) + 1e-5).sqrt()
            torch.testing.assert_close(normalised[group, channel], expected)
