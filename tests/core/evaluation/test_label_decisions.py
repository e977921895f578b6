"""Decisions about labels: their table, and the identities that follow."""

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import draw_person

from core.data.datasets import read_dataset
from core.data.records import Record
from core.errors import UserError
from core.evaluation.label_decisions import (
    DIFFERENT,
    SAME,
    SKIP,
    Decision,
    add_decisions,
    changed_identities,
    correct_records,
    decide,
    decided_questions,
    read_decisions,
    undo_decision,
    write_label_table,
)

IDENTITIES = {"a1": "001", "a2": "001", "a3": "001", "b1": "002", "b2": "002", "c1": "010", "u": "", "d": "distractor"}


def changed(*decisions):
    return changed_identities(IDENTITIES, [Decision(*one) for one in decisions])


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([("a1", "a2", SAME)], {}),
        ([("a1", "a2", SKIP)], {}),
        ([("a1", "a2", DIFFERENT)], {"a1": ""}),
        ([("a1", "b1", DIFFERENT)], {}),
        ([("a1", "a2", DIFFERENT), ("a1", "b1", SAME)], {"a1": "002"}),
        ([("a1", "b1", SAME), ("a1", "a2", DIFFERENT)], {"a1": "002"}),  # the order does not matter
        ([("b1", "a1", SAME)], {"b1": "001", "b2": "001"}),
        ([("c1", "b1", SAME), ("b1", "a1", SAME)], {"b1": "001", "b2": "001", "c1": "001"}),
        ([("a1", "a2", DIFFERENT), ("a1", "b1", SAME), ("b2", "c1", SAME)], {"a1": "002", "c1": "002"}),
        ([("u", "a1", SAME)], {"u": "001"}),
        ([("a1", "u", SAME)], {"u": "001"}),
        ([("u", "d", DIFFERENT)], {}),
        ([("a1", "a2", DIFFERENT), ("a1", "a2", SAME)], {}),  # the last decision counts
        ([("a1", "a2", DIFFERENT), ("b1", "b2", DIFFERENT), ("a1", "b1", SAME)], {"a1": "", "b1": ""}),
        ([("gone", "a2", DIFFERENT)], {}),
    ],
)
def test_decisions_change_identities(decisions, expected):
    assert changed(*decisions) == expected


def test_decisions_that_were_applied_change_nothing():
    decisions = [
        Decision("a1", "a2", DIFFERENT),
        Decision("a1", "b1", SAME),
        Decision("a3", "a2", DIFFERENT),
        Decision("b1", "c1", SAME),
    ]
    once = IDENTITIES | changed_identities(IDENTITIES, decisions)
    assert (once["a1"], once["a3"], once["c1"]) == ("002", "", "002")
    assert changed_identities(once, decisions) == {}


def test_the_smaller_name_wins():
    assert changed_identities({"x": "10", "y": "9"}, [Decision("x", "y", SAME)]) == {"x": "9"}


def test_questions_that_decisions_answer():
    decisions = [
        Decision("a1", "a2", DIFFERENT),
        Decision("a1", "b1", SAME),  # moves a1 and says nothing about 001 and 002
        Decision("a3", "c1", SKIP),
    ]
    images, pairs = decided_questions(IDENTITIES, decisions)
    assert images == {"a1"}
    assert pairs == {frozenset(("001", "010"))}


def test_each_decision_is_saved_and_the_last_one_is_undone(tmp_path):
    file = tmp_path / "new" / "decisions.csv"
    assert read_decisions(file) == []
    first, second = decide("a, 1", "b", SAME), decide("c", "d", SKIP)
    add_decisions(file, [first])
    add_decisions(file, [second])
    assert read_decisions(file) == [first, second]
    undo_decision(file)
    assert read_decisions(file) == [first]
    undo_decision(file)
    undo_decision(file)
    assert read_decisions(file) == []


def test_an_identity_that_was_chosen_is_undone_together_with_the_own_one(tmp_path):
    own = decide("a1", "a2", DIFFERENT)
    add_decisions(tmp_path / "d.csv", [own, replace(own, other="b1", decision=SAME)])
    undo_decision(tmp_path / "d.csv")
    assert read_decisions(tmp_path / "d.csv") == []


def test_a_filled_in_list_is_a_table_of_decisions(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("score,path,other,decision\n1.2,a1,a2,Different\n1.1,b1,b2,\n0.9,c1,c2, same", encoding="utf-8")
    assert read_decisions(file) == [Decision("a1", "a2", DIFFERENT), Decision("c1", "c2", SAME)]
    add_decisions(file, [Decision("x", "y", SKIP, "now")])
    assert read_decisions(file)[-1] == Decision("x", "y", SKIP, "now")
    undo_decision(file)
    assert len(read_decisions(file)) == 2
    assert "1.1,b1,b2," in file.read_text(encoding="utf-8")


def test_errors_of_a_table_name_the_line(tmp_path):
    file = tmp_path / "d.csv"
    file.write_text("path,other,decision\na,b,same\na,c,maybe\n", encoding="utf-8")
    with pytest.raises(UserError, match="line 3: the decision is 'maybe'"):
        read_decisions(file)
    file.write_text("path,decision\na,same\n", encoding="utf-8")
    with pytest.raises(UserError, match="line 1 has no column other"):
        read_decisions(file)


def test_the_corrected_labels_can_be_read_as_a_table(tmp_path):
    paths = [tmp_path / "query" / "a.jpg", tmp_path / "b.jpg", tmp_path / "c.jpg"]
    records = [Record(paths[0], "001", 2, 12.5), Record(paths[1], "001", 0), Record(paths[2], "002", 3)]
    corrected = correct_records(records, {"query/a.jpg": "002", "b.jpg": ""}, tmp_path)
    write_label_table(tmp_path / "labels.csv", tmp_path, {"query": corrected[:1], "gallery": corrected[1:]})
    assert (tmp_path / "labels.csv").read_text(encoding="utf-8").splitlines() == [
        "path,identity,camera,time,split",
        "query/a.jpg,002,2,12.5,query",
        "b.jpg,,,,gallery",
        "c.jpg,002,3,,gallery",
    ]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = read_dataset(tmp_path, tmp_path / "labels.csv")
    assert found.query == corrected[:1] and found.gallery == corrected[1:]


def test_the_corrected_labels_of_boxes_can_be_read_as_a_table(tmp_path):
    draw_person(1, 1, 0).save(tmp_path / "frame.png")
    draw_person(2, 1, 0).save(tmp_path / "whole.png")
    (tmp_path / "labels.csv").write_text(
        "path,box,identity,camera\nframe.png,0 0 20 60,ann,1\nframe.png,20 0 40 60,bob,2\nwhole.png,,ann,2\n"
    )
    before = read_dataset(tmp_path, tmp_path / "labels.csv")
    write_label_table(tmp_path / "corrected.csv", tmp_path, {"": before.train})
    assert read_dataset(tmp_path, tmp_path / "corrected.csv").train == before.train


def test_an_image_outside_the_folder_has_its_whole_path(tmp_path):
    elsewhere = tmp_path / "other" / "a.jpg"
    assert correct_records([Record(elsewhere, "1")], {elsewhere.as_posix(): "2"}, Path("/data"))[0].identity == "2"
