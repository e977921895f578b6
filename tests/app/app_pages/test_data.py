"""The page Data without a browser: create, extend, inspect, rename and delete galleries."""

import io
from pathlib import Path
from urllib.parse import parse_qsl
from zipfile import ZipFile

import pytest

from app.data import form, texts
from app.shared.model_cards import name_of
from core.data.labels import TABLE
from core.galleries import update
from core.galleries.adding import add_folder, add_uploads
from core.galleries.catalog import create_gallery, delete_gallery, find_gallery, list_galleries
from core.galleries.changes import relabel_images
from core.galleries.sources import list_sources
from core.galleries.update import describe_gallery

pytestmark = pytest.mark.slow  # opens pages


@pytest.fixture
def open_data(open_app):
    """Open the page at a link. The folder `galleries` of the test holds its galleries."""

    def open_at(**link):
        app = open_app(**link)
        app.switch_page("app_pages/data.py")
        for name, value in link.items():
            app.query_params[name] = value
        return app.run()

    return open_at


@pytest.fixture(autouse=True)
def launched(monkeypatch) -> list[str]:
    """Record the names of the galleries to index, instead of starting processes."""
    names = []
    monkeypatch.setattr(update, "launch", lambda gallery: names.append(gallery.name))
    return names


@pytest.fixture
def station(people, models, tmp_path):
    """An indexed gallery of the 14 images of the data folder."""
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    add_folder(gallery, people)
    describe_gallery(gallery, "cpu")
    return gallery


def press(app, label: str):
    return next(button for button in app.button if button.label == label).click().run()


def field(elements, label: str):
    return next(element for element in elements if element.label == label)


def zip_upload(people: Path, **more: bytes) -> tuple[str, bytes, str]:
    """A zip of the gallery of the data folder, as a browser uploads it."""
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for path in sorted((people / "bounding_box_test").iterdir()):
            archive.write(path, f"all/{path.name}")
        for name, content in more.items():
            archive.writestr(name, content)
    return "all.zip", file.getvalue(), "application/zip"


def test_the_page_lists_the_demo_gallery(open_data, crops, sentences):
    app = open_data()
    assert sentences(app) == ""
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["Images"], row["People"], row["Cameras"]) == (14, 4, 3)
    assert len(crops(app, "strip")) == 4 and field(app.text_input, texts.NAME).value == ""


def test_the_link_to_search_keeps_the_context(open_data, station, people):
    probe = next((people / "query").iterdir()).name
    for link in ({"model": "second", "gallery": "station"}, {"model": "second", "probe": probe}):
        app = open_data(**link)
        page_link = field([each.proto for each in app.get("page_link")], texts.SEARCH_GALLERY)
        assert dict(parse_qsl(page_link.query_string)) == link


def test_models_have_their_names_to_show(open_data, station):
    app = open_data(gallery="station")
    app.session_state["new_0"] = True
    app.run()
    for label in (texts.MODEL, texts.NEW_MODEL):
        assert field(app.selectbox, label).options == [name_of(model) for model in ("pedestrians-mr_bcnn", "second")]


def test_a_zip_upload_creates_a_gallery(open_data, people, launched, sentences, crops, tmp_path):
    app = open_data()
    field(app.text_input, texts.NAME).set_value("mine").run()
    app.file_uploader[0].set_value(zip_upload(people, **{"all/notes.txt": b"x", "all/0009_c1s1_1.png": b"x"})).run()
    press(app, texts.CREATE_GALLERY)
    assert sentences(app) == "" and launched == ["mine"] and app.query_params["gallery"] == "mine"
    describe_gallery(find_gallery("mine", tmp_path / "galleries"), "cpu")
    app.run()
    assert {metric.label: metric.value for metric in app.metric} == {
        texts.IMAGES: "14",
        texts.IDENTITIES: "4",
        texts.CAMERAS: "3",
        texts.SKIPPED_FILES: "2",
    }
    assert len(crops(app, "strip")) == 12 + 2  # samples of the gallery, and two duplicates
    reasons = {
        row[texts.COLUMN_FILE]: row[texts.COLUMN_REASON]
        for frame in app.dataframe
        if texts.COLUMN_REASON in frame.value
        for row in frame.value.to_dict("records")
    }
    assert len(reasons) == 2 and any("notes.txt" in name for name in reasons)
    assert any(
        expander.label == texts.FINDING.format(finding=texts.SKIPPED_FILES, count=2) for expander in app.expander
    )


@pytest.mark.parametrize("name", ["", "../x"])
def test_an_invalid_name_is_an_error_and_the_form_keeps_its_values(
    open_data, people, launched, sentences, tmp_path, name
):
    app = open_data()
    field(app.text_input, texts.NAME).set_value(name).run()
    app.file_uploader[0].set_value(zip_upload(people)).run()
    press(app, texts.CREATE_GALLERY)
    assert (
        "cannot be a gallery's name" in sentences(app) and not launched and not list_galleries(tmp_path / "galleries")
    )
    field(app.text_input, texts.NAME).set_value("good").run()
    press(app, texts.CREATE_GALLERY)
    assert sentences(app) == "" and launched == ["good"]


def test_notes_on_a_source_and_data_quality_say_what_they_count(open_data, people, models, tmp_path):
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    paths = sorted((people / "query").iterdir())
    content = paths[0].read_bytes()
    add_uploads(gallery, [(paths[0].name, content), ("photo.png", content)])
    describe_gallery(gallery, "cpu")
    relabel_images(gallery, [path for path in gallery.records()["path"] if "photo" in path], identity="anna")
    describe_gallery(gallery, "cpu")
    captions = [each.value.replace("\\", "") for each in open_data(gallery="station").caption]
    note = captions.index(texts.SOURCE_NOTES) + 1
    assert captions[note] == "source 1: layout flat folder"
    assert captions[note + 1].startswith("source 1: 1 image is unlabelled")
    assert captions[note + 2] == "1 image is relabelled"
    assert any(texts.UNLABELLED.format(images="0 images") in caption for caption in captions)


def test_an_invalid_zip_creates_no_gallery(open_data, launched, sentences, tmp_path):
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("../../evil.png", b"x")
    app = open_data()
    field(app.text_input, texts.NAME).set_value("mine").run()
    app.file_uploader[0].set_value(("evil.zip", file.getvalue(), "application/zip")).run()
    press(app, texts.CREATE_GALLERY)
    assert "evil.zip" in sentences(app) and not launched and not list_galleries(tmp_path / "galleries")


def test_uploads_create_a_gallery(open_data, people, launched, sentences, tmp_path):
    app = open_data()
    field(app.text_input, texts.NAME).set_value("mine").run()
    field(app.segmented_control, texts.SOURCE).set_value(form.IMAGES).run()
    paths = sorted((people / "query").iterdir())[:2]
    app.file_uploader[0].set_value([(path.name, path.read_bytes(), "image/png") for path in paths]).run()
    press(app, texts.CREATE_GALLERY)
    assert sentences(app) == "" and launched == ["mine"]
    (gallery,) = list_galleries(tmp_path / "galleries")
    describe_gallery(gallery, "cpu")
    assert set(gallery.records()["identity"]) == {"0005"} and gallery.images == 2


def test_a_name_in_use_is_an_error(open_data, people, station, launched, sentences):
    app = open_data()
    app.session_state["new_0"] = True
    app.run()
    field(app.text_input, texts.NAME).set_value("station").run()
    app.file_uploader[0].set_value(zip_upload(people)).run()
    press(app, texts.CREATE_GALLERY)
    assert texts.NAME_IN_USE.format(name="station") in sentences(app) and not launched
    assert len(list_sources(station)) == 1


def test_a_folder_with_a_table_is_added(open_data, people, station, launched, sentences):
    app = open_data(gallery="station")
    app.session_state["more_0"] = True
    app.run()
    field(app.selectbox, texts.LABELS).set_value(TABLE).run()
    field(app.segmented_control, texts.SOURCE).set_value(form.PATH).run()
    field(app.text_input, texts.PATH).set_value(str(people / "query")).run()
    table = b"path,identity\n0005_c1s1_000500_00.png,anna\nnobody.png,\n"
    field(app.file_uploader, texts.TABLE_UPLOAD).set_value(("labels.csv", table, "text/csv")).run()
    press(app, texts.ADD_IMAGES)
    assert sentences(app) == "" and launched == ["station"]
    assert [(each.kind, each.labels) for each in list_sources(station)] == [("folder", "layout"), ("folder", "csv")]
    describe_gallery(station, "cpu")
    assert "anna" in set(station.records()["identity"])


def test_a_gallery_is_renamed_updated_and_deleted(open_data, station, launched, sentences, tmp_path):
    app = open_data(gallery="station")
    press(app, texts.UPDATE)
    press(app, texts.REINDEX)
    assert launched == ["station"] * 2 and station.read()["model"]["name"] == "pedestrians-mr_bcnn"
    field(app.text_input, texts.NEW_NAME).set_value("a/b").run()
    press(app, texts.RENAME_GALLERY)
    assert "cannot be a gallery" in sentences(app)
    field(app.text_input, texts.NEW_NAME).set_value("platform").run()
    press(app, texts.RENAME_GALLERY)
    assert sentences(app) == "" and app.query_params["gallery"] == "platform"
    press(app, texts.DELETE_GALLERY)
    assert not list_galleries(tmp_path / "galleries") and not app.metric
    assert sentences(app) == "" and "gallery" not in app.query_params


def test_a_gallery_that_another_visitor_deletes(open_data, station, sentences):
    app = open_data(gallery="station")
    delete_gallery(station)
    press(app, texts.UPDATE)
    assert "There is no gallery station any more" in sentences(app) and not app.metric
    assert "There is no gallery station" in sentences(open_data(gallery="station"))


def test_indexing_shows_progress_and_can_be_stopped(open_data, station, crops):
    with station.job.claim():
        station.job.write(state="running", done=3, total=14, resumed=0, began=0)
        app = open_data(gallery="station")
        assert not app.exception
        assert "3 of 14 images" in app.get("progress")[0].proto.text
        labels = [button.label for button in app.button]
        assert texts.STOP in labels and texts.DELETE_GALLERY not in labels
        press(app, texts.STOP)
        assert station.job.is_asked_to_stop
