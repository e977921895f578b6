"""PCA power scaling against numpy, for networks with and without batch normalisation."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.errors import UserError
from core.models.descriptor_pca import scale_principal_axes, truncate_descriptor
from core.models.network import build_network


def images(count: int, seed: int) -> torch.Tensor:
    """Draw images with different colours, which even a network with random weights distinguishes."""
    random = torch.Generator().manual_seed(seed)
    colours = torch.randint(0, 256, (count, 3, 4, 2), generator=random).float()
    return F.interpolate(colours, (160, 60), mode="bilinear").to(torch.uint8)


def fresh(architecture: str = "mr_bcnn", normalised: bool = True):
    torch.manual_seed(3)
    network = build_network(architecture, 3, descriptor=6, batch_norm=normalised, normalise_regions=normalised)
    if normalised:
        torch.nn.init.uniform_(network.norm.weight, 0.5, 2)
        torch.nn.init.normal_(network.norm.bias)
        network.train()(images(40, 9))  # changes the initial statistics
    return network.eval()


def described(network, seed: int = 1) -> np.ndarray:
    with torch.inference_mode():
        return network(images(30, seed)).double().numpy()


@pytest.mark.parametrize("normalised", [True, False])
@pytest.mark.parametrize("architecture", ["mr_bcnn", "cnn"])
def test_scores_equal_those_of_scaled_descriptors(architecture, normalised):
    network = fresh(architecture, normalised)
    own, new = described(network), described(network, 2)
    _, spread, axes = np.linalg.svd(own / np.sqrt(len(own)))
    for power in (0.0, 0.5, 1.0):
        stretched = new @ axes.T * spread**power
        stretched /= np.linalg.norm(stretched, axis=1, keepdims=True)
        found = described(scale_principal_axes(network, images(30, 1), power), 2)
        np.testing.assert_allclose(found @ found.T, stretched @ stretched.T, atol=2e-4)


def test_power_0_changes_no_score_and_sorts_the_axes():
    network = fresh()
    turned = described(scale_principal_axes(network, images(30, 1), 0.0))
    np.testing.assert_allclose(turned @ turned.T, described(network) @ described(network).T, atol=1e-4)
    spread = np.sqrt((turned**2).mean(0))
    assert (np.diff(spread) < 1e-6).all() and spread[0] > 1.5 * spread[-1]


def test_power_minus_1_whitens():
    embedded = scale_principal_axes(fresh(), images(30, 1), -1.0).embedding(images(30, 1)).detach().double().numpy()
    lengths = np.linalg.norm(fresh().embedding(images(30, 1)).detach().numpy(), axis=1)
    moments = (embedded / lengths[:, None]).T @ (embedded / lengths[:, None])
    np.testing.assert_allclose(moments / moments[0, 0], np.eye(6), atol=2e-3)


def test_batch_norm_has_the_statistics_of_the_images():
    """So the network can be fine-tuned, and batch-norm adaptation (AdaBN) works."""
    network = fresh()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    changed = scale_principal_axes(network, images(30, 1), 0.5)
    with torch.inference_mode():
        outcome = changed.embedding(images(30, 1))
    torch.testing.assert_close(changed.norm.running_mean, outcome.mean(0), rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(changed.norm.running_var, outcome.var(0), rtol=1e-3, atol=1e-4)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not network.training


@pytest.mark.parametrize("normalised", [True, False])
def test_truncated_descriptor_is_the_start_of_the_full_one(normalised):
    network = scale_principal_axes(fresh(normalised=normalised), images(30, 1), 0.5)
    short = truncate_descriptor(network, 4)
    with torch.inference_mode():
        torch.testing.assert_close(short.embedding(images(8, 2)), network.embedding(images(8, 2))[:, :4])
    assert short.config.descriptor == 4 and not short.training


@pytest.mark.parametrize("size", [0, 6, 7])
def test_truncating_to_an_invalid_size_raises(size):
    with pytest.raises(UserError, match=f"6 numbers cannot be shortened to {size}"):
        truncate_descriptor(fresh(), size)
