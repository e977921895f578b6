"""Rules that are made from an example describe the example and its like, and nothing else."""

import re
import tomllib
from pathlib import Path

import pytest

from core.data.presets import list_presets
from core.data.rule_editing import (
    ANY_NAME,
    Marks,
    by_depth,
    can_be_chosen,
    example_paths,
    is_read,
    make_groups,
    make_pattern,
    name_runs,
    pattern_from_runs,
    read_marks,
    read_names,
    read_places,
    rules_content,
    skip_group,
    unknown_splits,
)
from core.data.rule_files import make_rules, write_rules
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


def test_folders_whose_names_are_no_split_get_one():
    paths = ["learn set/1/a.jpg", "final/2/a.jpg"]
    assert (
        unknown_splits(paths, 0) == ["final", "learn set"]
        and unknown_splits(["train/1/a.jpg", "query/2/a.jpg"], 0) == []
    )
    made = make_groups(["split", "identity"], ANY_NAME, {"learn set": "train", "final": "test"})
    rules = make_rules({"images": made}, Path("x"))
    assert [group.split for group in rules.images if group.pattern.fullmatch(paths[0])] == ["train"]
    assert [group.split for group in rules.images if group.pattern.fullmatch(paths[1])] == ["test"]
    with pytest.raises(UserError, match="20 names"):
        unknown_splits([f"{number}/a.jpg" for number in range(20)], 0)


def test_paths_are_grouped_by_their_folder_levels():
    assert by_depth(["a.jpg", "b/c/a.jpg", "b.jpg"]) == {0: ["a.jpg", "b.jpg"], 2: ["b/c/a.jpg"]}


def test_the_marks_of_a_pattern_are_those_it_was_made_from():
    path = f"shots/kiosk-03/{KIOSK}"
    levels, meanings = [NO_MEANING, "camera"], [NO_MEANING] * 8
    meanings[1] = "identity"
    content = {"images": make_groups(levels, pattern_from_runs(name_runs(KIOSK), meanings))}
    assert read_marks(make_rules(content, Path("x")), path) == Marks(tuple(levels), tuple(meanings))
    assert read_marks(make_rules(content, Path("x")), "a.jpg") == Marks((), (NO_MEANING,))
    assert read_marks(None, path).levels == (NO_MEANING, NO_MEANING)


def test_examples_begin_with_the_most_common_structure():
    paths = ["x/overview.png", "x/p1_a.png", "x/p2_b.png", "x/p3_c-d.png", "x/p4_e.png"]
    assert example_paths(paths, 4) == ["x/p1_a.png", "x/overview.png", "x/p3_c-d.png", "x/p2_b.png"]
    assert example_paths([], 4) == []


def test_rules_can_be_chosen_if_marks_of_an_example_make_them():
    paths = ["a.png", f"shots/a/{KIOSK}", "shots/b/p7__cam-c__1.png", "shots/a/overview.png"]
    name = pattern_of(KIOSK, _0042="identity")
    skipped, chosen = skip_group(0), make_groups([NO_MEANING, "camera"], name)
    assert can_be_chosen(make_rules({"images": [skipped, *chosen]}, Path("x")), paths)
    assert not is_read(make_rules({"images": [skipped, *chosen]}, Path("x")), "a.png")
    by_hand = [{"pattern": group["pattern"].replace("A-Za-z", "a-z")} for group in chosen]
    assert not can_be_chosen(make_rules({"images": [skipped, *by_hand]}, Path("x")), paths)
    assert not can_be_chosen(list_presets()["market1501"], ["query/0002_c1s1_000451_03.jpg"])


def test_joined_parts_have_the_same_mark():
    rules = make_rules({"images": [{"pattern": pattern_of("1_x_2.jpg", _1="identity", _2="identity")}]}, Path("x"))
    assert read_marks(rules, "1_x_2.jpg").runs == ("identity", *[NO_MEANING] * 3, "identity")


def test_the_content_of_each_preset_makes_the_same_rules():
    for rules in list_presets().values():
        again = make_rules(rules_content(rules), rules.file)
        assert again.images == rules.images and again.layout == rules.layout and again.original == rules.original


def test_texts_of_options_are_read():
    assert read_names(" -1, 0000 ,x") == ["-1", "0000", "x"] and read_names("  ") == []
    assert read_places("1 4, 2 5 6") == [[1, 4], [2, 5, 6]] and read_places("") == []
    for text in ("1", "a b", "1 4, 2"):
        with pytest.raises(UserError, match="is not a place"):
            read_places(text)


@pytest.mark.parametrize("pattern", [r"(?P<identity>\d+)_\w\.png", r"(?P<identity>\d+)'\.png", "(?P<identity>\\d)\x07"])
def test_patterns_are_written_without_doubled_backslashes(pattern, tmp_path):
    content = {"name": "x", "images": [{"split": "train", "pattern": pattern}]}
    write_rules(content, tmp_path / "rules.toml")
    assert tomllib.loads((tmp_path / "rules.toml").read_text()) == content
    assert ("\\\\d" in (tmp_path / "rules.toml").read_text()) == ("'" in pattern or "\x07" in pattern)
