"""Networks with a backbone in the app: all pages show them, with the sizes of their own geometry."""

import numpy as np
import pytest
import torch

from app.compare import texts as compare_texts
from app.regions import texts
from app.shared import texts as shared_texts
from core.explain.activations import look_inside
from core.explain.attribution import explain_match
from core.geometry import HALVES
from core.inference.checkpoint import Checkpoint, save_checkpoint
from core.inference.model import load
from core.models.network import build_network

PROBE, MATCH = "0005_c1s1_000500_00.png", "0005_c2s1_000501_01.png"


@pytest.fixture
def mobile(models):
    torch.manual_seed(0)
    network = build_network("mobile_bcnn", filters=2, descriptor=8, image_columns=64, backbone_width=0.1)
    save_checkpoint(Checkpoint(network.eval()), models / "mobile")
    return load(models / "mobile")


def open_page(open_app, page: str, **link):
    app = open_app().switch_page(f"app_pages/{page}.py")
    for name, value in ({"model": "mobile", "probe": PROBE} | link).items():
        app.query_params[name] = value
    return app.run()


def test_search_ranks_and_the_card_names_the_architecture(open_app, mobile):
    app = open_app(model="mobile", probe=PROBE)
    assert not app.exception and not app.error
    [button] = [button for button in app.button if button.label == shared_texts.ABOUT_MODELS]
    app = button.click().run()
    assert not app.exception
    assert any(shared_texts.ARCHITECTURES["mobile_bcnn"] in each.value.replace("\\", "") for each in app.markdown)


def test_regions_show_the_two_halves_and_their_own_region_sizes(open_app, mobile, people, scenes):
    app = open_page(open_app, "regions", steps="true", moved="true")
    assert not app.exception and not app.error
    [size] = [group for group in app.segmented_control if group.label == texts.REGION_SIZE]
    assert list(size.options) == [texts.AS_TRAINED, "4", "2", "1"]
    regions = look_inside(mobile, people / "query" / PROBE)
    grids = [item for item in scenes(app)[texts.IMAGE] if item["kind"] == "grid"]
    assert [grid["id"] for grid in grids] == ["region-0", "region-1"]
    shown = [float(title.rsplit(" ", 1)[1]) for grid in grids for title in grid["titles"]]
    np.testing.assert_allclose(shown, regions.energy.ravel(), rtol=1e-3)
    assert grids[0]["titles"][0].startswith(HALVES[0])


def test_a_region_size_of_another_architecture_is_refused(open_app, mobile):
    app = open_page(open_app, "regions", size="5")
    assert not app.exception and not app.error
    assert any("size '5'" in warning.value for warning in app.warning)


def test_compare_shows_contributions_that_add_up(open_app, mobile, people, scenes):
    link = {"from": compare_texts.ZERO, "beside": compare_texts.NONE, "match": MATCH}
    app = open_page(open_app, "compare", bars="true", pairs="true", check="true", **link)
    assert not app.exception and not app.error
    both = [
        look_inside(mobile, people / folder / name) for folder, name in (("query", PROBE), ("bounding_box_test", MATCH))
    ]
    why = explain_match(mobile, *both)
    [pair] = [items for label, items in scenes(app).items() if label == compare_texts.PAIR.format(name=MATCH)]
    grids = {item["id"]: item["titles"] for item in pair if item["kind"] == "grid"}
    assert set(grids) == {"pair00-0", "pair00-1", "pair01-0", "pair01-1"}
    shown = [float(title.rsplit(": ", 1)[1].replace("−", "-")) for part in (0, 1) for title in grids[f"pair00-{part}"]]
    np.testing.assert_allclose(shown, why.of_regions[0], atol=1e-4)


@pytest.mark.parametrize("page", ["embedding", "data", "results", "training"])
def test_other_pages_show_no_error(open_app, mobile, page):
    app = open_page(open_app, page)
    assert not app.exception and not app.error
