"""A widened network has the same descriptors, and training makes the copies of a filter different."""

import pytest
import torch

from core.errors import UserError
from core.models.net2net import split_weight, widen
from core.models.network import build_network

FAST = {"batch_norm": True, "normalise_regions": True, "dropout": 0.0}
PAPER = {"dropout": 0.0}


def trained_a_little(network):
    """Give a network statistics and biases that differ from the initial ones, as after some training."""
    for name, value in network.state_dict().items():
        if "running_var" in name:
            value.uniform_(0.5, 2)
        elif "bias" in name or "running_mean" in name:
            value.normal_(std=0.1)
    return network.eval()


def images(count=3):
    return torch.randint(0, 256, (count, 3, 160, 60), generator=torch.Generator().manual_seed(1)).float()


@pytest.mark.parametrize("architecture", ["cnn", "b_cnn", "mr_bcnn"])
@pytest.mark.parametrize("options", [FAST, PAPER, FAST | {"instance_norm": True}], ids=["fast", "paper", "instance"])
@pytest.mark.parametrize("copies", [2, 3])
def test_descriptors_are_the_same(architecture, options, copies):
    narrow = trained_a_little(build_network(architecture, 4, descriptor=20, **options).double())
    wide = widen(narrow, 4 * copies)
    assert wide.config.filters == 4 * copies
    with torch.inference_mode():
        torch.testing.assert_close(wide.double()(images().double()), narrow(images().double()), rtol=0, atol=1e-6)


def test_shares_of_a_weight_differ_and_sum_to_it():
    weight = torch.tensor([[1.0, -2.0], [3.0, 0.5]])
    shares = split_weight(weight, 3, dim=1)
    assert shares.shape == (2, 6)
    torch.testing.assert_close(shares.unflatten(1, (2, 3)).sum(2), weight)
    assert (shares.unflatten(1, (2, 3)).std(2) > 0).all()


def test_training_makes_copies_different():
    wide = widen(build_network("mr_bcnn", 4, descriptor=20, **FAST), 8).train()
    stream = wide.streams[0]
    torch.testing.assert_close(stream.conv1.weight[0::2], stream.conv1.weight[1::2])
    wide(images())[:, 0].sum().backward()
    one, other = stream.conv1.weight.grad[0::2], stream.conv1.weight.grad[1::2]
    assert ((one - other).norm() / one.norm()).item() > 0.05


def test_odd_filters_with_instance_norm_raise():
    narrow = build_network("mr_bcnn", 3, descriptor=20, **FAST, instance_norm=True)
    with pytest.raises(UserError, match="odd number of filters, 3, cannot be widened"):
        widen(narrow, 6)
    assert widen(narrow, 3).config == narrow.config


def test_ensemble_raises():
    with pytest.raises(UserError, match="ensemble cannot be widened"):
        widen(build_network("mr_bcnn", 4, descriptor=20, groups=2), 8)


@pytest.mark.parametrize("filters", [2, 6])
def test_not_a_multiple_raises(filters):
    with pytest.raises(UserError, match=f"must be a multiple of 4, not {filters}"):
        widen(build_network("cnn", 4, descriptor=20), filters)
