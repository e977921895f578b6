"""Values of any type that a caller of the API sends: a right one is passed on, a wrong one gives a sentence."""

import re

import gradio as gr
import pytest
from own_loops import in_own_loop

from app import gradio_texts as texts
from app.gradio_inputs import MAX_RESULTS, check_results, parse_cameras, parse_results, pass_paths, pass_value
from core.errors import UserError


@pytest.fixture(scope="module")
def preprocess():
    """Pass values through the boxes of a page, as Gradio does before it calls the function."""
    with gr.Blocks(analytics_enabled=False) as page:
        boxes = pass_paths(gr.Image(type="filepath")), check_results(gr.Slider(1, MAX_RESULTS, 20))
        model = pass_value(gr.Dropdown(["first"]))
        gr.Button().click(lambda image, results, model: None, [*boxes, model], None)
    (function,) = page.fns.values()
    return lambda image, results, model="first": in_own_loop(
        page.preprocess_data(function, [image, results, model], None)
    )


def test_right_values_are_passed_on(preprocess):
    assert preprocess(None, 20) == [None, 20, "first"]
    assert preprocess(None, 20.0, "a run that has finished since") == [None, 20, "a run that has finished since"]


def test_the_page_of_the_api_offers_no_links():
    with gr.Blocks(analytics_enabled=False):
        assert pass_paths(gr.Image(type="filepath")).api_info()["additional_description"] == texts.UPLOAD


@pytest.mark.parametrize("image", ["probe.jpg", 5, [], True, {"path": 5}])
def test_an_image_that_is_no_file_is_refused(preprocess, image):
    with pytest.raises(gr.Error, match=texts.NOT_A_FILE):
        preprocess(image, 20)


@pytest.mark.parametrize("results", [0, -3, MAX_RESULTS + 1, 1.5, "ten", "7", None, True, [], {}, float("nan")])
def test_what_is_no_number_of_results_is_refused(preprocess, results):
    sentence = re.escape(texts.NO_RESULTS.format(value=results, most=MAX_RESULTS))
    with pytest.raises(gr.Error, match=sentence):
        preprocess(None, results)
    with pytest.raises(UserError, match=f"^{sentence}$"):
        parse_results(results)


def test_cameras():
    assert parse_cameras(["1", 3]) == [1, 3]
    assert parse_cameras([]) == parse_cameras(None) == []


@pytest.mark.parametrize("cameras", ["12", "", 1, {}, True])
def test_cameras_that_are_no_list_are_refused(cameras):
    """The text "12" could be camera 12, or the cameras 1 and 2."""
    with pytest.raises(UserError, match=re.escape(texts.NO_CAMERAS.format(value=cameras))):
        parse_cameras(cameras)


@pytest.mark.parametrize("camera", ["door", "-1", 1.0, None, [], "9" * 5000])
def test_a_camera_that_is_no_number_is_refused(camera):
    with pytest.raises(UserError, match="There is no camera .*Cameras have numbers"):
        parse_cameras(["1", camera])
