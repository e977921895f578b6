"""Patterns that are made from an example fit the example and its like, and nothing else."""

import re

import pytest

from core.data.path_patterns import ANY_NAME, make_pattern, name_runs, pattern_from_runs
from core.data.rules import NO_MEANING
from core.errors import UserError

KIOSK = "p0042__cam-b__000123.png"


def pattern_of(name: str, **marked: str) -> str:
    """Return the pattern of a name. `marked` gives meanings by the texts of runs, after an underscore."""
    runs = name_runs(name)
    return pattern_from_runs(runs, [marked.get(f"_{run.text}", NO_MEANING) for run in runs])


def groups(pattern: str, name: str) -> dict[str, str] | None:
    match = re.fullmatch(pattern, name)
    return match and match.groupdict()


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        (KIOSK, ["p", "0042", "__", "cam", "-", "b", "__", "000123"]),
        ("-1_c1s1.jpg", ["-1", "_", "c", "1", "s", "1"]),
        ("7-2.jpg.jpg", ["7", "-", "2", ".", "jpg"]),
        ("人物3 (1).png", ["人物", "3", " (", "1", ")"]),
        ("__a__.jpg", ["__", "a", "__"]),
        ("5.png", ["5"]),
    ],
)
def test_a_name_is_divided_into_digits_letters_and_separators(name, runs):
    assert [run.text for run in name_runs(name)] == runs


def test_digits_and_letters_become_classes_and_separators_stay():
    pattern = pattern_of(KIOSK, _0042="identity", _b="camera")
    assert pattern == r"[A-Za-z]+(?P<identity>\d+)__[A-Za-z]+-(?P<camera>[A-Za-z]+)__\d+(?:\.\w+)+"
    assert groups(pattern, KIOSK) == {"identity": "0042", "camera": "b"}
    assert groups(pattern, "q7__kamera-c__1.JPG") == {"identity": "7", "camera": "c"}
    assert groups(pattern, "p0042_cam-b__000123.png") is None


def test_neighbours_of_one_meaning_are_one_part():
    pattern = pattern_of("2026-03-01_p7.jpg", _2026="time", _03="time", _01="time", _p="identity", _7="identity")
    assert groups(pattern, "2026-03-01_p7.jpg") == {"time": "2026-03-01", "identity": "p7"}


def test_an_identity_in_two_places_is_joined():
    pattern = pattern_of("P1_x_007.jpg", _1="identity", _007="identity")
    assert groups(pattern, "P1_x_007.jpg") == {"identity_1": "1", "identity_2": "007"}


def test_a_camera_in_two_places_is_an_error():
    with pytest.raises(UserError, match="Two parts of the file name are called camera"):
        pattern_of("1_x_2.jpg", _1="camera", _2="camera")


def test_no_meaning_fits_all_names():
    assert pattern_of(KIOSK) == ANY_NAME


def test_runs_without_separators_between_them_may_change_their_order():
    pattern = pattern_of("0001_c2_a3f9.jpg", _0001="identity", _2="camera")
    for name in ("0001_c2_a3f9.jpg", "0001_c2_99.jpg", "0001_c2_9f.jpg"):
        assert groups(pattern, name) == {"identity": "0001", "camera": "2"}


def test_a_marked_part_ends_where_the_example_shows_it():
    """A part of the camera's digits must not be read as the text after them."""
    pattern = pattern_of("7_c12s1.jpg", _7="identity", _12="camera")
    assert groups(pattern, "7_c12s1.jpg") == {"identity": "7", "camera": "12"}
    assert groups(pattern, "7_c123.jpg") is None
    before = pattern_of("a3f12_x.jpg", _12="identity")
    assert groups(before, "a3f12_x.jpg") == {"identity": "12"} and groups(before, "9312_x.jpg") is None


def test_folder_levels_are_before_the_name():
    name = pattern_of(KIOSK, _0042="identity")
    pattern = make_pattern([NO_MEANING, "camera"], name)
    assert groups(pattern, f"shots/kiosk-03/{KIOSK}") == {"camera": "kiosk-03", "identity": "0042"}
    assert groups(pattern, f"shots/{KIOSK}") is None


@pytest.mark.parametrize("levels", [["identity", "identity"], ["identity", NO_MEANING]])
def test_a_meaning_in_two_places_of_the_path_is_an_error(levels):
    with pytest.raises(UserError, match="Two parts of the path are called identity"):
        make_pattern(levels, pattern_of(KIOSK, _0042="identity"))
