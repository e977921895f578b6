"""The section on data sets of the page Data: look at a folder, accept a guess, edit rules, save, create a gallery."""

import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from PIL import Image

from app.data import texts
from app.shared import datasets
from app.shared import texts as shared_texts
from app.shared.keys import DATA
from app.training import texts as training_texts
from core.data.datasets import read_dataset
from core.data.rule_files import read_rules
from core.data.saved_datasets import list_datasets, save_dataset
from core.galleries import update
from core.galleries.catalog import find_gallery
from core.galleries.sources import list_sources

pytestmark = pytest.mark.slow  # opens pages
PATTERN = r"shots/[^/]+/p(?P<identity>\d+)__cam-(?P<camera>[a-z])__\d+\.png"


@pytest.fixture
def kiosk(tmp_path) -> Path:
    """A folder of an unknown layout: identities 41 to 44, seen by the cameras a and b, and an image without a name."""
    folder = tmp_path / "kiosk"
    for number, (identity, camera) in enumerate((i, c) for i in range(41, 45) for c in "ab"):
        file = folder / f"shots/kiosk-0{identity % 2 + 1}/p{identity:04}__cam-{camera}__{number:06}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 80), (identity, 90, 90)).save(file)
    Image.new("RGB", (32, 80)).save(folder / "shots/kiosk-01/overview.png")
    return folder


@pytest.fixture
def open_data(open_app):
    """Open the page with the section open, at the path of a data set."""

    def open_at(path=""):
        app = open_app()
        app.switch_page("app_pages/data.py")
        app.session_state["data_sets"] = True
        if path:
            app.query_params[DATA] = str(path)
        return app.run()

    return open_at


@pytest.fixture(autouse=True)
def launched(monkeypatch) -> list[str]:
    """Record the names of the galleries to index, instead of starting processes."""
    names = []
    monkeypatch.setattr(update, "launch", lambda gallery: names.append(gallery.name))
    return names


def field(elements, label: str):
    return next(element for element in elements if element.label == label)


def press(app, label: str):
    return field(app.button, label).click().run()


def table(app, column: str) -> list[dict]:
    """The rows of the first table that has a column."""
    return next(frame.value for frame in app.dataframe if column in frame.value).to_dict("records")


def pick(app, label: str, meaning: str):
    return field(app.selectbox, label).set_value(meaning).run()


def choose_own_rules(app):
    """Choose the levels and the parts of the name in the editor."""
    field(app.radio, texts.READ_AS).set_value("own").run()
    pick(app, "Level 2: kiosk-01", "*")
    pick(app, "0042", "identity")
    return pick(app, "a", "camera")


def test_a_known_folder_is_shown_as_data_inspect_shows_it(open_data, people, sentences, crops):
    app = open_data(people)
    assert "identities are in both" not in sentences(app)
    shown = {row[texts.COLUMN_PART]: row for row in table(app, texts.COLUMN_DISTRACTORS)}
    report = read_dataset(people).report()
    for part, name in texts.PART_NAMES.items():
        if line := re.search(rf"^  {part} .*?([\d,]+) images, ([\d,]+) identities, (\d+) cameras", report, re.M):
            row = shown.pop(name)
            counts = (row[texts.COLUMN_IMAGES], row[texts.COLUMN_IDENTITIES], row[texts.COLUMN_CAMERAS])
            assert counts == tuple(map(int, line.groups()))
    assert shown == {}
    examples = table(app, texts.COLUMN_FILE)
    assert len(examples) == 10 and {row[texts.COLUMN_PART] for row in examples} == {"training", "probes", "gallery"}
    assert all(
        row[texts.COLUMN_FILE].split("/")[1].startswith(row[texts.COLUMN_IDENTITY][:4])
        or "0000" in row[texts.COLUMN_FILE]
        for row in examples
    )
    assert len(crops(app, "strip")) > 10


def test_a_guess_is_shown_and_saved_on_demand(open_data, kiosk, sentences, tmp_path):
    app = open_data(kiosk)
    assert texts.UNKNOWN_LAYOUT.split("{folder} ")[1] in sentences(app)
    assert field(app.radio, texts.READ_AS).value == "guess" and list_datasets(tmp_path / "datasets") == {}
    assert {row[texts.COLUMN_IDENTITY] for row in table(app, texts.COLUMN_FILE)} == {"kiosk-01", "kiosk-02"}
    assert texts.CREATE_GALLERY_OF_DATA_SET not in [button.label for button in app.button]
    press(app, texts.USE_GUESS)
    (file,) = list_datasets(tmp_path / "datasets").values()
    assert file.name == "kiosk.toml" and read_rules(file).root == kiosk and len(read_dataset(file).train) == 9
    assert app.success[0].value == texts.SAVED.format(name="kiosk")
    assert field(app.selectbox, texts.DATA_SET).value == "kiosk"


def test_own_rules_are_made_from_an_example(open_data, kiosk, sentences, tmp_path):
    app = choose_own_rules(open_data(kiosk))
    assert "(?P<identity>" in app.code[0].value
    assert texts.FITTING.format(fitting=8, images=9) in [text.value for text in app.markdown]
    assert [row[texts.COLUMN_FILE] for row in table(app, texts.COLUMN_FILE)] == ["shots/kiosk-01/overview.png"]
    (row,) = [row for row in table(app, texts.COLUMN_DISTRACTORS) if row[texts.COLUMN_PART] == "training"]
    assert (row[texts.COLUMN_IMAGES], row[texts.COLUMN_IDENTITIES], row[texts.COLUMN_CAMERAS]) == (8, 4, 2)
    field(app.text_input, texts.JUNK).set_value("0044").run()
    assert texts.FITTING_WITH_SKIPPED.format(fitting=8, images=9, skipped=2) in [text.value for text in app.markdown]
    field(app.text_input, texts.SAVED_NAME).set_value("a/b").run()
    press(app, texts.SAVE_DATA_SET)
    assert "cannot be a data set" in sentences(app).replace("\\", "") and list_datasets(tmp_path / "datasets") == {}
    field(app.text_input, texts.SAVED_NAME).set_value("station").run()
    press(app, texts.SAVE_DATA_SET)
    dataset = read_dataset(tmp_path / "datasets" / "station.toml")
    assert {(record.identity, record.camera) for record in dataset.train} == {
        (f"00{identity}", camera) for identity in (41, 42, 43) for camera in (1, 2)
    }


def test_choices_that_do_not_fit_together_are_an_error(open_data, kiosk, sentences):
    app = choose_own_rules(open_data(kiosk))
    pick(app, "Level 2: kiosk-01", "identity")
    assert "Two parts of the path are called identity" in sentences(app)
    assert texts.SAVE_DATA_SET not in [button.label for button in app.button]
    pick(app, "Level 2: kiosk-01", "*")
    pick(app, "0042", "*")
    assert texts.CHOOSE_IDENTITY in sentences(app)


def test_folders_that_are_parts_of_a_split_are_named(open_data, tmp_path, sentences):
    for part in ("learn", "final test"):
        for identity in (1, 2):
            for camera in (1, 2):
                file = tmp_path / f"set/{part}/{identity}_c{camera}-0.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                Image.new("RGB", (32, 80)).save(file)
    app = open_data(tmp_path / "set")  # is read as the folders of two identities
    field(app.toggle, texts.EDIT_RULES).set_value(True).run()
    pick(app, "Level 1: final test", "split")
    pick(app, "1", "identity")
    pick(app, texts.SPLIT_OF.format(name="learn"), "train")
    assert field(app.selectbox, texts.SPLIT_OF.format(name="final test")).value == "test"
    parts = {row[texts.COLUMN_PART]: row[texts.COLUMN_IMAGES] for row in table(app, texts.COLUMN_DISTRACTORS)}
    assert parts == {"training": 4, "probes": 2, "gallery": 2}


def test_rules_are_edited_as_text(open_data, kiosk, sentences, tmp_path):
    file = save_dataset("station", {"images": [{"pattern": PATTERN}]}, kiosk, tmp_path / "datasets")
    app = open_data()
    field(app.selectbox, texts.DATA_SET).set_value("station").run()
    field(app.toggle, texts.EDIT_RULES).set_value(True).run()
    text = field(app.text_area, texts.RULES_TEXT)  # a class like [a-z] cannot be chosen
    assert "[a-z]" in text.value
    field(app.text_area, texts.RULES_TEXT).set_value("images = [").run()
    assert "not valid TOML" in sentences(app)
    field(app.text_area, texts.RULES_TEXT).set_value(f"junk = ['0041']\n[[images]]\npattern = '{PATTERN}'").run()
    press(app, texts.SAVE_CHANGES)
    assert len(read_dataset(file).train) == 6 and not app.exception


def test_choices_become_text(open_data, kiosk, sentences, tmp_path):
    app = choose_own_rules(open_data(kiosk))
    field(app.toggle, texts.EDIT_AS_TEXT).set_value(True).run()
    text = field(app.text_area, texts.RULES_TEXT).value
    assert "(?P<camera>[A-Za-z]+)" in text and texts.FITTING.format(fitting=8, images=9) in [
        shown.value for shown in app.markdown
    ]
    field(app.text_area, texts.RULES_TEXT).set_value(text.replace("<camera>[A-Za-z]", "<camera>[ax]")).run()
    assert texts.FITTING.format(fitting=4, images=9) in [shown.value for shown in app.markdown]
    field(app.toggle, texts.EDIT_AS_TEXT).set_value(False).run()
    assert texts.FITTING.format(fitting=8, images=9) in [shown.value for shown in app.markdown]


def test_a_gallery_is_created_by_one_click(open_data, kiosk, launched, sentences, tmp_path):
    file = save_dataset("station", {"images": [{"pattern": PATTERN}]}, kiosk, tmp_path / "datasets")
    app = open_data()
    field(app.selectbox, texts.DATA_SET).set_value("station").run()
    press(app, texts.CREATE_GALLERY_OF_DATA_SET)
    assert launched == ["station"] and app.query_params["gallery"] == "station"
    (source,) = list_sources(find_gallery("station", tmp_path / "galleries"))
    assert source.origin == str(file)
    press(app, texts.CREATE_GALLERY_OF_DATA_SET)
    assert "already exists" in sentences(app) and launched == ["station"]


def test_a_gallery_of_a_folder_that_was_typed_is_created(open_data, kiosk, launched):
    app = open_data()
    field(app.text_input, texts.DATA_SET).set_value(str(kiosk)).run()
    assert app.query_params[DATA] == str(kiosk)
    press(app, texts.USE_GUESS)
    press(app, texts.CREATE_GALLERY_OF_DATA_SET)
    assert not app.exception and launched == ["kiosk"] and app.query_params["gallery"] == "kiosk"


def test_a_saved_data_set_is_deleted(open_data, kiosk, tmp_path):
    save_dataset("station", {"images": [{"pattern": PATTERN}]}, kiosk, tmp_path / "datasets")
    app = open_data()
    field(app.selectbox, texts.DATA_SET).set_value("station").run()
    press(app, texts.DELETE_DATA_SET)
    assert list_datasets(tmp_path / "datasets") == {} and kiosk.is_dir() and not app.exception


def test_several_layouts_are_a_choice(open_data, tmp_path, sentences):
    for name in ("cam_a/person_0001.png", "cam_b/person_0001.png"):
        file = tmp_path / "both/prid" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 80)).save(file)
    for name in ("cam_a/000_0.bmp", "cam_b/000_45.bmp"):
        file = tmp_path / "both/viper" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 80)).save(file)
    app = open_data(tmp_path / "both")
    assert texts.SEVERAL_LAYOUTS.split("{folder} ")[1] in sentences(app)
    field(app.radio, texts.READ_AS).set_value("viper").run()
    press(app, texts.SAVE_DATA_SET)
    dataset = read_dataset(tmp_path / "datasets/viper.toml")
    assert (dataset.layout, dataset.root, len(dataset.pool)) == ("viper", tmp_path / "both/viper", 2)


def test_training_offers_saved_data_sets(open_app, kiosk, sentences, tmp_path):
    app = open_app()
    app.switch_page("app_pages/training.py")
    app.query_params["model"] = "second"
    app.run()
    app.text_input(key="new_data").set_value(str(kiosk)).run()
    assert "The layout of" in sentences(app)
    show = field([link.proto for link in app.get("page_link")], shared_texts.SHOW_DATA_SET)
    assert dict(parse_qsl(show.query_string)) == {"model": "second", "data": str(kiosk)}
    save_dataset("station", {"images": [{"pattern": PATTERN}]}, kiosk, tmp_path / "datasets")
    app.run()
    app.selectbox(key=datasets.saved_key("new_data")).set_value("station").run()
    assert "The layout of" not in sentences(app)
    name = field(app.text_input, training_texts.NAME).value
    assert name == "station-mr_bcnn-demo" and "begin" in [button.key for button in app.button]


def test_a_saved_data_set_is_evaluated(open_app, kiosk, sentences, tmp_path):
    save_dataset("station", {"images": [{"pattern": PATTERN}]}, kiosk, tmp_path / "datasets")
    app = open_app()
    app.switch_page("app_pages/data.py")
    app.session_state["evaluate_folder"] = True
    app.run()
    field(app.selectbox, texts.EVALUATED_FOLDER).set_value("station").run()
    assert sentences(app) == "" and texts.EVALUATE in [button.label for button in app.button]
