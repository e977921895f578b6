"""Rules that are made from an example describe the example and its like, and nothing else."""

import tomllib
from pathlib import Path

import pytest

from core.data.path_patterns import ANY_NAME, name_runs, pattern_from_runs
from core.data.presets import list_presets
from core.data.rule_editing import (
    Marks,
    by_depth,
    can_be_chosen,
    example_paths,
    is_read,
    make_groups,
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
    name = pattern_from_runs(name_runs(KIOSK), [NO_MEANING, "identity", *[NO_MEANING] * 6])
    skipped, chosen = skip_group(0), make_groups([NO_MEANING, "camera"], name)
    assert can_be_chosen(make_rules({"images": [skipped, *chosen]}, Path("x")), paths)
    assert not is_read(make_rules({"images": [skipped, *chosen]}, Path("x")), "a.png")
    by_hand = [{"pattern": group["pattern"].replace("A-Za-z", "a-z")} for group in chosen]
    assert not can_be_chosen(make_rules({"images": [skipped, *by_hand]}, Path("x")), paths)
    assert not can_be_chosen(list_presets()["market1501"], ["query/0002_c1s1_000451_03.jpg"])


def test_joined_parts_have_the_same_mark():
    pattern = pattern_from_runs(name_runs("1_x_2.jpg"), ["identity", *[NO_MEANING] * 3, "identity"])
    rules = make_rules({"images": [{"pattern": pattern}]}, Path("x"))
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
