"""Links to search for a probe of a result."""

from dataclasses import replace
from urllib.parse import parse_qsl

from app.search import reranking
from app.shared.images import read_images
from app.shared.search_links import link, searched_with
from app.shared.url_params import unknown_in_link


def test_a_link_opens_the_page_search(people):
    images = read_images(people)
    assert link("a b&c.jpg", "runs/x", images, {}) == "./?probe=a+b%26c.jpg&model=runs%2Fx"
    assert link("a.jpg", None, images, {}) == "./?probe=a.jpg"


def test_a_link_has_the_post_processing_of_the_result(people):
    images, used = read_images(people), {"adapted": True, "centred": True, "rerank": {"k1": 20}, "expansion": 3}
    link_of_all = link("a.jpg", None, images, used | {"include_same_camera": True})
    assert link_of_all == "./?probe=a.jpg&adapt=true&centre=true&rerank=true&expand=3&rule=false"
    asked = {key: [value] for key, value in parse_qsl(link_of_all[3:])}
    assert not unknown_in_link(reranking.ASKED, lambda name: asked.get(name, []))


def test_a_plain_result_of_a_named_gallery_is_not_adapted(people):
    own = replace(read_images(people), data="station", is_own=True)
    assert link("a.jpg", "x", own, {}) == "./?probe=a.jpg&gallery=station&adapt=false"
    assert link("a.jpg", "x", own, {"adapted": True}) == "./?probe=a.jpg&gallery=station&adapt=true"


def test_the_model_is_the_one_that_was_measured():
    models = ["pedestrians-cnn", "runs/mine"]
    assert searched_with("pedestrians-cnn: pedestrians-market1501", models) == "pedestrians-cnn"
    assert searched_with("mine: pedestrians-market1501", models) == "runs/mine"
    assert searched_with("gone: pedestrians-market1501", models) is None
