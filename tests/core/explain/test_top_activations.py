import numpy as np
import pytest
import torch
from conftest import draw_person

from core.errors import UserError
from core.explain.activations import look_inside
from core.explain.top_activations import find_extremes
from core.inference.checkpoint import Checkpoint
from core.inference.model import Model
from core.models.network import build_network


@pytest.mark.parametrize("architecture, entries", [("mr_bcnn", (27, 3, 3)), ("b_cnn", (3, 3, 3)), ("cnn", (675, 3, 1))])
def test_extremes_equal_sorting_all_images(architecture, entries):
    torch.manual_seed(0)
    model = Model(Checkpoint(build_network(architecture, 3, descriptor=20, batch_norm=True)))
    images = [draw_person(i, camera, 0) for i in range(18) for camera in (1, 2)]  # more than one batch
    counts = []
    found = find_extremes(model, images, 5, on_progress=counts.append)
    assert sum(counts) == len(images)
    everything = np.stack([look_inside(model, each).matrices for each in images])  # (G, R, M, N), without square root
    assert found.most.shape == found.least.shape == (5, *entries)
    ordered = np.sort(everything, axis=0)
    np.testing.assert_allclose(found.highest, ordered[::-1][:5], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(found.lowest, ordered[:5], rtol=1e-3, atol=1e-5)
    for where, values in ((found.most, found.highest), (found.least, found.lowest)):
        np.testing.assert_allclose(np.take_along_axis(everything, where, 0), values, rtol=1e-3, atol=1e-5)


def test_few_images_and_unreadable_images():
    torch.manual_seed(0)
    model = Model(Checkpoint(build_network("mr_bcnn", 2, descriptor=20, batch_norm=True)))
    reasons = []
    found = find_extremes(
        model, [draw_person(1, 1, 0), b"none", draw_person(2, 1, 0)], 6, lambda source, reason: reasons.append(reason)
    )
    assert len(reasons) == 1 and set(found.most.ravel()) == {0, 2}  # indices among all given images
    with pytest.raises(UserError):
        find_extremes(model, [b"none"])
    with pytest.raises(UserError, match="at least one image that can be read"):
        find_extremes(model, [b"none"], on_error=lambda source, reason: None)
