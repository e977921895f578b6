import pytest
import torch

from core.models.dropout import Dropout


@pytest.mark.parametrize("p", [0.2, 0.3, 0.5])
def test_share_and_mean(p):
    torch.manual_seed(0)
    values = torch.full((100, 3, 1001), 2.0)
    dropped = Dropout(p)(values)
    zero = dropped == 0
    whole = round(p * 256) / 256
    assert zero.float().mean().item() == pytest.approx(whole, abs=0.004)
    torch.testing.assert_close(dropped[~zero], torch.full_like(dropped[~zero], 2 / (1 - whole)))


def test_numbers_are_drawn_independently():
    """All bytes of a 64-bit word, also the last one, are zero with the same frequency and independently."""
    torch.manual_seed(0)
    zero = (Dropout(0.5)(torch.ones(40_000, 8)) == 0).float()
    torch.testing.assert_close(zero.mean(0), torch.full((8,), 0.5), rtol=0, atol=0.02)
    torch.testing.assert_close(torch.corrcoef(zero.T), torch.eye(8), rtol=0, atol=0.03)


def test_seed_determines_the_mask():
    dropout, values = Dropout(0.3), torch.ones(5, 7)
    torch.manual_seed(3)
    first = dropout(values)
    assert not torch.equal(dropout(values), first)
    torch.manual_seed(3)
    assert torch.equal(dropout(values), first)


def test_eval_mode_and_probability_0_change_nothing():
    values = torch.rand(4, 9)
    assert Dropout(0.5).eval()(values) is values
    assert Dropout(0.0)(values) is values


def test_gradients_and_dtypes():
    values = torch.ones(50, 50, dtype=torch.bfloat16, requires_grad=True)
    dropped = Dropout(0.5)(values)
    dropped.sum().backward()
    assert dropped.dtype == torch.bfloat16
    assert torch.equal(values.grad, dropped)
