"""The page Search without a browser."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
import torch
from benchmarks import write_cuhk03_mat
from orders import assert_same_order
from PIL import Image

from app.compare import texts as compare_texts
from app.search import texts
from app.shared import texts as shared_texts
from app.shared.keys import FALSE_MATCHES, PRIOR, TOP
from app.shared.widgets import as_plain_text
from core.cli.main import main
from core.data.records import Record
from core.evaluation.calibration import read_calibration
from core.evaluation.person_check import NO_PERSON, CheckData, PersonCheck, write_person_check
from core.inference.camera_adaptation import CameraModels
from core.inference.checkpoint import Checkpoint, save_checkpoint
from core.inference.model import load
from core.models.network import build_network
from core.search.gallery import Gallery
from core.search.reranking import adapt_gallery, centre_gallery

PEDESTRIANS = shared_texts.MODEL_WITH_SIZE.format(
    name=shared_texts.MODEL_NAMES["pedestrians-mr_bcnn"], size=shared_texts.FILTERS.format(filters=4)
)
PROBE = "0005_c1s1_000500_00.png"


def assert_ranked(crops, ranking) -> None:
    """Check that the crops are in the order of a search; only results with nearly equal scores may swap."""
    names = [Path(path).name for path in ranking["path"]]
    assert_same_order([crop["id"] for crop in crops], names, ranking["score"], atol=1e-5)


def image_bytes(people, name="bounding_box_test/0006_c2s1_000601_01.png", kind="PNG", **options) -> bytes:
    file = io.BytesIO()
    Image.open(people / name).save(file, kind, **options)
    return file.getvalue()


def test_page_without_a_probe_shows_demo_probes(open_app, crops, sentences):
    app = open_app()
    assert sentences(app) == ""
    assert len(app.title) == 1 and len(app.file_uploader) == 1
    assert [crop["id"][:4] for crop in crops(app, "start")] == ["0005", "0006", "0007", "0008"]
    assert not crops(app, "ranking") and not app.selectbox


def test_demo_probe_ranks_the_gallery(open_app, crops, sentences):
    app = open_app(probe=PROBE)
    ranking = crops(app, "ranking")
    assert sentences(app) == ""
    assert [crop["rank"] for crop in ranking] == [str(rank) for rank in range(1, 14)]  # 14 less the same camera's
    scores = [float(crop["left"]) for crop in ranking]
    assert scores == sorted(scores, reverse=True)
    for crop in ranking:
        right = crop["id"].startswith("0005")
        assert (crop["mark"], crop["symbol"]) == (("right", "✓") if right else ("wrong", "✗"))
    assert [crop["below"] for crop in ranking].count(shared_texts.DISTRACTOR) == 2


def test_true_matches_and_ignored_images_are_listed(open_app, crops):
    app = open_app(probe=PROBE)
    strip = crops(app, "strip")
    assert [crop["mark"] for crop in strip] == ["right", "right", "excluded"]
    assert strip[-1]["id"] == "0005_c1s1_000501_01.png" and strip[-1]["below"] == shared_texts.IGNORED
    by_rank = {crop["id"]: f"rank {crop['rank']}" for crop in crops(app, "ranking")}
    assert all(crop["below"] == by_rank[crop["id"]] for crop in strip[:-1])


def test_without_the_rule_the_same_camera_counts(open_app, crops):
    app = open_app(probe=PROBE, rule="false")
    assert len(crops(app, "ranking")) == 14
    assert [crop["mark"] for crop in crops(app, "strip")] == ["right"] * 3


def test_the_same_camera_rule_is_explained_only_where_it_was_applied(open_app):
    rule = shared_texts.SAME_CAMERA_CAPTION.format(rule=shared_texts.SAME_CAMERA_RULE)
    assert rule in [one.value for one in open_app(probe=PROBE).caption]
    assert rule not in [one.value for one in open_app(probe=PROBE, rule="false").caption]


def test_gallery_image_as_probe_does_not_find_itself(open_app, crops):
    name = "0005_c1s1_000501_01.png"
    ranking = crops(open_app(probe=name, rule="false"), "ranking")
    assert len(ranking) == 13 and name not in {crop["id"] for crop in ranking}


def test_results_of_a_distractor_are_not_marked(open_app, crops):
    ranking = crops(open_app(probe="0000_c1s1_000900_01.png"), "ranking")
    assert {crop["mark"] for crop in ranking} == {"unknown"}


def test_link_holds_model_number_cameras_and_rule(open_app, crops, sentences):
    app = open_app(probe=PROBE, model="second", top="10", cameras=["2", "3"], rule="false")
    assert sentences(app) == ""
    assert app.selectbox[0].value == "second"
    assert not app.toggle[0].value
    ranking = crops(app, "ranking")
    assert len(ranking) == 9  # eight images of people and one distractor
    assert {crop["right"] for crop in ranking} == {"camera 2", "camera 3"}


def test_typed_name_becomes_the_probe(open_app, crops):
    app = open_app(probe=PROBE)
    app.text_input[0].set_value("0007_c3s1_000701_01.png").run()
    assert app.query_params["probe"] in ("0007_c3s1_000701_01.png", ["0007_c3s1_000701_01.png"])
    assert crops(app, "alone")[0]["title"].endswith("0007_c3s1_000701_01.png")


@pytest.mark.parametrize(
    ("link", "part"),
    [
        ({"probe": "nobody.jpg"}, "There is no image nobody.jpg"),
        ({"probe": "../../etc/passwd"}, "There is no image ../../etc/passwd"),
        ({"probe": PROBE, "model": "no"}, "model 'no'"),
        ({"probe": PROBE, "top": "7"}, "top '7'"),
        ({"probe": PROBE, "cameras": ["9"]}, "cameras '9'"),
        ({"probe": PROBE, "cameras": ["x", "2"]}, "cameras 'x'"),
        ({"probe": PROBE, "rule": "perhaps"}, "rule 'perhaps'"),
        ({"probe": PROBE, "rerank": "perhaps"}, "rerank 'perhaps'"),
        ({"probe": PROBE, "expand": "4"}, "expand '4'"),
        ({"probe": PROBE, "prior": "0"}, "prior '0'"),
        ({"probe": PROBE, "line": "7"}, "line '7'"),
    ],
)
def test_unknown_value_in_the_link_gives_a_sentence(open_app, crops, sentences, link, part):
    app = open_app(**link)
    assert part in sentences(app)
    assert crops(app, "ranking" if link["probe"] == PROBE else "start")


def test_names_in_messages_are_plain_text():
    assert as_plain_text("![x](http://a) :red[b]") == r"\!\[x\]\(http\://a\) \:red\[b\]"


def test_upload_finds_its_own_image_first(open_app, crops, people, sentences):
    app = open_app()
    app.file_uploader[0].upload("mine.png", image_bytes(people)).run()
    first = crops(app, "ranking")[0]
    assert sentences(app) == ""
    assert (first["id"], first["left"], first["mark"]) == ("0006_c2s1_000601_01.png", "1.000", "unknown")
    assert app.toggle[0].disabled  # an upload has no identity


def test_several_uploads_are_averaged_and_bad_ones_are_skipped(open_app, crops, people, sentences):
    app = open_app(probe=PROBE)
    upload = app.file_uploader[0]
    upload.upload("a.png", image_bytes(people)).upload("bad.png", b"no image")
    upload.upload("b.png", image_bytes(people, "bounding_box_test/0006_c3s1_000601_01.png")).run()
    assert len(crops(app, "probe")) == 2
    assert len(crops(app, "ranking")) == 14
    assert "bad.png is not an image" in sentences(app)
    assert "probe" not in app.query_params


def test_upload_stays_when_a_setting_changes_and_is_removed_by_a_new_search(open_app, crops, people):
    app = open_app()
    app.file_uploader[0].upload("mine.png", image_bytes(people)).run()
    app.selectbox[0].set_value("second").run()
    assert crops(app, "ranking")[0]["id"] == "0006_c2s1_000601_01.png"
    next(button for button in app.button if button.label == texts.NEW_SEARCH).click().run()
    assert crops(app, "start") and not crops(app, "ranking")


def photograph(kind="PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "gray").save(file, kind)
    return file.getvalue()


def editors(app) -> list[dict]:
    grids = [json.loads(grid.proto.json) for grid in app.get("bidi_component")]
    return [grid for grid in grids if "boxes" in grid]


def test_a_photograph_is_not_searched_before_a_box_is_drawn(open_app, crops, sentences):
    app = open_app()
    app.file_uploader[0].upload("street.png", photograph()).run()
    assert sentences(app).endswith(as_plain_text(shared_texts.NO_BOX.format(name="street.png")))
    assert editors(app)[0]["boxes"] == [] and not crops(app, "ranking")
    app.query_params["box"] = "1,0.1,0.1,0.3,0.9"
    app.run()
    assert sentences(app) == "" and len(crops(app, "ranking")) == 14
    assert editors(app)[0]["boxes"] == [[0.1, 0.1, 0.3, 0.9]]


def test_each_of_two_photographs_has_its_boxes(open_app, crops, sentences):
    app = open_app()
    for number, colour in enumerate(("gray", "teal")):
        file = io.BytesIO()
        Image.new("RGB", (400, 300), colour).save(file, "PNG")
        app.file_uploader[0].upload(f"{number}.png", file.getvalue())
    app.run()
    chooser = next(control for control in app.segmented_control if control.label == shared_texts.PHOTOGRAPH)
    assert chooser.options == ["0.png", "1.png"]
    app.query_params["box"] = ["1,0,0,0.2,1", "1,0.5,0,0.7,1", "2,0.1,0,0.3,1"]
    app.run()
    assert len(crops(app, "probe")) == 3 and sentences(app) == ""


def test_a_box_can_be_drawn_on_an_upload_with_the_shape_of_a_person(open_app, crops, people):
    app = open_app()
    app.file_uploader[0].upload("mine.png", image_bytes(people)).run()
    assert not editors(app)
    next(button for button in app.button if button.key.startswith("draw_")).click().run()
    assert editors(app)[0]["boxes"] == [] and not crops(app, "ranking")


def noise(size, mode="RGB", kind="PNG", **options) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 80).convert(mode).save(file, kind, **options)
    return file.getvalue()


def sideways() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    return noise((160, 64), kind="JPEG", exif=exif)


def animated() -> bytes:
    frames = [Image.effect_noise((64, 160), 80) for _ in range(3)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def huge() -> bytes:
    file = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(file, "PNG")
    return file.getvalue()


USABLE = {
    "cmyk.jpg": lambda: noise((64, 160), "CMYK", "JPEG"),
    "deep.png": lambda: noise((64, 160), "I;16"),
    "palette.png": lambda: noise((64, 160), "P"),
    "alpha.png": lambda: noise((64, 160), "RGBA"),
    "grey.webp": lambda: noise((64, 160), "RGB", "WEBP"),
    "animated.gif": animated,
    "sideways.jpg": sideways,
    "lying.jpg": lambda: noise((64, 160), kind="PNG"),
}
UNUSABLE = {
    "empty.jpg": lambda: b"",
    "cut.png": lambda: noise((64, 160))[:900],
    "text.jpg": lambda: b"not an image at all",
    "huge.png": huge,
    "thin.png": lambda: noise((1, 160)),
    "program.png": lambda: b"MZ" + bytes(5000),
}


@pytest.mark.parametrize("name", USABLE)
def test_unusual_images_are_searched_with(open_app, crops, sentences, name):
    app = open_app()
    app.file_uploader[0].upload(name, USABLE[name]()).run()
    assert sentences(app) == ""
    assert len(crops(app, "ranking")) == 14
    assert not [grid for grid in app.get("bidi_component") if '"boxes"' in grid.proto.json]  # all have a person's shape


@pytest.mark.parametrize("name", UNUSABLE)
def test_bad_upload_gives_one_sentence(open_app, crops, sentences, name):
    app = open_app()
    app.file_uploader[0].upload(name, UNUSABLE[name]()).run()
    said = sentences(app)
    assert said.startswith(name) and "\n" not in said
    assert crops(app, "start")


def test_ranking_can_be_downloaded(open_app):
    app = open_app(probe=PROBE)
    assert [button.label for button in app.download_button] == [texts.DOWNLOAD_RANKING]


@pytest.fixture
def requested(monkeypatch) -> list[int]:
    """Record how many results each search in a gallery asks for."""
    tops, search = [], Gallery.search

    def counted(gallery, descriptor, top=20, *given, **more):
        tops.append(top)
        return search(gallery, descriptor, top, *given, **more)

    monkeypatch.setattr(Gallery, "search", counted)
    return tops


def test_the_page_asks_for_what_it_shows(open_app, crops, people, requested):
    whole, said = crops(open_app(probe=PROBE), "ranking"), crops(open_app(probe=PROBE), "strip")
    requested.clear()
    app = open_app(probe=PROBE, top="10")
    assert crops(app, "ranking") == whole[:10] and crops(app, "strip") == said  # true matches after the first ten, too
    app.file_uploader[0].set_value(("a.png", image_bytes(people), "image/png")).run()
    assert len(crops(app, "ranking")) == 10 and requested == [10, 10]
    captions = " ".join(caption.value for caption in app.caption)
    assert shared_texts.RANKED.format(images="14 images") in captions


def test_the_file_has_the_whole_ranking(open_app, requested, monkeypatch):
    files, button = [], st.download_button
    monkeypatch.setattr(st, "download_button", lambda *given, **more: files.append(given[1]) or button(*given, **more))
    open_app(probe=PROBE, top="10")
    assert requested == [10]
    lines = files[0]().decode().splitlines()
    assert requested == [10, 14] and [line.split(",")[0] for line in lines[1:]] == [str(rank) for rank in range(1, 14)]


def test_post_processing_asks_for_all_results(open_app, requested):
    open_app(probe=PROBE, top="10", expand="1")
    assert requested == [14]


def test_damaged_checkpoint_gives_a_sentence_and_others_work(open_app, crops, sentences, models):
    (models / "second" / "weights.safetensors").write_bytes(b"\x10" * 100)
    app = open_app(probe=PROBE, model="second")
    assert "damaged" in sentences(app) and not crops(app, "ranking")
    app.selectbox[0].set_value("pedestrians-mr_bcnn").run()
    assert sentences(app) == "" and crops(app, "ranking")


def test_unknown_key_in_config_gives_a_sentence(open_app, sentences, models):
    file = models / "pedestrians-mr_bcnn" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"colour": 1}))
    assert "unknown key 'colour'" in sentences(open_app(probe=PROBE))


def test_unreadable_config_gives_a_sentence(open_app, sentences, models):
    (models / "pedestrians-mr_bcnn" / "config.json").write_text("{")
    assert "cannot be read as JSON" in sentences(open_app(probe=PROBE))


def test_no_checkpoint_gives_a_sentence(open_app, sentences, models):
    shutil.rmtree(models)
    assert "python -m core train" in sentences(open_app())


@pytest.mark.parametrize(
    ("missing", "words"), [(".", "There is no data folder"), ("bounding_box_test", "There are no gallery images")]
)
def test_missing_data_gives_a_sentence(open_app, sentences, people, missing, words):
    shutil.rmtree(people / missing)
    assert words in sentences(open_app())


def test_empty_gallery_gives_a_sentence(open_app, sentences, people):
    for file in (people / "bounding_box_test").iterdir():
        file.unlink()
    assert "There are no gallery images" in sentences(open_app())


def test_damaged_gallery_image_is_counted_and_skipped(open_app, crops, sentences, people):
    (people / "bounding_box_test" / "0008_c3s1_000801_01.png").write_bytes(b"")
    app = open_app(probe=PROBE)
    assert sentences(app) == ""
    assert len(crops(app, "ranking")) == 12
    assert any(shared_texts.SKIPPED.format(count=1) in caption.value for caption in app.caption)


def test_damaged_probe_gives_a_sentence(open_app, sentences, people):
    (people / "query" / PROBE).write_bytes(b"")
    assert "is not an image" in sentences(open_app(probe=PROBE))


def test_damaged_demo_probe_is_skipped(open_app, crops, sentences, people):
    (people / "query" / PROBE).write_bytes(b"")
    app = open_app()
    assert sentences(app) == ""
    assert [crop["id"][:4] for crop in crops(app, "start")] == ["0006", "0007", "0008"]


def test_new_image_in_the_gallery_is_found_without_a_restart(open_app, crops, people):
    assert len(crops(open_app(probe=PROBE), "ranking")) == 13
    shutil.copy(people / "query" / "0008_c2s1_000800_00.png", people / "bounding_box_test/0008_c2s1_000899_01.png")
    assert len(crops(open_app(probe=PROBE), "ranking")) == 14


def test_folder_of_unnamed_images_can_be_searched(open_app, crops, sentences, people):
    images = [file.read_bytes() for file in sorted((people / "query").iterdir())]
    shutil.rmtree(people)
    people.mkdir()
    for number, data in enumerate(images):
        (people / f"{number}.png").write_bytes(data)
    app = open_app(probe="3.png")
    assert sentences(app) == ""
    ranking = crops(app, "ranking")
    assert len(ranking) == len(images) - 1 and {crop["mark"] for crop in ranking} == {"unknown"}
    assert {crop["right"] + crop["below"] for crop in ranking} == {""}


def test_folder_of_identities_can_be_searched(open_app, crops, sentences, people):
    files = sorted((people / "bounding_box_test").iterdir())
    for number, file in enumerate(files):
        target = people / "all" / file.name[:4] / f"cam{file.name[6]}_{number % 3}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
    for part in ("bounding_box_train", "bounding_box_test", "query"):
        shutil.rmtree(people / part)
    for person in (people / "all").iterdir():
        person.rename(people / person.name)
    (people / "all").rmdir()
    app = open_app()
    name = crops(app, "start")[1]["id"]
    app.query_params["probe"] = name
    app.run()
    assert sentences(app) == ""
    assert name not in {crop["id"] for crop in crops(app, "ranking")}
    assert "right" in {crop["mark"] for crop in crops(app, "ranking")}


def test_replaced_checkpoint_is_loaded_without_a_restart(open_app, crops, models):
    app = open_app(probe=PROBE)
    before = [crop["left"] for crop in crops(app, "ranking")]
    torch.manual_seed(5)
    network = build_network("cnn", filters=4, descriptor=20, batch_norm=True)
    save_checkpoint(Checkpoint(network.eval()), models / "pedestrians-mr_bcnn")
    app.run()
    assert not app.exception
    assert [crop["left"] for crop in crops(app, "ranking")] != before


def test_finished_runs_are_offered(open_app, models, tmp_path):
    for name, state in (("done", "finished"), ("going", "running")):
        run = tmp_path / "runs" / name
        shutil.copytree(models / "second", run / "checkpoints" / "000100")
        (run / "status.json").write_text(json.dumps({"state": state}))
        (run / "config.json").write_text("{}")
    assert open_app(probe=PROBE).selectbox[0].options == [PEDESTRIANS, "second", "runs/done"]


def test_images_inside_a_mat_file_can_be_searched(open_app, crops, sentences, tmp_path, monkeypatch):
    monkeypatch.setenv("MR_BCNN_DATA", str(write_cuhk03_mat(tmp_path / "cuhk-03.mat")))
    app = open_app(probe=crops(open_app(), "start")[0]["id"])
    assert sentences(app) == ""
    assert crops(app, "ranking") and crops(app, "strip")


def test_each_result_links_to_its_explanation(open_app, crops):
    app = open_app(probe=PROBE, model="second")
    ranking = crops(app, "ranking")
    assert len(ranking) == 13
    for crop in ranking:
        assert crop["why"] == f"compare?probe={PROBE}&model=second&match={crop['id']}"
    app.session_state["why"] = "0006_c2s1_000601_01.png"
    app.run()
    assert not app.exception
    assert app.query_params["match"] in ("0006_c2s1_000601_01.png", ["0006_c2s1_000601_01.png"])
    assert app.title[0].value == compare_texts.TITLE and app.selectbox[0].value == "second"


def test_link_holds_post_processing(open_app, crops, sentences):
    plain = crops(open_app(probe=PROBE), "ranking")
    app = open_app(probe=PROBE, rerank="true", expand="2")
    assert sentences(app) == "" and next(toggle for toggle in app.toggle if toggle.key == "rerank").value
    ranking = crops(app, "ranking")
    assert {crop["id"]: crop["left"] for crop in ranking} == {crop["id"]: crop["left"] for crop in plain}
    assert [crop["id"] for crop in ranking] != [crop["id"] for crop in plain]
    assert [crop["rank"] for crop in ranking] == [str(rank) for rank in range(1, 14)]
    next(toggle for toggle in app.toggle if toggle.key == "rerank").set_value(False).run()
    assert [crop["rank"] for crop in crops(app, "ranking")] == [str(rank) for rank in range(1, 14)]


def test_active_post_processing_is_shown_and_can_be_removed(open_app, crops):
    def active(app):
        return {button.key: button.label for button in app.button if button.key and button.key.startswith("without_")}

    app = open_app(probe=PROBE, rerank="true", expand="2")
    assert active(app) == {"without_rerank": texts.RERANK, "without_expand": texts.EXPANDED.format(count=2)}
    assert [crop["why"].rpartition("&after=")[2] for crop in crops(app, "ranking")] == [str(n) for n in range(1, 14)]
    app.button(key="without_rerank").click().run()
    assert set(active(app)) == {"without_expand"}
    app.button(key="without_expand").click().run()
    assert active(app) == {} and not [crop for crop in crops(app, "ranking") if "after=" in crop["why"]]


@pytest.mark.parametrize(
    ("settings", "is_linked"), [({"cameras": ["2"]}, True), ({"rule": "false"}, True), ({}, False)]
)
def test_links_to_compare_hold_a_rank_that_differs_there(open_app, crops, settings, is_linked):
    """The page Compare ranks all cameras with the same-camera rule."""
    for crop in crops(open_app(probe=PROBE, **settings), "ranking"):
        assert crop["why"].endswith(f"&after={crop['rank']}") == is_linked


def test_camera_centring_is_that_of_the_evaluation(open_app, crops, models, people):
    """The probe is centred by the gallery mean of its camera, the gallery by the mean of each camera."""
    app = open_app(probe=PROBE, centre="true")
    ranking = crops(app, "ranking")
    assert sorted(crop["left"] for crop in ranking) == sorted(
        crop["left"] for crop in crops(open_app(probe=PROBE), "ranking")
    )
    gallery = Gallery.from_folder(people, model := load(models / "pedestrians-mr_bcnn"))
    moved, centring = centre_gallery(gallery)
    probe = Record(people / "query" / PROBE, "0005", 1)
    [descriptor] = centring.transform(model.describe([probe.path]), np.array([1]))
    assert_ranked(ranking, moved.search(descriptor, 20, None, probe))


def test_batch_norm_is_adapted_to_cameras(open_app, crops, models, people):
    """Alone and before camera centring; the shown scores are those of the plain model."""
    plain = crops(open_app(probe=PROBE), "ranking")
    model, probe = load(models / "pedestrians-mr_bcnn"), Record(people / "query" / PROBE, "0005", 1)
    gallery, cameras = adapt_gallery(model, Gallery.from_folder(people, model))
    descriptors = cameras.describe([probe.path], 1)
    moved, centring = centre_gallery(gallery)
    both = centring.transform(descriptors, np.array([1]))
    for ask, searched, [descriptor] in (({}, gallery, descriptors), ({"centre": "true"}, moved, both)):
        ranking = crops(open_app(probe=PROBE, adapt="true", **ask), "ranking")
        assert {crop["id"]: crop["left"] for crop in ranking} == {crop["id"]: crop["left"] for crop in plain}
        assert_ranked(ranking, searched.search(descriptor, 20, None, probe))


def test_a_changed_setting_does_not_describe_the_probe_for_its_camera_again(open_app, monkeypatch):
    described, describe = [], CameraModels.describe

    def counted(models, images, camera):
        described.append(camera)
        return describe(models, images, camera)

    monkeypatch.setattr(CameraModels, "describe", counted)
    app = open_app(probe=PROBE, adapt="true")
    app.segmented_control(key=TOP).set_value(10).run()
    assert described == [1] and not app.exception


def test_a_gallery_of_one_camera_has_no_controls_for_cameras(open_app, people):
    labels = [toggle.label for toggle in open_app(probe=PROBE, cameras="1").toggle]
    assert {shared_texts.ADAPT, texts.CENTRE} <= set(labels)
    for file in [*people.glob("*/0*_c[23]*"), *people.glob("*/-1_c[23]*")]:
        file.unlink()
    labels = [toggle.label for toggle in open_app(probe=PROBE).toggle]
    assert texts.CENTRE not in labels and shared_texts.ADAPT not in labels


def test_link_holds_prior_and_false_match_rate(open_app, sentences):
    app = open_app(probe=PROBE, prior="10000", line="10000")
    assert sentences(app) == ""
    assert app.segmented_control(key=PRIOR).value == app.segmented_control(key=FALSE_MATCHES).value == 10_000


def test_page_without_a_calibration_says_how_to_make_one(open_app, crops):
    app = open_app(probe=PROBE)
    assert any("python -m core calibrate CHECKPOINT DATA" in caption.value for caption in app.caption)
    ranking = crops(app, "ranking")
    assert len(ranking) == 13 and not [crop for crop in ranking if "cut" in crop or "chance" in crop]


@pytest.fixture
def calibrated(models, market):
    assert main(["calibrate", str(models / "pedestrians-mr_bcnn"), str(market)]) == 0
    return models / "pedestrians-mr_bcnn"


def test_calibrated_scores_have_probabilities(open_app, crops, calibrated, sentences):
    counts = read_calibration(calibrated).counts
    different = np.zeros_like(counts.different)
    different[-2:] = 98, 2  # the threshold is in the last bin, like all scores of an untrained model
    replace(counts, different=different).write(calibrated / "calibration" / "scores.csv")
    calibration = read_calibration(calibrated)
    app = open_app(probe=PROBE, prior="10", line="100", percentages="true")
    assert sentences(app) == ""
    shown = crops(app, "ranking")
    assert len(shown) == 13
    line = next((place for place, crop in enumerate(shown) if "cut" in crop), len(shown))
    before, after = shown[:line], shown[line:]
    assert before and after
    threshold = round(calibration.threshold(0.01), 3)
    assert all(float(crop["left"]) >= threshold for crop in before)
    assert all(float(crop["left"]) <= threshold for crop in after)
    for crop in shown:  # a score is shown to three places
        low, high = calibration.probability(float(crop["left"]) + np.array([-0.0005, 0.0005]), 0.1)
        said = {"<1 %": 0, ">99 %": 1}.get(crop["chance"]) or float(crop["chance"].strip("<> %")) / 100
        assert low - 0.01 <= said <= high + 0.01
    assert "in this gallery.**" in " ".join(one.value for one in app.markdown)
    assert "with a prior of 1 in 10." in " ".join(caption.value for caption in app.caption)
    ranking = crops(open_app(probe=PROBE, expand="1"), "ranking")
    assert len(ranking) == 13 and not [crop for crop in ranking if "cut" in crop]
    assert not [crop for crop in ranking if "chance" in crop]  # off by default


def write_check(folder: Path, flagged: bool) -> None:
    """Write a person check that flags all images or none."""
    check = PersonCheck()
    check.weights_, check.intercept_, check.threshold_ = np.zeros(500), 0.0, 1.0 if flagged else -1.0
    write_person_check(check, CheckData("made", 1, 1, 1, 1, 0.0, 1.0, 1.0), folder)


def test_an_image_without_a_person_has_no_verdict_and_no_probabilities(open_app, crops, calibrated, sentences):
    def verdict(app):
        return [one.value for one in app.markdown if "in this gallery.**" in one.value]

    write_check(calibrated, flagged=False)
    app = open_app(probe=PROBE, percentages="true")
    assert sentences(app) == "" and verdict(app)
    write_check(calibrated, flagged=True)
    app = open_app(probe=PROBE, percentages="true")
    assert sentences(app).replace("\\", "") == NO_PERSON and not verdict(app)
    ranking = crops(app, "ranking")
    assert len(ranking) == 13 and not [crop for crop in ranking if "cut" in crop or "chance" in crop]


def test_a_damaged_calibration_gives_a_sentence_and_the_ranking(open_app, crops, calibrated, sentences):
    (calibrated / "calibration" / "scores.csv").write_text("nothing")
    app = open_app(probe=PROBE)
    assert "not a table of counted scores" in sentences(app).replace("\\", "")
    assert len(crops(app, "ranking")) == 13
