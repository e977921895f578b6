import numpy as np
import pytest
import torch
from conftest import draw_person

from core.explain.activations import look_inside
from core.explain.attribution import explain_match
from core.explain.deletion import delete_regions, occlude
from core.explain.mean_vectors import average_vectors
from core.inference.checkpoint import Checkpoint
from core.inference.model import Model
from core.models.network import build_network

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("architecture, steps", [("mr_bcnn", 27), ("b_cnn", 3), ("cnn", 27)])
@pytest.mark.parametrize("average", [False, True])
def test_network_confirms_the_predicted_scores(architecture, steps, average):
    torch.manual_seed(0)
    roots = architecture != "cnn"
    model = Model(Checkpoint(build_network(architecture, 3, descriptor=20, batch_norm=True, normalise_regions=roots)))
    probe, match = look_inside(model, draw_person(1, 1, 0)), look_inside(model, draw_person(2, 2, 0))
    reference = average_vectors(model, [draw_person(i, 1, 0) for i in range(3, 6)]) if average else None
    attribution = explain_match(model, probe, match, reference)
    order = np.argsort(-attribution.of_regions[1])
    found = delete_regions(model, attribution, match, order)
    assert len(found.counts) == steps + 1 and found.counts[0] == 0 and found.counts[-1] == len(order)
    np.testing.assert_allclose(found.recomputed, found.predicted, atol=1e-5)
    assert found.predicted[0] == pytest.approx(attribution.score) == pytest.approx(found.painted[0], abs=1e-5)
    image = occlude(match, order[: found.counts[2]])
    described = [model.describe(each)[0] for each in (draw_person(1, 1, 0), image)]
    assert found.painted[2] == pytest.approx(float(described[0] @ described[1]), abs=1e-5)


def test_paint_over_covers_only_the_regions():
    torch.manual_seed(0)
    model = Model(Checkpoint(build_network("mr_bcnn", 2)))
    regions = look_inside(model, draw_person(1, 1, 0))
    painted = occlude(regions, np.array([4, 9]))  # the middle of the first part, the upper left of the second
    expected = regions.image.copy()
    colour = regions.image.mean((0, 1)).round()
    expected[20:40, 20:40] = colour
    expected[50:70, 0:20] = colour
    np.testing.assert_array_equal(painted, expected)
    np.testing.assert_array_equal(occlude(regions, np.array([], int)), regions.image)
