"""The tour on its pages, without a browser: steps, questions, and the link."""

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

from app.results import texts as results_texts
from app.search import texts as search_texts
from app.shared.keys import GRADED
from app.tour import loss_demo, questions, texts
from app.tour.progress import PLACES, find_place
from core.evaluation.report import EVALUATIONS
from core.explain.activations import look_inside
from core.inference.checkpoint import Checkpoint, save_checkpoint
from core.inference.model import load
from core.models.network import build_network

pytestmark = pytest.mark.slow  # opens pages
PROBE = "0005_c1s1_000500_00.png"


@pytest.fixture
def open_step(open_app, models, make_report):
    """Open a step of the tour by its short link; the three architectures are there, and one has a result."""
    torch.manual_seed(7)
    for architecture in ("cnn", "b_cnn", "mr_bcnn"):
        network = build_network(architecture, filters=4, descriptor=20, batch_norm=True)
        save_checkpoint(Checkpoint(network.eval()), models / f"pedestrians-{architecture}")
    report = make_report()
    report.write(models / "pedestrians-mr_bcnn" / EVALUATIONS / report.name)

    def open_at(step: str, **link):
        return open_app(tour=step, **link)

    return open_at


def test_the_hint_names_the_table_as_the_page_does():
    assert f"“{results_texts.CAMERAS}”" in texts.EVALUATION_HINT


def said(app) -> str:
    """Return the texts of the panel's term texts."""
    assert not app.exception, app.exception
    sent = [json.loads(each.proto.json) for each in app.get("bidi_component") if '"paragraphs"' in each.proto.json]
    return "\n".join("".join(one["text"] for one in paragraph) for each in sent for paragraph in each["paragraphs"])


def in_link(app, name: str) -> str:
    [value] = list(np.atleast_1d(app.query_params.get(name, "")))
    return str(value)


def is_right(app) -> bool:
    """Return whether the panel confirms the answer; it must have judged it."""
    assert not app.exception, app.exception
    assert len(app.success) + sum(message.value == texts.WRONG for message in app.warning) == 1
    return bool(app.success)


@pytest.mark.parametrize("step", list(map(str, PLACES)))
def test_every_step_opens_its_page(open_step, step):
    app = open_step(step)
    place = find_place(step)
    head = texts.HEAD.format(chapter=place.chapter, count=7, title=place.of_chapter.title)
    assert any(head in each.value for each in app.markdown)
    assert not app.exception and not app.error
    assert in_link(app, "tour") == step
    assert not any(texts.NO_QUESTION.partition(":")[0] in message.value for message in app.info), app.info
    assert said(app)


def test_a_person_is_found(open_step, people):
    app = open_step("1.2")
    guess = [each.proto.json for each in app.get("bidi_component") if texts.GUESS in each.proto.json]
    names = [crop["id"] for crop in json.loads(guess[0])["crops"] if "id" in crop]
    correct = [name for name in names if name.startswith("0005")]
    assert len(names) == 4 and len(correct) == 1
    for name in names:
        app.session_state[GRADED] = ("1.2", texts.TASK_QUESTION, name)
        assert is_right(app.run()) == (name == correct[0])


@pytest.mark.parametrize("step", ["2.3", "4.3", "5.3", "7.3"])
def test_one_option_is_correct(open_step, step, monkeypatch):
    asked = {}
    ask = questions.QUESTIONS[int(step[0]) - 1]
    remember = [each if each is not ask else lambda: asked.setdefault("last", ask()) for each in questions.QUESTIONS]
    monkeypatch.setattr("app.tour.panel.QUESTIONS", remember)
    app = open_step(step)
    values = list(asked["last"].options)
    found = []
    for value in values:
        app.pills(key=f"answer_{step}").set_value(value).run()
        found.append(is_right(app))
        assert in_link(app, "done") == (step[0] if True in found else "")
    assert found.count(True) == 1 and len(found) > 1


def test_the_count_of_true_matches_is_that_of_the_ranking(open_step, crops):
    app = open_step("2.3")
    assert in_link(app, "probe") == PROBE  # the demo data have another probe
    marks = [crop["mark"] for crop in crops(app, "ranking")[:5]]
    app.pills(key="answer_2.3").set_value(str(marks.count("right"))).run()
    assert is_right(app)


def test_true_matches_are_not_counted_in_a_ranking_with_post_processing(open_step):
    """The page would show another order than the one that the answer is judged by."""
    app = open_step("2.3", probe=PROBE, rerank="true")
    assert texts.NO_QUESTION.format(reason=texts.NEEDS_PLAIN_RANKING) in [each.value for each in app.info]
    app.button(key="go_reset").click().run()
    assert app.pills(key="answer_2.3").options and not app.info


def test_a_region_is_judged_as_it_is_selected(open_step, models, people):
    app = open_step("3.3")
    regions = look_inside(load(models / "pedestrians-mr_bcnn"), people / "query" / PROBE)
    best = 9 + int(regions.energy[1].argmax())
    for region in (best, 9 + int(regions.energy[1].argmin())):
        app.query_params["region"] = str(region)
        app.run()
        assert not app.success
        app.button(key="answer_3.3").click().run()
        assert is_right(app) == (region == best)
    assert in_link(app, "done") == "3"


def test_the_question_is_about_the_upload_on_the_page(open_step, models, people):
    app = open_step("3.3")
    file = io.BytesIO()
    Image.open(people / "query" / PROBE).rotate(180).save(file, "PNG")
    app.file_uploader[0].upload("mine.png", file.getvalue())
    app.run()
    model = load(models / "pedestrians-mr_bcnn")
    best, of_demo = (
        9 + int(look_inside(model, image).energy[1].argmax()) for image in (file.getvalue(), people / "query" / PROBE)
    )
    assert best != of_demo
    for region in (of_demo, best):
        app.query_params["region"] = str(region)
        app.run()
        app.button(key="answer_3.3").click().run()
        assert is_right(app) == (region == best)
    app.file_uploader[0].upload("other.png", file.getvalue())
    assert texts.NO_QUESTION.format(reason=texts.NEEDS_ONE_IMAGE) in [message.value for message in app.run().info]


def test_the_smallest_distance_is_asked_for(open_step):
    app = open_step("6.3")
    for distance in (loss_demo.DEFAULT, loss_demo.smallest()):
        app.slider(key="margin").set_value(distance).run()
        app.button(key="answer_6.3").click().run()
        assert is_right(app) == (distance == loss_demo.smallest())


def test_the_entry_without_a_location_is_that_of_the_network(open_step, models, people):
    app = open_step("4.3")
    app.query_params["region"], app.query_params["entry"] = "13", "6"
    app.run()
    regions = look_inside(load(models / "pedestrians-mr_bcnn"), people / "query" / PROBE)
    _, _, products = regions.filter_pair(13, 1, 2)
    rest = float(regions.matrices[13, 1, 2] - np.max(products))
    app.pills(key="answer_4.3").set_value(f"{products.sum() - products.max():.6g}").run()
    assert is_right(app) and f"{rest:.3g}" in app.success[0].value


def test_progress_is_kept_on_other_pages_and_the_tour_is_left_and_resumed(open_step):
    app = open_step("2.3", done="1")
    app = app.switch_page("app_pages/regions.py")
    app.query_params["tour"], app.query_params["done"], app.query_params["probe"] = "2.3", "1", PROBE
    app.run()
    assert texts.OTHER_PAGE in [each.value for each in app.markdown]
    app = open_step("1.1")
    del app.query_params["tour"]
    app.query_params["done"] = "12"
    app.run()
    [resume] = [button for button in app.button if button.label == search_texts.RESUME_TOUR]
    resume.click().run()
    assert (in_link(app, "tour"), in_link(app, "done"), in_link(app, "probe")) == ("3.1", "12", PROBE)


def test_a_finished_tour_starts_again(open_app):
    app = open_app(done="1234567")
    app.button(key="take_tour").click().run()
    assert in_link(app, "tour") == "1.1" and "done" not in app.query_params


def test_an_unknown_step_is_named(open_app, sentences):
    assert texts.UNKNOWN_STEP.partition("{")[0] in sentences(open_app(tour="9.9"))


def test_without_the_tour_nothing_of_it_is_imported(open_app, monkeypatch):
    import sys

    for name in [name for name in sys.modules if name.startswith("app.tour")]:
        monkeypatch.delitem(sys.modules, name)
    app = open_app()
    assert not app.exception and not [name for name in sys.modules if name.startswith("app.tour")]
