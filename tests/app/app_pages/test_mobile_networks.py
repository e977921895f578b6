"""Networks with a backbone in the app: Search ranks with them, and pages that show regions say that they cannot."""

import pytest
import torch

from app.shared import texts as shared_texts
from core.inference.checkpoint import Checkpoint, save_checkpoint
from core.models.network import build_network

PROBE = "0005_c1s1_000500_00.png"


@pytest.fixture
def mobile(models) -> None:
    torch.manual_seed(0)
    network = build_network("mobile_bcnn", filters=2, descriptor=8, image_columns=32, backbone_width=0.1)
    save_checkpoint(Checkpoint(network.eval()), models / "mobile")


def test_search_ranks_and_the_card_names_the_architecture(open_app, mobile):
    app = open_app(model="mobile", probe=PROBE)
    assert not app.exception and not app.error
    [button] = [button for button in app.button if button.label == shared_texts.ABOUT_MODELS]
    app = button.click().run()
    assert not app.exception
    assert any(shared_texts.ARCHITECTURES["mobile_bcnn"] in each.value.replace("\\", "") for each in app.markdown)


@pytest.mark.parametrize("page", ["regions", "compare"])
def test_pages_of_regions_say_that_they_cannot_show_them(open_app, mobile, page):
    app = open_app(model="mobile", probe=PROBE)
    app = app.switch_page(f"app_pages/{page}.py").run()
    assert not app.exception
    assert shared_texts.NOT_SHOWN in [error.value for error in app.error]


@pytest.mark.parametrize("page", ["embedding", "data", "results", "training"])
def test_other_pages_show_no_error(open_app, mobile, page):
    app = open_app(model="mobile", probe=PROBE)
    app = app.switch_page(f"app_pages/{page}.py").run()
    assert not app.exception and not app.error
