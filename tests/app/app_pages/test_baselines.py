"""Baselines in the app: Search ranks with them, and pages that need a network say so in one sentence."""

import pytest

from app.search import texts
from app.shared import texts as shared_texts
from app.training import texts as training_texts
from core.cli.main import main

MODEL, PROBE = "runs/lomo-xqda", "0005_c1s1_000500_00.png"
pytestmark = pytest.mark.slow


@pytest.fixture
def baseline(people, tmp_path) -> None:
    assert main(["baseline", str(people), "--output", str(tmp_path / "runs" / "lomo-xqda")]) == 0


def test_search_ranks_by_the_distance(open_app, baseline):
    app = open_app(model=MODEL, probe=PROBE)
    assert not app.exception and not app.error
    assert texts.EUCLIDEAN_SCORE in [caption.value for caption in app.caption]


def test_search_with_a_network_does_not_name_the_distance(open_app, baseline):
    app = open_app(probe=PROBE)
    assert texts.EUCLIDEAN_SCORE not in [caption.value for caption in app.caption]


@pytest.mark.parametrize("link, explains", [({"model": MODEL}, False), ({}, True)], ids=["baseline", "network"])
def test_only_scores_of_a_network_are_explained(open_app, baseline, crops, link, explains):
    app = open_app(probe=PROBE, **link)
    assert {bool(crop["why"]) for crop in crops(app, "ranking")} == {explains}
    labels = [each.proto.label for each in app.get("page_link")]
    assert (texts.INSPECT_REGIONS in labels) == explains


def test_the_card_names_the_method(open_app, baseline):
    app = open_app(model=MODEL, probe=PROBE)
    [button] = [button for button in app.button if button.label == shared_texts.ABOUT_MODELS]
    app = button.click().run()
    assert not app.exception
    assert any(shared_texts.BASELINES["xqda"] in each.value.replace("\\", "") for each in app.markdown)


@pytest.mark.parametrize("page", ["regions", "compare"])
def test_pages_that_need_a_network_say_so(open_app, baseline, page):
    app = open_app(model=MODEL, probe=PROBE)
    app = app.switch_page(f"app_pages/{page}.py").run()
    assert not app.exception
    assert [error.value for error in app.error if "not a network" in error.value]


def test_a_baseline_is_not_in_the_list_of_runs(open_app, baseline):
    app = open_app().switch_page("app_pages/training.py").run()
    assert not app.exception and not app.error
    [start] = [box for box in app.selectbox if box.label == training_texts.INITIAL_WEIGHTS]
    assert "second" in start.options and MODEL not in start.options


@pytest.mark.parametrize("option", ["rerank", "centre", "adapt"])
def test_post_processing_works_or_is_refused(open_app, baseline, option):
    app = open_app(model=MODEL, probe=PROBE, **{option: "true"})
    assert not app.exception
    refused = [warning.value for warning in app.warning if "not a network" in warning.value]
    assert bool(refused) == (option == "adapt")  # the search is then without it
