"""Subnormal numbers become zeros, and other numbers stay."""

import pytest
import torch

from core.models.subnormals import flush_subnormals, without_subnormals

TINY = torch.finfo(torch.float32).tiny  # the smallest normal number


def test_subnormal_numbers_become_zeros():
    values = torch.tensor([1e-39, -1e-45, TINY, -TINY, 0.0, 2.0, torch.inf])
    assert without_subnormals(values).tolist() == [0, 0, TINY, -TINY, 0, 2, torch.inf]
    assert without_subnormals(torch.tensor([torch.nan])).isnan().all()
    assert without_subnormals(torch.tensor([0, 3])).tolist() == [0, 3]


def test_the_processor_computes_zeros_inside_only():
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor has no such mode")
    torch.set_flush_denormal(False)
    values = torch.full((100,), TINY)
    with flush_subnormals():
        inside = (values * 0.5).double()
    assert not inside.any() and (values * 0.5).double().all()
