"""The person check, on descriptors with a known direction of people."""

import json
import shutil

import numpy as np
import pytest
from conftest import draw_person, write_market
from PIL import Image

from core.cli import milvus
from core.cli.describing import describe_folder
from core.cli.main import main
from core.errors import UserError
from core.evaluation.calibration import read_calibration
from core.evaluation.person_check import (
    NO_PERSON,
    NO_PERSON_IN_ANY,
    NO_PERSON_IN_SOME,
    PersonCheck,
    describe_flags,
    find_no_person,
    read_person_check,
    write_person_check,
)
from core.inference.model import load


def drawn(count: int, offset: float, seed: int) -> np.ndarray:
    """Draw unit descriptors of 20 numbers; `offset` is the mean of the first before scaling."""
    random = np.random.default_rng(seed)
    descriptors = random.normal(0, 1, (count, 20)) + offset * np.eye(20)[0]
    return descriptors / np.linalg.norm(descriptors, axis=1, keepdims=True)


def fitted(share: float = 0.01) -> PersonCheck:
    return PersonCheck(share).fit(drawn(500, 5, 0), drawn(400, -5, 1), [drawn(1000, 5, 2)])


def test_fit_returns_itself_and_finds_the_direction():
    check = PersonCheck()
    assert check.fit(drawn(500, 5, 0), drawn(400, -5, 1), [drawn(100, 5, 2)]) is check
    assert np.abs(check.weights_).argmax() == 0 and check.weights_[0] > 0


def test_the_threshold_flags_the_share_of_held_out_people():
    for share in (0.01, 0.1):
        assert fitted(share).flags(drawn(1000, 5, 2)).mean() == pytest.approx(share, abs=1e-3)
    check = fitted()
    assert check.flags(drawn(1000, 5, 3)).mean() == pytest.approx(0.01, abs=0.01)
    assert check.flags(drawn(300, -5, 4)).mean() > 0.99


def test_the_share_holds_for_each_data_set():
    """The threshold is that of the set whose scores are lower."""
    high, low = drawn(1000, 5, 2), drawn(1000, 3, 5)
    check = PersonCheck(0.1).fit(drawn(500, 5, 0), drawn(400, -5, 1), [high, low])
    assert check.flags(low).mean() == pytest.approx(0.1, abs=1e-3) and check.flags(high).mean() < 0.1


def test_the_score_is_the_log_odds():
    check = PersonCheck()
    check.weights_, check.intercept_, check.threshold_ = np.array([2.0, -1.0]), 0.5, 1.0
    assert check.decision_function(np.array([[0.6, 0.8], [1, 0]])).tolist() == pytest.approx([0.9, 2.5])
    assert check.flags(np.array([[0.6, 0.8], [1, 0]])).tolist() == [True, False]


def test_flagged_images_are_named():
    assert describe_flags(np.array([False, False])) == ""
    assert describe_flags(np.array([True])) == NO_PERSON
    assert describe_flags(np.array([True, True])) == NO_PERSON_IN_ANY
    assert describe_flags(np.array([True, False, True])) == NO_PERSON_IN_SOME.format(numbers="1, 3")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """A data set with the mark of the renderer, and four uniform crops without a person."""
    root = write_market(tmp_path_factory.mktemp("rendered") / "made")
    (root / "rendering.json").write_text("{}")
    for shade in range(4):
        image = Image.new("RGB", (32, 80), (60 * shade, 90, 200 - 50 * shade))
        image.save(root / "bounding_box_test" / f"0000_c1s1_{shade:06d}_01.png")
    return root


@pytest.fixture
def checked(rendered, checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint, tmp_path / "checked")
    (folder / "card.md").write_text("# x\n\n## Terms\n\nNone at all.\n")
    assert main(["person-check", str(folder), str(rendered)]) == 0
    return folder


def test_command_writes_the_check_and_the_card(checked, rendered):
    _, about = read_person_check(checked)
    assert (about.data, about.empty) == ("made", 2)
    assert about.people == about.held_out_people == 12  # 4 training identities with 6 images each
    assert about.flagged_patterns > 0.5
    card = (checked / "card.md").read_text()
    assert about.sentence in card and card.rstrip().endswith("None at all.")
    assert main(["calibrate", str(checked), str(rendered)]) == 0  # the card keeps both
    card = (checked / "card.md").read_text()
    assert about.sentence in card and read_calibration(checked).sentence in card


@pytest.mark.parametrize("command", ["search", "milvus search"])
def test_search_says_that_there_is_no_person(command, checked, checkpoint, rendered, tmp_path, capsys, monkeypatch):
    grey, person = tmp_path / "grey.png", tmp_path / "person.png"
    Image.new("RGB", (60, 160), (128, 128, 128)).save(grey)
    draw_person(1, 1, 1).save(person)
    of_grey, of_person = load(checkpoint).describe([grey, person])
    check = PersonCheck()
    check.weights_, check.intercept_, check.threshold_ = of_person - of_grey, 0.0, 0.0  # a person scores above 0
    write_person_check(check, read_person_check(checked)[1], checked)
    gallery = describe_folder(load(checkpoint), rendered)
    gallery.save(tmp_path / "gallery")
    # the server only ranks; the command has the probe and the check
    monkeypatch.setattr(milvus, "_remote", lambda options, model: gallery)
    place = [str(tmp_path / "gallery")] if command == "search" else []
    for folder, probe, expected in ((checked, grey, NO_PERSON), (checked, person, ""), (checkpoint, grey, "")):
        file = tmp_path / "ranking.json"
        assert main([*command.split(), str(folder), *place, str(probe), "--json", str(file)]) == 0
        assert (NO_PERSON in capsys.readouterr().out) == bool(expected)
        assert {row.get("warning", "") for row in json.loads(file.read_text())} == {expected}


def test_data_without_the_renderers_mark_raise(market, checkpoint, tmp_path, capsys):
    folder = shutil.copytree(checkpoint, tmp_path / "checked")
    assert main(["person-check", str(folder), str(market)]) == 2
    assert "rendering.json" in capsys.readouterr().err


def test_missing_damaged_and_outdated_checks(checked, checkpoint):
    assert read_person_check(checkpoint) is None and find_no_person(checkpoint, np.zeros((1, 500))) == ""
    file = checked / "calibration" / "person_check.json"
    content = json.loads(file.read_text())
    for changed, description in (
        ({}, "is not a person check"),
        (content | {"weights": "x"}, "is not a person check"),
        (content | {"fingerprint": "other"}, "belongs to other weights"),
    ):
        file.write_text(json.dumps(changed))
        with pytest.raises(UserError, match=description):
            read_person_check(checked)
