"""The data page without a browser: galleries made, extended, looked into, renamed, deleted."""

import io
from pathlib import Path
from zipfile import ZipFile

import pytest

from core.galleries import update
from core.galleries.catalog import create_gallery, delete_gallery, find_gallery, list_galleries
from core.galleries.sources import add_folder, list_sources
from core.galleries.update import describe_gallery

pytestmark = pytest.mark.slow  # opens pages


@pytest.fixture
def open_data(open_app):
    """Opens the page at a link; galleries lie in `galleries` below the test's folder."""

    def open_at(**link):
        app = open_app(**link)
        app.switch_page("app_pages/data.py")
        for name, value in link.items():
            app.query_params[name] = value
        return app.run()

    return open_at


@pytest.fixture(autouse=True)
def launched(monkeypatch) -> list[str]:
    """Galleries that would be described in a process of their own."""
    names = []
    monkeypatch.setattr(update, "launch", lambda gallery: names.append(gallery.name))
    return names


@pytest.fixture
def station(people, models, tmp_path):
    """A gallery of the 14 images of the data folder, described."""
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    add_folder(gallery, people)
    describe_gallery(gallery, "cpu")
    return gallery


def press(app, label: str):
    return next(button for button in app.button if button.label == label).click().run()


def field(elements, label: str):
    return next(element for element in elements if element.label == label)


def packed(people: Path, **more: bytes) -> tuple[str, bytes, str]:
    """A zip of the data folder's gallery, as a browser uploads it."""
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for path in sorted((people / "bounding_box_test").iterdir()):
            archive.write(path, f"all/{path.name}")
        for name, content in more.items():
            archive.writestr(name, content)
    return "all.zip", file.getvalue(), "application/zip"


def test_the_data_folder_comes_first(open_data, crops, sentences):
    app = open_data()
    assert sentences(app) == ""
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["Images"], row["People"], row["Cameras"]) == (14, 4, 3)
    assert len(crops(app, "strip")) == 4 and field(app.text_input, "Name").value == ""


def test_a_zip_becomes_a_gallery(open_data, people, launched, sentences, crops, tmp_path):
    app = open_data()
    field(app.text_input, "Name").set_value("mine").run()
    app.file_uploader[0].set_value(packed(people, **{"all/notes.txt": b"x", "all/0009_c1s1_1.png": b"x"})).run()
    press(app, "Make it")
    assert sentences(app) == "" and launched == ["mine"] and app.query_params["gallery"] == "mine"
    describe_gallery(find_gallery("mine", tmp_path / "galleries"), "cpu")
    app.run()
    assert {metric.label: metric.value for metric in app.metric} == {
        "Images": "14",
        "People": "4",
        "Cameras": "3",
        "Left out": "2",
    }
    assert len(crops(app, "strip")) == 12 + 2  # some of them all, and two grey boxes that are copies
    refused = {
        row["File"]: row["Why"]
        for frame in app.dataframe
        if "Why" in frame.value
        for row in frame.value.to_dict("records")
    }
    assert len(refused) == 2 and any("notes.txt" in name for name in refused)
    assert any(expander.label == "Files that were left out: 2" for expander in app.expander)


@pytest.mark.parametrize("name", ["", "../x"])
def test_what_cannot_be_made_is_told_and_nothing_is_lost(open_data, people, launched, sentences, tmp_path, name):
    app = open_data()
    field(app.text_input, "Name").set_value(name).run()
    app.file_uploader[0].set_value(packed(people)).run()
    press(app, "Make it")
    assert (
        "cannot be a gallery's name" in sentences(app) and not launched and not list_galleries(tmp_path / "galleries")
    )
    field(app.text_input, "Name").set_value("good").run()
    press(app, "Make it")
    assert sentences(app) == "" and launched == ["good"]


def test_a_zip_that_is_refused_makes_no_gallery(open_data, launched, sentences, tmp_path):
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("../../evil.png", b"x")
    app = open_data()
    field(app.text_input, "Name").set_value("mine").run()
    app.file_uploader[0].set_value(("evil.zip", file.getvalue(), "application/zip")).run()
    press(app, "Make it")
    assert "evil.zip" in sentences(app) and not launched and not list_galleries(tmp_path / "galleries")


def test_uploads_become_a_gallery(open_data, people, launched, sentences, tmp_path):
    app = open_data()
    field(app.text_input, "Name").set_value("mine").run()
    field(app.segmented_control, "They come from").set_value("images to upload").run()
    paths = sorted((people / "query").iterdir())[:2]
    app.file_uploader[0].set_value([(path.name, path.read_bytes(), "image/png") for path in paths]).run()
    press(app, "Make it")
    assert sentences(app) == "" and launched == ["mine"]
    (gallery,) = list_galleries(tmp_path / "galleries")
    describe_gallery(gallery, "cpu")
    assert set(gallery.records()["identity"]) == {"0005"} and gallery.images == 2


def test_a_name_that_is_taken_is_refused(open_data, people, station, launched, sentences):
    app = open_data()
    app.session_state["new_0"] = True
    app.run()
    field(app.text_input, "Name").set_value("station").run()
    app.file_uploader[0].set_value(packed(people)).run()
    press(app, "Make it")
    assert "There is a gallery station already" in sentences(app) and not launched
    assert len(list_sources(station)) == 1


def test_a_folder_with_a_table_is_added(open_data, people, station, launched, sentences):
    app = open_data(gallery="station")
    app.session_state["more_0"] = True
    app.run()
    field(app.selectbox, "Who is on the images").set_value("csv").run()
    field(app.segmented_control, "They come from").set_value("a folder or zip on this machine").run()
    field(app.text_input, "Path").set_value(str(people / "query")).run()
    table = b"path,identity\n0005_c1s1_000500_00.png,anna\nnobody.png,\n"
    field(app.file_uploader, "or upload it").set_value(("labels.csv", table, "text/csv")).run()
    press(app, "Add them")
    assert sentences(app) == "" and launched == ["station"]
    assert [(each.kind, each.labels) for each in list_sources(station)] == [("folder", "layout"), ("folder", "csv")]
    describe_gallery(station, "cpu")
    assert "anna" in set(station.records()["identity"])


def test_a_gallery_is_renamed_updated_and_deleted(open_data, station, launched, sentences, tmp_path):
    app = open_data(gallery="station")
    press(app, "Update")
    press(app, "Describe anew")
    assert launched == ["station"] * 2 and station.read()["model"]["name"] == "pedestrians-mr_bcnn"
    field(app.text_input, "Its new name").set_value("a/b").run()
    press(app, "Rename it")
    assert "cannot be a gallery" in sentences(app)
    field(app.text_input, "Its new name").set_value("platform").run()
    press(app, "Rename it")
    assert sentences(app) == "" and app.query_params["gallery"] == "platform"
    press(app, "Delete it")
    assert not list_galleries(tmp_path / "galleries") and not app.metric


def test_one_that_another_visitor_deletes(open_data, station, sentences):
    app = open_data(gallery="station")
    delete_gallery(station)
    press(app, "Update")
    assert "There is no gallery station any more" in sentences(app) and not app.metric
    assert "There is no gallery station, or not any more" in sentences(open_data(gallery="station"))


def test_while_it_is_being_described(open_data, station, crops):
    with station.job.claim():
        station.job.write(state="running", done=3, total=14, resumed=0, began=0)
        app = open_data(gallery="station")
        assert not app.exception
        assert "3 of 14 images" in app.get("progress")[0].proto.text
        labels = [button.label for button in app.button]
        assert "Stop" in labels and "Delete it" not in labels
        press(app, "Stop")
        assert station.job.is_asked_to_stop
