"""Several uploads, each by itself: one row for each on the page Search, and a verdict on two on the page Compare."""

import io
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from PIL import Image

from app.compare import texts as compare_texts
from app.search import texts as search_texts
from app.shared import texts
from core.evaluation.calibration import Calibration, CalibrationData
from core.evaluation.person_check import NO_PERSON_NAMED, CheckData, PersonCheck, write_person_check
from core.evaluation.verdict import judge_pair
from core.evaluation.verification import BINS, ScoreCounts
from core.inference.model import load
from core.search.gallery import Gallery

pytestmark = pytest.mark.slow
FILES = ["0006_c2s1_000601_01.png", "0007_c2s1_000701_01.png"]
MODEL = "pedestrians-mr_bcnn"


@pytest.fixture
def open_page(open_app, people):
    """Open a page, and upload images of the gallery."""

    def open_at(page: str, files: list[str], **link):
        app = open_app().switch_page(f"app_pages/{page}.py")
        for name, value in link.items():
            app.query_params[name] = value
        app.run()
        for file in files:
            app.file_uploader[0].upload(file, (people / "bounding_box_test" / file).read_bytes())
        return app.run()

    return open_at


@pytest.fixture
def calibration(models) -> Calibration:
    """Give the default model a calibration with even odds at the score 0.5."""
    counts = ScoreCounts(*np.ones((5, BINS), np.int64))
    made = Calibration(4.0, -2.0, counts, CalibrationData("made", "nobody", 10))
    made.write(models / MODEL)
    return made


def switch(app):
    return next(each for each in app.segmented_control if each.label == texts.UPLOADS_USED)


def linked(app, name: str = "upload") -> list[str]:
    return app.query_params[name] if isinstance(app.query_params[name], list) else [app.query_params[name]]


def test_the_switch_searches_for_each_upload(open_page, sentences, crops, people, models, calibration):
    app = open_page("search", FILES)
    assert crops(app, "ranking") and not app.dataframe
    switch(app).set_value(True).run()
    assert sentences(app) == "" and not crops(app, "ranking")
    assert app.query_params["each"] in ("true", ["true"])
    table, model = app.dataframe[0].value, load(models / MODEL)
    gallery = Gallery.from_folder(people, model)
    best = [gallery.search(model.describe([people / "bounding_box_test" / file]), 1).iloc[0] for file in FILES]
    assert list(table["name"]) == FILES
    assert list(table["score"]) == pytest.approx([row["score"] for row in best], abs=1e-4)
    assert list(table["identity"]) == [row["identity"] for row in best] == ["0006", "0007"]
    assert set(table["verdict"]) <= set(search_texts.PRESENCE_IN_ROW.values())
    assert [parse_qs(link.partition("?")[2])["upload"] for link in table["search"]] == [[id] for id in linked(app)]
    switch(app).set_value(False).run()
    assert crops(app, "ranking") and "each" not in app.query_params


def test_the_link_of_a_row_opens_the_search_of_one_upload(open_page, open_app, crops):
    table = open_page("search", FILES, each="true").dataframe[0].value
    app = open_app(**parse_qs(table["search"][1].partition("?")[2]))
    assert crops(app, "ranking")[0]["id"] == FILES[1] and not [
        each for each in app.segmented_control if each.label == texts.UPLOADS_USED
    ]


def test_two_boxes_on_a_photograph_are_two_rows(open_page, open_app, sentences):
    app = open_page("search", [], each="true")
    file = io.BytesIO()
    Image.effect_noise((400, 300), 60).convert("RGB").save(file, "PNG")
    app.file_uploader[0].upload("street.png", file.getvalue()).run()
    app.query_params["box"] = ["1,0,0,0.2,1", "1,0.5,0,0.7,1"]
    table = app.run().dataframe[0].value
    assert sentences(app) == "" and len(table) == 2
    assert [parse_qs(link.partition("?")[2])["box"] for link in table["search"]] == [["1,0,0,0.2,1"], ["1,0.5,0,0.7,1"]]


def test_all_rankings_can_be_downloaded(open_page, monkeypatch):
    files, button = {}, st.download_button
    monkeypatch.setattr(
        st, "download_button", lambda *given, **more: files.update({given[0]: given[1]}) or button(*given, **more)
    )
    open_page("search", FILES, each="true", top="10")
    table = pd.read_csv(io.BytesIO(files[search_texts.DOWNLOAD_RANKINGS]()), dtype=str)
    assert list(table) == ["probe", "rank", "path", "identity", "camera", "score"]
    assert list(table["probe"].unique()) == FILES and list(table["rank"]) == 2 * [*map(str, range(1, 11))]


def test_an_upload_without_a_person_is_named_in_its_row(open_page, models, calibration, people):
    flag_image(people / "bounding_box_test" / FILES[0], models)
    table = open_page("search", FILES, each="true").dataframe[0].value
    assert table["verdict"][0] == search_texts.NO_PERSON_IN_ROW != table["verdict"][1]


def flag_image(image, models):
    """Give the default model a person check that flags one image."""
    check, [described] = PersonCheck(), load(models / MODEL).describe([image])
    check.weights_, check.intercept_ = -described.astype(float), 0.0
    check.threshold_ = float(check.decision_function(described)) + 1e-6
    write_person_check(check, CheckData("made", 1, 1, 1, 1, 0.0, 0.0, 0.0), models / MODEL)


def test_two_uploads_are_compared_with_each_other(open_page, sentences, scenes, people, models, calibration):
    app = open_page("compare", FILES, each="true")
    assert sentences(app) == "" and app.title[0].value == compare_texts.TITLE_OF_TWO
    one, two = load(models / MODEL).describe([people / "bounding_box_test" / file for file in FILES])
    verdict = judge_pair(calibration, float(one @ two))
    assert app.subheader[0].value == compare_texts.PAIR_VERDICT.format(answer=verdict.answer, score=verdict.score)
    assert verdict.reasons in [each.value for each in app.markdown]
    assert compare_texts.PAIR.format(name=FILES[1]) in scenes(app)
    prior = next(each for each in app.segmented_control if each.label == compare_texts.PAIR_PRIOR)
    prior.set_value(100).run()
    assert judge_pair(calibration, verdict.score, 100).reasons in [each.value for each in app.markdown]
    switch(app).set_value(False).run()
    assert app.title[0].value == compare_texts.TITLE and "each" not in app.query_params


def test_the_page_asks_for_two_images(open_page, open_app, sentences):
    app = open_page("compare", [], each="true")
    assert sentences(app) == "" and compare_texts.UPLOAD_TWO in [each.value for each in app.markdown]
    app = open_page("compare", FILES[:1], each="true")
    assert sentences(app) == "" and compare_texts.UPLOAD_TWO in [each.value for each in app.markdown]
    next(each for each in app.button if each.label == compare_texts.COMPARE_WITH_GALLERY).click().run()
    assert app.title[0].value == compare_texts.TITLE and app.subheader[0].value.endswith(": rank 1")


def test_one_of_three_uploads_is_chosen(open_page, scenes):
    files = [*FILES, "0008_c3s1_000801_01.png"]
    app = open_page("compare", files, each="true")
    assert compare_texts.PAIR.format(name=files[1]) in scenes(app)
    next(each for each in app.selectbox if each.label == compare_texts.SECOND_IMAGE).select_index(1).run()
    assert compare_texts.PAIR.format(name=files[2]) in scenes(app)


def test_without_a_person_or_a_calibration_there_is_no_verdict(open_page, sentences, models, people, request):
    app = open_page("compare", FILES, each="true")
    assert app.subheader[0].value.startswith("Score ")
    request.getfixturevalue("calibration")
    flag_image(people / "bounding_box_test" / FILES[1], models)
    app = open_page("compare", FILES, each="true")
    assert NO_PERSON_NAMED.format(name="0007") not in sentences(app) and "No person found in 0007" in sentences(app)
    assert app.subheader[0].value.startswith("Score ")


def test_the_start_page_links_to_the_comparison(open_app):
    links = [each.proto for each in open_app().get("page_link")]
    [link] = [each for each in links if each.label == search_texts.SAME_PERSON]
    assert parse_qs(link.query_string) == {"each": ["true"], "model": [MODEL]}
