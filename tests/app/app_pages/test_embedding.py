"""The page Embedding without a browser."""

import base64
import json
import shutil

import numpy as np
import pytest
import streamlit as st
import torch
from conftest import untrained

from app.embedding import descriptors, texts
from app.shared.keys import CHOSEN, ISOLATED
from app.shared.model_cards import name_of
from core.galleries.update import describe_gallery
from core.inference.checkpoint import load_checkpoint, save_checkpoint
from core.jobs.file_job import find_job
from core.jobs.progress import QUEUED, RUNNING

pytestmark = pytest.mark.slow
PROBE = "0005_c1s1_000500_00.png"


def test_each_image_is_a_point(open_embedding, maps):
    app = open_embedding()
    assert not app.exception and not app.error
    (sent,) = maps(app)
    images = len(sent["labels"])
    places = np.frombuffer(base64.b64decode(sent["coordinates"]), "<f4").reshape(images, 2)
    assert images == 14 + 12 and np.abs(places).max() == pytest.approx(1, abs=1e-6)
    assert sent["picked"] == -1 and sent["name"].endswith("PCA")
    assert texts.CAUTION in " ".join(caption.value for caption in app.caption)
    assert "Trustworthiness" in " ".join(caption.value for caption in app.caption)


def test_a_clicked_point_shows_its_nearest_descriptors(open_embedding, maps, crops):
    app = open_embedding(probe=PROBE)
    (sent,) = maps(app)
    assert sent["labels"][sent["picked"]].endswith(PROBE) and len(sent["neighbours"]) == 10
    nearest = [crop for crop in crops(app, "probe")]
    assert [crop["rank"] for crop in nearest] == [str(rank) for rank in range(1, 11)]
    scores = [float(crop["below"]) for crop in nearest]
    assert scores == sorted(scores, reverse=True)
    assert [sent["labels"][number].split("\n")[-1] for number in sent["neighbours"]] == [crop["id"] for crop in nearest]


def test_the_box_to_find_an_image_shows_the_clicked_one(open_embedding):
    app = open_embedding(probe=PROBE)
    assert app.selectbox(key="find").value == PROBE
    for _ in range(2):  # the same image can be found again
        next(button for button in app.button if button.label == texts.CLEAR_SELECTION).click().run()
        assert "probe" not in app.query_params and app.selectbox(key="find").value is None
        app.selectbox(key="find").set_value(PROBE).run()
        assert list(np.atleast_1d(app.query_params["probe"])) == [PROBE] and not app.exception


def test_a_map_has_buttons_to_download_it_with_a_caption(open_embedding, maps):
    app = open_embedding(other="second")
    found = [json.loads(each.proto.json) for each in app.get("bidi_component") if '"caption"' in each.proto.json]
    assert [each["map"] for each in found] == [each["key"] for each in maps(app)]
    assert len({each["name"] for each in found}) == 2
    images = len(maps(app)[0]["labels"])
    for each, model in zip(found, ("pedestrians-mr_bcnn", "second"), strict=True):
        assert each["caption"].startswith(f"{name_of(model)} · PCA. {images} images, coloured by identity. ")


def test_two_models_in_three_dimensions(open_embedding, maps):
    app = open_embedding(other="second", dimensions="3-D", probe=PROBE)
    first, second = maps(app)
    assert first["dimensions"] == second["dimensions"] == 3 and first["group"] == second["group"]
    assert first["labels"] == second["labels"] and first["picked"] == second["picked"]


def test_comparison_with_the_untrained_network(open_embedding, maps, models):
    trained = load_checkpoint(models / "pedestrians-mr_bcnn")
    with torch.no_grad():
        trained.network.linear.weight.normal_(std=0.1, generator=torch.manual_seed(7))  # unlike the untrained network
    save_checkpoint(trained, models / "pedestrians-mr_bcnn")
    app = open_embedding(other="pedestrians-mr_bcnn, untrained", probe=PROBE)
    assert not app.exception
    trained, untrained = maps(app)
    assert (
        untrained["name"] == f"{name_of('pedestrians-mr_bcnn')}, untrained · PCA"
        and trained["labels"] == untrained["labels"]
    )
    assert trained["coordinates"] != untrained["coordinates"] and trained["sprite"] == untrained["sprite"]


def test_the_selection_shows_crops_and_can_be_reprojected(open_embedding, maps, crops):
    app = open_embedding()
    names = [label.split("\n")[-1] for label in maps(app)[0]["labels"] if "identity 0005" in label]
    app.session_state[CHOSEN] = names
    app.run()
    assert {crop["id"] for crop in crops(app, "strip")} == set(names)
    assert sorted(maps(app)[0]["marked"]) == sorted(
        number for number, label in enumerate(maps(app)[0]["labels"]) if "identity 0005" in label
    )
    next(button for button in app.button if button.label == texts.REPROJECT).click().run()
    (alone,) = maps(app)
    assert {label.split("\n")[-1] for label in alone["labels"]} == set(names)
    next(button for button in app.button if button.label == texts.SHOW_ALL).click().run()
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


@pytest.mark.parametrize("range, every", [([], True), (["0", "0.9"], False)])
def test_images_without_a_number_are_shown_unless_the_range_is_reduced(open_embedding, maps, range, every):
    [sent] = maps(open_embedding(filter=["average precision"], **{"values_average precision": range}))
    shown = np.frombuffer(base64.b64decode(sent["shown"]), np.uint8)
    assert all(bool(one) == every for one, label in zip(shown, sent["labels"], strict=True) if "probe" not in label)


def test_the_link_keeps_the_filter(open_embedding, maps):
    sent = maps(open_embedding(filter=["camera"], values_camera=["2"]))[0]
    shown = np.frombuffer(base64.b64decode(sent["shown"]), np.uint8)
    assert 0 < shown.sum() == sum("camera 2," in label for label in sent["labels"])


def test_links_of_earlier_versions(open_embedding, maps):
    app = open_embedding(
        other="no other", colour="part", filter=["person", "part"], values_person=["0005"], values_part=["probe"]
    )
    assert not app.exception and not app.warning and app.selectbox(key="colour").value == "subset"
    assert app.multiselect(key="filter").value == ["identity", "subset"]
    (sent,) = maps(app)
    shown = np.frombuffer(base64.b64decode(sent["shown"]), np.uint8)
    assert [bool(one) for one in shown] == ["identity 0005" in label and "probe" in label for label in sent["labels"]]


def test_an_upload_is_near_its_identity(open_embedding, maps, people, crops):
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


def test_the_checkpoints_of_a_run(open_embedding, maps, checkpoint, tmp_path):
    for step in (2, 4):
        shutil.copytree(checkpoint, tmp_path / "runs" / "mine" / "checkpoints" / f"{step:06d}")
    app = open_embedding()
    assert len(maps(app)) == 1
    app.session_state["watch_a_run"] = True
    app.run()
    assert not app.exception
    watched = maps(app)[1]
    assert watched["name"] == "mine, step 4" and len(watched["labels"]) == 24  # without distractors
    app.select_slider(key="step_mine").set_value("2").run()
    assert maps(app)[1]["name"] == "mine, step 2"
    before, now = (np.frombuffer(base64.b64decode(one["coordinates"]), "<f4") for one in (watched, maps(app)[1]))
    np.testing.assert_allclose(now, before, atol=1e-5)  # the weights are the same


def test_a_run_with_the_name_of_a_deleted_run_shows_its_own_checkpoints(open_embedding, maps, checkpoint, tmp_path):
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


def test_too_few_images_for_umap_are_an_error_and_the_page_shows_pca(open_embedding, maps, people, sentences):
    for file in sorted((people / "bounding_box_test").iterdir())[4:]:
        file.unlink()
    shutil.rmtree(people / "query")
    (people / "query").mkdir()
    app = open_embedding(map="UMAP")
    assert texts.UMAP_FAILED.format(reason="UMAP with 15 neighbours needs more than 15") in sentences(app)
    assert maps(app)[0]["name"].endswith("PCA") and not app.exception


def test_while_umap_is_computed_the_page_shows_progress_and_pca(open_embedding, maps, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    started = []

    def start(file, command) -> None:
        started.append(find_job(file))
        started[0].folder.mkdir(parents=True)
        started[0].queue()

    monkeypatch.setattr("core.projection.cached_maps.start_job", start)
    app = open_embedding(map="UMAP")
    assert not app.exception and maps(app)[0]["name"].endswith("PCA")
    assert any(texts.UMAP_STATES[QUEUED] in text.value for text in app.markdown)
    (job,) = started
    with job.claim(), job.record(total=1):
        job.write(done=0.5)
        app.run()
        assert any(texts.UMAP_STATES[RUNNING] in text.value for text in app.markdown)
        assert any(bar.proto.text.startswith("50%") for bar in app.get("progress"))
    assert len(started) == 1


def test_statistics(open_embedding):
    app = open_embedding()
    app.session_state["embedding_numbers"] = True
    app.run()
    labels = [metric.label for metric in app.metric]
    assert labels == [texts.CONFUSION, *texts.SILHOUETTES.values()]
    titles = [json.loads(each.proto.spec)["layout"]["title"]["text"] for each in app.get("plotly_chart")]
    assert titles == [name_of("pedestrians-mr_bcnn")]  # as on the map


def test_a_map_of_a_sample_says_so(open_embedding, maps, monkeypatch):
    assert "evenly spaced" not in " ".join(caption.value for caption in open_embedding().caption)
    monkeypatch.setattr(descriptors, "MAX_POINTS", 10)
    st.cache_resource.clear()
    app = open_embedding()
    (sent,) = maps(app)
    assert len(sent["labels"]) == 10 + 12
    assert texts.SAMPLED.format(count=10, total=14) in [caption.value for caption in app.caption]


def test_unknown_values_in_a_link(open_embedding, sentences):
    app = open_embedding(other="nobody", probe="nothing.png")
    assert "other 'nobody'" in sentences(app) and "no image nothing.png" in sentences(app)


def test_a_selection_becomes_a_gallery(open_embedding, maps, models, tmp_path, monkeypatch):
    launched, opened = [], []
    monkeypatch.setattr("core.galleries.update.launch", lambda gallery: launched.append(gallery))
    monkeypatch.setattr("streamlit.switch_page", lambda page, query_params: opened.append(query_params))
    app = open_embedding(probe=PROBE, model="pedestrians-mr_bcnn", tour="1.1")
    app.session_state[CHOSEN] = [PROBE, "0006_c2s1_000601_01.png", "0000_c1s1_000900_01.png"]
    app.session_state[ISOLATED] = list(range(10))
    app.run()
    assert app.button(key="create_gallery").disabled
    app.text_input(key="new_gallery_name").set_value("../x").run()
    app.button(key="create_gallery").click().run()
    assert "cannot be a gallery's name" in app.error[0].value and not opened
    app.text_input(key="new_gallery_name").set_value("chosen").run()
    app.button(key="create_gallery").click().run()
    (gallery,) = launched
    assert opened == [{"model": ["pedestrians-mr_bcnn"], "tour": ["1.1"], "gallery": ["chosen"]}]
    assert app.session_state[CHOSEN] == app.session_state[ISOLATED] == []  # of the gallery before
    assert gallery.folder == tmp_path / "galleries" / "chosen"
    describe_gallery(gallery, "cpu")
    records = gallery.records().sort_values("identity")
    assert list(zip(records["identity"], records["camera"], strict=True)) == [
        ("0005", 1),
        ("0006", 2),
        ("distractor", 1),
    ]
    assert gallery.model["name"] == "pedestrians-mr_bcnn"
