"""The descriptors of an ensemble are the concatenated descriptors of its members, with equal weights."""

import pytest
import torch
from torch.nn import functional as F

from core.errors import UserError
from core.models.ensemble import combine_networks
from core.models.network import build_network

pytestmark = pytest.mark.slow
FAST = {"batch_norm": True, "normalise_regions": True}
PAPER = {}


def trained_a_little(seed, architecture="mr_bcnn", filters=4, **options):
    torch.manual_seed(seed)
    network = build_network(architecture, filters, descriptor=6, **options)
    for name, value in network.state_dict().items():
        if "running_var" in name:
            value.uniform_(0.5, 2)
        elif "weight" in name:
            value.normal_(std=0.2)
        elif "bias" in name or "running_mean" in name:
            value.normal_(std=0.1)
    return network.double().eval()


def images(count=5):
    return torch.randint(0, 256, (count, 3, 160, 60), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("architecture", ["b_cnn", "mr_bcnn"])
@pytest.mark.parametrize("options", [FAST, PAPER], ids=["fast", "paper"])
def test_descriptors_are_concatenated_with_equal_weights(architecture, options):
    networks = [trained_a_little(seed, architecture, **options) for seed in range(3)]
    wide = combine_networks(networks, images()).double()
    assert (wide.config.filters, wide.config.groups, wide.config.descriptor) == (12, 3, 18)
    with torch.inference_mode():
        embeddings = [network.embedding(images()) for network in networks]
        expected = torch.cat([each / each.norm(dim=1).mean() for each in embeddings], dim=1)
        torch.testing.assert_close(wide.embedding(images()), expected, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(wide(images()), F.normalize(expected, dim=1), rtol=1e-5, atol=1e-5)


def test_ensembles_can_be_members():
    networks = [trained_a_little(seed, **FAST) for seed in range(4)]
    pairs = [combine_networks(networks[:2], images()), combine_networks(networks[2:], images())]
    at_once, again = combine_networks(networks, images()), combine_networks(pairs, images())
    assert again.config == at_once.config
    with torch.inference_mode():
        one, other = (network.double()(images()) for network in (again, at_once))
        torch.testing.assert_close(
            one @ one.T, other @ other.T, rtol=0, atol=0.05
        )  # the mean lengths are measured again


def test_different_configurations_raise():
    for other in (trained_a_little(1, filters=2, **FAST), trained_a_little(1, "b_cnn", **FAST), trained_a_little(1)):
        with pytest.raises(UserError, match="same configuration"):
            combine_networks([trained_a_little(0, **FAST), other], images())
    with pytest.raises(UserError, match="instance_norm is not supported"):
        combine_networks([trained_a_little(seed, instance_norm=True, **FAST) for seed in range(2)], images())
    with pytest.raises(UserError, match="b_cnn or mr_bcnn"):
        combine_networks([trained_a_little(seed, "cnn") for seed in range(2)], images())
