"""The images of a gallery on the page Data: filters, pages, selection, changes and a new gallery."""

import pytest

from app.data import browser, texts
from core.galleries import update
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery, find_gallery
from core.galleries.changes import read_changes, relabel_images, remove_images, tag_images
from core.galleries.update import describe_gallery

pytestmark = pytest.mark.slow  # opens pages


@pytest.fixture(autouse=True)
def launched(monkeypatch) -> list[str]:
    """Record the names of the galleries to index, instead of starting processes."""
    names = []
    monkeypatch.setattr(update, "launch", lambda gallery: names.append(gallery.name))
    return names


@pytest.fixture
def station(people, models, tmp_path):
    """An indexed gallery of the 14 images of the data folder: 4 identities, 3 cameras, two equal distractors."""
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    (people / "bounding_box_test" / "0009_c1s1_1.png").write_bytes(b"x")
    add_folder(gallery, people / "bounding_box_test")
    describe_gallery(gallery, "cpu")
    return gallery


@pytest.fixture
def open_images(open_app, station):
    def open_at(**state):
        app = open_app(gallery="station")
        app.switch_page("app_pages/data.py")
        app.query_params["gallery"] = "station"
        app.session_state["browse_station"] = True
        for name, value in state.items():
            app.session_state[name] = value
        return app.run()

    return open_at


@pytest.fixture
def shown(crops):
    """Read the paths of the grid, without samples and findings, which cannot be clicked."""
    return lambda app: [crop["id"] for crop in crops(app, "strip") if crop.get("id")]


def field(elements, label: str):
    return next(element for element in elements if element.label == label)


def test_the_grid_has_pages(open_images, shown, station, sentences, monkeypatch):
    monkeypatch.setattr(browser, "IMAGES_PER_PAGE", 5)
    app = open_images()
    paths = station.records()["path"].tolist()
    assert sentences(app) == "" and shown(app) == paths[:5]
    key = f"page_station_{hash(tuple(paths))}"
    app.session_state[key] = 3
    assert shown(app.run()) == paths[10:]


def test_the_filters(open_images, shown, station):
    records = station.records()
    tag_images(station, records["path"][:1], ["night"])
    app = open_images()
    assert len(shown(app)) == 14
    for show, count in (("unlabelled", 0), ("duplicates", 2), ("shapes", 0), ("one_camera", 0), ("relabelled", 0)):
        field(app.selectbox, texts.SHOW_LABEL).set_value(show).run()
        assert len(shown(app)) == count, show
    field(app.selectbox, texts.SHOW_LABEL).set_value("skipped").run()
    frames = [frame.value for frame in app.dataframe if texts.COLUMN_REASON in frame.value]
    assert all("0009_c1s1_1.png" in frame[texts.COLUMN_FILE][0] for frame in frames) and len(frames) == 2
    field(app.selectbox, texts.SHOW_LABEL).set_value("all").run()
    field(app.selectbox, texts.COLUMN_IDENTITY).set_value("0005").run()
    assert len(shown(app)) == 3
    field(app.multiselect, texts.CAMERAS).set_value([2]).run()
    assert ["0005_c2" in path for path in shown(app)] == [True]
    field(app.selectbox, texts.COLUMN_IDENTITY).set_value(None).run()
    field(app.multiselect, texts.CAMERAS).set_value([]).run()
    field(app.selectbox, texts.TAG).set_value("night").run()
    assert shown(app) == records["path"][:1].tolist()


def test_selected_images_are_relabelled_removed_and_restored(open_images, shown, station, launched, crops, sentences):
    first, second, *_ = paths = station.records()["path"].tolist()
    app = open_images(**{browser.SELECTED: {station.id: [first, second]}})
    assert sentences(app) == ""
    assert [crop["id"] for crop in crops(app, "strip") if crop.get("id") and crop["mark"] == "right"] == [first, second]
    field(app.text_input, texts.COLUMN_IDENTITY).set_value("anna").run()
    field(app.button, texts.RELABEL_IMAGES.format(count=2)).click().run()
    assert read_changes(station) == {path: {"identity": "anna"} for path in (first, second)}
    assert launched == ["station"] and app.session_state[browser.SELECTED][station.id] == []
    field(app.selectbox, texts.COLUMN_IDENTITY).set_value("anna").run()
    assert shown(app) == [first, second]  # before the update
    field(app.button, texts.SELECT_ALL.format(count=2)).click().run()
    field(app.button, texts.REMOVE_IMAGES).click().run()
    describe_gallery(station, "cpu")
    app = open_images()
    assert shown(app) == paths[2:] and len(station.records()) == 12
    field(app.selectbox, texts.SHOW_LABEL).set_value("removed").run()
    assert shown(app) == [first, second]
    field(app.button, texts.SELECT_ALL.format(count=2)).click().run()
    assert texts.REMOVE_IMAGES not in [button.label for button in app.button]
    field(app.button, texts.RESTORE).click().run()
    describe_gallery(station, "cpu")
    assert read_changes(station) == {} and len(station.records()) == 14


def test_a_selection_becomes_a_gallery(open_images, station, launched, sentences, tmp_path):
    paths = station.records()["path"].tolist()
    relabel_images(station, paths[:1], identity="anna")
    app = open_images(**{browser.SELECTED: {station.id: paths[:3]}})
    name = app.text_input(key="selected_name")
    name.set_value("station").run()
    app.button(key="selected_create").click().run()
    assert "already exists" in sentences(app)
    app.text_input(key="selected_name").set_value("chosen").run()
    app.query_params.update(probe=paths[0].rpartition("/")[2], cameras="1")  # of the gallery before
    app.button(key="selected_create").click().run()
    assert launched == ["chosen"] and app.query_params == {"gallery": "chosen"}
    chosen = find_gallery("chosen", tmp_path / "galleries")
    describe_gallery(chosen, "cpu")
    assert sorted(chosen.records()["identity"]) == sorted(["anna", *station.records()["identity"][1:3]])


def test_an_opened_image_shows_its_record(open_images, station, sentences):
    path = station.records()["path"][3]
    tag_images(station, [path], ["night"])
    remove_images(station, station.records()["path"][:1])
    app = open_images(**{browser.OPENED: path})
    assert sentences(app) == ""
    text = "\n".join(element.value for element in app.markdown)
    assert "night" in text and "32 x 80" in text
    assert app.button(key="opened_remove").label == texts.REMOVE_IMAGES
