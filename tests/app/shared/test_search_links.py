"""Links to search for a probe of a result."""

from app.shared.images import read_images
from app.shared.search_links import link, searched_with


def test_a_link_opens_the_page_search(people):
    images = read_images(people)
    assert link("a b&c.jpg", "runs/x", images) == "./?probe=a+b%26c.jpg&model=runs%2Fx"
    assert link("a.jpg", None, images) == "./?probe=a.jpg"


def test_the_model_is_the_one_that_was_measured():
    models = ["pedestrians-cnn", "runs/mine"]
    assert searched_with("pedestrians-cnn: pedestrians-market1501", models) == "pedestrians-cnn"
    assert searched_with("mine: pedestrians-market1501", models) == "runs/mine"
    assert searched_with("gone: pedestrians-market1501", models) is None
