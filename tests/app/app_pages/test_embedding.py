"""The embedding page without a browser."""

import base64
import json
import shutil

import numpy as np
import pytest
import streamlit as st
import torch
from conftest import untrained

from app.shared.keys import CHOSEN
from core.inference.checkpoint import load_checkpoint, save_checkpoint
from core.jobs.file_job import find_job

pytestmark = pytest.mark.slow
PROBE = "0005_c1s1_000500_00.png"


@pytest.fixture
def open_embedding(open_app):
    """Opens the page at a link. PCA, unless something else is asked for: UMAP takes longer than a test."""

    def open_at(**link):
        app = open_app(**{"map": "PCA"} | link)
        app.switch_page("app_pages/embedding.py")
        for name, value in ({"map": "PCA"} | link).items():
            app.query_params[name] = value
        return app.run()

    return open_at


@pytest.fixture
def maps():
    """Reads what the maps of the page were sent."""

    def read(app):
        return [sent for each in app.get("bidi_component") if "palette" in (sent := json.loads(each.proto.json))]

    return read


def test_every_image_is_a_point(open_embedding, maps):
    app = open_embedding()
    assert not app.exception and not app.error
    (sent,) = maps(app)
    images = len(sent["labels"])
    places = np.frombuffer(base64.b64decode(sent["coordinates"]), "<f4").reshape(images, 2)
    assert images == 14 + 12 and np.abs(places).max() == pytest.approx(1, abs=1e-6)
    assert sent["picked"] == -1 and sent["name"].endswith("PCA")
    assert "not to scale" in " ".join(caption.value for caption in app.caption)
    assert "Trustworthiness" in " ".join(caption.value for caption in app.caption)


def test_a_picked_point_has_its_true_neighbours(open_embedding, maps, crops):
    app = open_embedding(probe=PROBE)
    (sent,) = maps(app)
    assert sent["labels"][sent["picked"]].endswith(PROBE) and len(sent["neighbours"]) == 10
    nearest = [crop for crop in crops(app, "probe")]
    assert [crop["rank"] for crop in nearest] == [str(rank) for rank in range(1, 11)]
    scores = [float(crop["below"]) for crop in nearest]
    assert scores == sorted(scores, reverse=True)
    assert [sent["labels"][number].split("\n")[-1] for number in sent["neighbours"]] == [crop["id"] for crop in nearest]


def test_two_models_in_three_dimensions(open_embedding, maps):
    app = open_embedding(other="second", dimensions="3-D", probe=PROBE)
    first, second = maps(app)
    assert first["dimensions"] == second["dimensions"] == 3 and first["group"] == second["group"]
    assert first["labels"] == second["labels"] and first["picked"] == second["picked"]


def test_before_any_training(open_embedding, maps, models):
    trained = load_checkpoint(models / "pedestrians-mr_bcnn")
    with torch.no_grad():
        trained.network.linear.weight.normal_(std=0.1, generator=torch.manual_seed(7))  # it has learned something
    save_checkpoint(trained, models / "pedestrians-mr_bcnn")
    app = open_embedding(other="pedestrians-mr_bcnn, untrained", probe=PROBE)
    assert not app.exception
    trained, untrained = maps(app)
    assert untrained["name"] == "pedestrians-mr_bcnn, untrained · PCA" and trained["labels"] == untrained["labels"]
    assert trained["coordinates"] != untrained["coordinates"] and trained["sprite"] == untrained["sprite"]


def test_the_lasso_shows_crops_and_projects_them_alone(open_embedding, maps, crops):
    app = open_embedding()
    names = [label.split("\n")[-1] for label in maps(app)[0]["labels"] if "person 0005" in label]
    app.session_state[CHOSEN] = names
    app.run()
    assert {crop["id"] for crop in crops(app, "strip")} == set(names)
    assert sorted(maps(app)[0]["marked"]) == sorted(
        number for number, label in enumerate(maps(app)[0]["labels"]) if "person 0005" in label
    )
    next(button for button in app.button if button.label == "Project these alone").click().run()
    (alone,) = maps(app)
    assert {label.split("\n")[-1] for label in alone["labels"]} == set(names)
    next(button for button in app.button if button.label == "Back to all images").click().run()
    assert len(maps(app)[0]["labels"]) == 26


def test_colours_and_filters(open_embedding, maps):
    app = open_embedding(colour="camera")
    (sent,) = maps(app)
    assert [name for name, _ in sent["legend"]] == ["1", "2", "3"]
    app.multiselect(key="filter").set_value(["camera"]).run()
    app.multiselect(key="values_camera").set_value(["2"]).run()
    (sent,) = maps(app)
    shown = np.frombuffer(base64.b64decode(sent["shown"]), np.uint8)
    assert [bool(one) for one in shown] == ["camera 2," in label for label in sent["labels"]]


def test_a_link_holds_the_filter(open_embedding, maps):
    sent = maps(open_embedding(filter=["camera"], values_camera=["2"]))[0]
    shown = np.frombuffer(base64.b64decode(sent["shown"]), np.uint8)
    assert 0 < shown.sum() == sum("camera 2," in label for label in sent["labels"])


def test_an_upload_lies_where_its_person_is(open_embedding, maps, people, crops):
    app = open_embedding()
    (before,) = maps(app)
    number = next(place for place, label in enumerate(before["labels"]) if label.endswith(PROBE))
    where = np.frombuffer(base64.b64decode(before["coordinates"]), "<f4").reshape(-1, 2)[number]
    app.file_uploader[0].set_value(("mine.png", (people / "query" / PROBE).read_bytes(), "image/png")).run()
    (sent,) = maps(app)
    (upload,) = sent["uploads"]
    assert upload["name"] == "mine.png"
    np.testing.assert_allclose(upload["place"], where, atol=1e-4)  # the same image, by another way
    assert [crop["id"] for crop in crops(app, "probe")][0] == PROBE


def test_a_run_is_watched(open_embedding, maps, checkpoint, tmp_path):
    for step in (2, 4):
        shutil.copytree(checkpoint, tmp_path / "runs" / "mine" / "checkpoints" / f"{step:06d}")
    app = open_embedding()
    assert len(maps(app)) == 1
    app.session_state["watch_a_run"] = True
    app.run()
    assert not app.exception
    watched = maps(app)[1]
    assert watched["name"] == "mine, step 4" and len(watched["labels"]) == 24  # nobody watches distractors
    app.select_slider(key="step_mine").set_value("2").run()
    assert maps(app)[1]["name"] == "mine, step 2"
    before, now = (np.frombuffer(base64.b64decode(one["coordinates"]), "<f4") for one in (watched, maps(app)[1]))
    np.testing.assert_allclose(now, before, atol=1e-5)  # the same weights: nothing moves


def test_a_run_that_takes_the_place_of_another_is_watched(open_embedding, maps, checkpoint, tmp_path):
    checkpoints = tmp_path / "runs" / "mine" / "checkpoints"

    def watched() -> str:
        app = open_embedding()
        app.session_state["watch_a_run"] = True
        return maps(app.run())[1]["coordinates"]

    for step in (2, 4):
        shutil.copytree(checkpoint, checkpoints / f"{step:06d}")
    before = watched()
    shutil.rmtree(checkpoints)
    for step in (2, 4):
        save_checkpoint(untrained(filters=4).checkpoint, checkpoints / f"{step:06d}")
    after = watched()
    st.cache_data.clear()
    assert after == watched() and after != before


def test_too_few_images_for_umap_are_told_and_pca_remains(open_embedding, maps, people, sentences):
    for file in sorted((people / "bounding_box_test").iterdir())[4:]:
        file.unlink()
    shutil.rmtree(people / "query")
    (people / "query").mkdir()
    app = open_embedding(map="UMAP")
    assert "UMAP could not be made, so this is PCA. UMAP with 15 neighbours needs more than 15" in sentences(app)
    assert maps(app)[0]["name"].endswith("PCA") and not app.exception


def test_until_a_map_is_there_its_progress_and_pca_are_shown(open_embedding, maps, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    begun = []

    def start(file, command) -> None:
        begun.append(find_job(file))
        begun[0].folder.mkdir(parents=True)
        begun[0].queue()

    monkeypatch.setattr("core.projection.cached_maps.start_job", start)
    app = open_embedding(map="UMAP")
    assert not app.exception and maps(app)[0]["name"].endswith("PCA")
    assert any("UMAP waits for another map" in text.value for text in app.markdown)
    (job,) = begun
    with job.claim(), job.record(total=1):
        job.write(done=0.5)
        app.run()
        assert any("UMAP is being drawn" in text.value for text in app.markdown)
        assert any(bar.proto.text.startswith("50%") for bar in app.get("progress"))
    assert len(begun) == 1


def test_numbers(open_embedding):
    app = open_embedding()
    app.session_state["embedding_numbers"] = True
    app.run()
    labels = [metric.label for metric in app.metric]
    assert labels == ["Confusion", "Silhouette by person", "Silhouette by camera"]


def test_a_link_to_what_is_not_there(open_embedding, sentences):
    app = open_embedding(other="nobody", probe="nothing.png")
    assert "other 'nobody', which is not there" in sentences(app) and "no image nothing.png here" in sentences(app)
