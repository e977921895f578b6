"""Suspicious labels on the page Data: one pair at a time, decisions, their effect, and the relabelled gallery."""

import shutil

import pytest
from conftest import draw_person

from app.data import texts
from core.evaluation.label_decisions import read_decisions
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.changes import read_changes
from core.galleries.update import describe_gallery

pytestmark = pytest.mark.slow  # opens pages


@pytest.fixture(autouse=True)
def started(monkeypatch) -> list[list[str]]:
    """Record the commands of jobs, instead of starting processes."""
    commands = []
    monkeypatch.setattr("core.jobs.job.start_process", lambda command, log, **environment: commands.append(command))
    return commands


@pytest.fixture
def gallery(models, tmp_path):
    """A gallery of 6 identities and 3 cameras; an image of 0003 lies in the folder of 0005, one of 0002 in 0006."""
    for identity in range(1, 7):
        for camera in (1, 2, 3):
            for shot in (0, 1):
                file = tmp_path / "images" / f"{identity:04d}" / f"c{camera}_{identity}{camera}{shot}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                draw_person(identity, camera, shot).save(file)
    shutil.move(tmp_path / "images/0003/c1_310.png", tmp_path / "images/0005/c1_310.png")
    shutil.move(tmp_path / "images/0002/c3_230.png", tmp_path / "images/0006/c3_230.png")
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    add_folder(gallery, tmp_path / "images", "folder")
    describe_gallery(gallery, "cpu")
    return gallery


@pytest.fixture
def open_labels(open_app):
    def open_section():
        app = open_app(gallery="station")
        app.switch_page("app_pages/data.py")
        app.query_params["gallery"] = "station"
        app.session_state["labels_station"] = True
        return app.run()

    return open_section


@pytest.fixture
def app(open_labels, gallery):
    return open_labels()


def button(app, label: str):
    return next(each for each in app.button if each.label == label)


def progress(app) -> tuple[int, int]:
    """The number of the shown suspicion, and the number of all."""
    for number in range(1, 50):
        for count in range(number, 50):
            if texts.PROGRESS.format(number=number, count=count) in [text.value for text in app.markdown]:
                return number, count
    raise AssertionError([text.value for text in app.markdown])


def test_each_decision_is_saved_and_the_next_pair_is_shown(app, gallery, crops, sentences):
    assert sentences(app) == ""
    first, (number, count) = [each["title"] for each in crops(app, "pair")], progress(app)
    assert number == 1 < count
    for label, decision in ((texts.SAME_PERSON, "same"), (texts.DIFFERENT_PERSON, "different"), (texts.SKIP, "skip")):
        button(app, label).click().run()
        assert progress(app) == (2, count)
        assert [each["title"] for each in crops(app, "pair")] != first
        assert [one.decision for one in read_decisions(gallery.folder / "label_decisions.csv")] == [decision]
        button(app, texts.UNDO).click().run()
        assert read_decisions(gallery.folder / "label_decisions.csv") == []
        assert [each["title"] for each in crops(app, "pair")] == first
    assert button(app, texts.UNDO).disabled


def test_each_button_has_a_key(app):
    keys = {each.label: each.proto.shortcut for each in app.button}
    assert [keys[label].lower() for label in (texts.SAME_PERSON, texts.DIFFERENT_PERSON, texts.SKIP, texts.UNDO)] == [
        "s",
        "d",
        "k",
        "u",
    ]


def test_the_nearest_identity_is_chosen_measured_and_applied(app, gallery, crops, started, sentences):
    app.multiselect(f"label_cameras_{gallery.id}").select(1).run()
    while "0005 · camera 1" != crops(app, "pair")[0]["below"] or "0003" not in crops(app, "pair")[2]["below"]:
        button(app, texts.SKIP).click().run()
    assert texts.APPLY_DECISIONS.format(images="1 image") not in [each.label for each in app.button]
    button(app, texts.NEAREST_PERSON.format(identity="0003")).click().run()
    button(app, texts.MEASURE_EFFECT).click().run()
    effect = next(text.value for text in app.markdown if text.value.startswith("Effect of 1 changed"))
    assert "with 36 probes before and 36 after" in effect
    button(app, texts.APPLY_DECISIONS.format(images="1 image")).click().run()
    assert sentences(app) == ""
    assert [change["identity"] for change in read_changes(gallery).values()] == ["0003"]
    assert started[0][:2] == ["gallery", "update"]


def test_only_the_chosen_kinds_and_cameras_are_shown(app, gallery):
    count = progress(app)[1]
    app.multiselect(f"label_cameras_{gallery.id}").select(3).run()
    assert 0 < progress(app)[1] < count
    app.button_group(f"label_kinds_{gallery.id}").set_value([]).run()
    assert texts.NO_SUSPICIOUS_LABELS in [each.value for each in app.caption]


def test_all_decided_is_said_and_the_effect_is_shown(app, gallery):
    for _ in range(progress(app)[1]):
        button(app, texts.DIFFERENT_PERSON).click().run()
    assert any(each.value.startswith("All ") for each in app.success)
    assert any(text.value.startswith("Effect of") for text in app.markdown)


def test_unknown_cameras_are_not_shown(open_labels, models, tmp_path, crops):
    for identity in range(1, 7):
        for shot in range(5):
            file = tmp_path / "images" / f"{identity:04d}" / f"x_{shot}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            draw_person(identity, 1, shot).save(file)
    shutil.move(tmp_path / "images/0003/x_0.png", tmp_path / "images/0005/y_0.png")
    gallery = create_gallery("station", tmp_path / "galleries", models / "second")
    add_folder(gallery, tmp_path / "images", "folder")
    describe_gallery(gallery, "cpu")
    app = open_labels()
    assert crops(app, "pair") and f"label_cameras_{gallery.id}" not in [box.key for box in app.multiselect]
    assert not any("camera" in each["title"] + each["below"] for each in crops(app, "pair"))


def test_a_large_gallery_is_left_to_the_command(app, monkeypatch):
    monkeypatch.setattr("app.data.label_panel.MAX_IMAGES_CHECKED", 10)
    app.run()
    assert any("python -m core labels" in each.value for each in app.info)
