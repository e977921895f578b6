"""Splits of small data sets that can be checked by hand."""

from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks import write_new_protocol

from core.data.cuhk03 import all_pairs_split, classic_split, new_protocol_split, pair_1_split
from core.data.records import DISTRACTOR, Dataset, Record
from core.data.splits import (
    Split,
    find_identities_of_several_cameras,
    given_split,
    half_split,
    held_out_split,
    hold_out,
    select_identities,
)
from core.errors import UserError
from core.evaluation.evaluators import evaluate_single_query, evaluate_single_shot
from core.evaluation.protocols import PROTOCOLS, choose_protocol, fitting_protocols, splits_to_score


def record(name):
    """Make records: `a1` is an image of identity a from camera 1. The rest of a name distinguishes images."""
    return Record(Path(name), name[0], int(name[1]))


def records(names):
    return [record(name) for name in names.split()]


def names(found):
    return " ".join(str(one.path) for one in found)


def identities(found):
    return {one.identity for one in found}


def test_given_split_has_the_lists_of_the_data():
    lists = {part: records(found) for part, found in {"train": "a1 a2", "query": "b1", "gallery": "b2 c1"}.items()}
    split = given_split(Dataset(Path("/data"), "market1501", **lists), 7)
    assert (split.number, split.origin, split.validation) == (1, "as distributed", [])
    assert {part: getattr(split, part) for part in lists} == lists


def test_record_of_a_split_has_validation_and_test_identities():
    """Test identities are those of the probes and of the gallery, each once, sorted."""
    split = Split(
        3, "by hand", train=records("z1"), validation=records("d2 c1 d1"), query=records("b1"), gallery=records("b2 a2")
    )
    assert split.record() == {"split": 3, "origin": "by hand", "validation": ["c", "d"], "test": ["a", "b"]}


UNLABELLED = [Record(Path("u1"), "", 1), Record(Path("u2"), "", 2)]
DISTRACTORS = [Record(Path("x1"), DISTRACTOR, 1), Record(Path("x2"), DISTRACTOR, 2)]


def test_images_without_an_identity_are_not_used_for_training():
    dataset = Dataset(Path("/data"), "table", train=[*records("a1"), *UNLABELLED], validation=DISTRACTORS)
    split = given_split(dataset)
    assert (split.train, split.validation) == (records("a1"), [])
    assert "4 images have no identity; training does not use them" in dataset.findings()


def test_unlabelled_images_and_distractors_are_never_drawn_as_a_person():
    people = [record(f"{person}{camera}") for person in "abcd" for camera in (1, 2)]
    images = [*UNLABELLED, *DISTRACTORS, *people]
    for number in range(1, 9):
        undivided = Dataset(Path("/data"), "table", images, people[::2], [*UNLABELLED, *DISTRACTORS, *people[1::2]])
        split = held_out_split(undivided, number)
        assert len(identities(split.train)) == 2 == len(identities(split.query))
        assert not identities(split.train) & {"", DISTRACTOR} and identities(split.gallery) >= {DISTRACTOR}
        assert [one for one in split.gallery if one.identity not in identities(split.query)] == DISTRACTORS
        halved = half_split(Dataset(Path("/data"), "table", pool=images), number)
        assert len(identities(halved.train)) == 2 == len(identities(halved.query))
        assert [one for one in halved.gallery if one.identity not in identities(halved.query)] == DISTRACTORS[1:]
    train, held = hold_out([*people, *records("e1")], 5, 0)
    assert len(identities(held)) == 1 and len(identities(train)) == 4


@pytest.mark.parametrize("camera, name", [(3, "camera 3"), (0, "an unknown camera")])
def test_half_split_needs_two_cameras(camera, name):
    pool = [*records("a1 a2 b1 b2"), Record(Path("c"), "c", camera)]
    half_split(Dataset(Path("/data"), "table", pool=[*pool[:-1], Record(Path("u"), "", camera)]), 1)  # it is not used
    with pytest.raises(UserError, match=f"has images of {name}, but this protocol needs images of the cameras 1 and 2"):
        half_split(Dataset(Path("/data"), "table", pool=pool), 1)


@pytest.mark.parametrize("people, trained", [("abcd", 2), ("abcde", 2), ("abcdef", 3)])
def test_held_out_split_tests_half_of_the_identities(people, trained):
    all_records = [record(f"{person}{camera}") for person in people for camera in (1, 2)]
    dataset = Dataset(Path("/data"), "identity folders", all_records, all_records[::2], all_records[1::2])
    split = held_out_split(dataset, 4)
    train, test = identities(split.train), identities(split.query)
    assert len(train) == trained and train | test == set(people) and not train & test
    assert split.train == [one for one in all_records if one.identity in train]
    assert split.query == [one for one in all_records[::2] if one.identity in test]
    assert split.gallery == [one for one in all_records[1::2] if one.identity in test]
    assert (split.number, split.origin, split.validation) == (4, "identities drawn with seed 4", [])
    assert split.tested == split.query + split.gallery
    assert len({tuple(sorted(identities(held_out_split(dataset, seed).train))) for seed in range(1, 9)}) > 1


def test_held_out_split_of_three_identities_raises():
    with pytest.raises(UserError, match="has 3 identities; at least 4 are needed"):
        held_out_split(Dataset(Path("/data"), "identity folders", records("a1 b1 c1 c2")), 1)


@pytest.mark.parametrize("people, trained", [("abcd", 2), ("abcde", 2), ("a", 0)])
def test_half_split_uses_each_identity_once_and_tests_one_more_of_an_odd_number(people, trained):
    pool = [record(f"{person}{camera}") for person in people for camera in (1, 2, 2)]
    split = half_split(Dataset(Path("/data"), "viper", pool=pool), 4)
    train, test = identities(split.train), identities(split.query)
    assert len(train) == trained and train | test == set(people) and not train & test
    assert split.train == [one for one in pool if one.identity in train]  # of both cameras, in the order of the pool
    assert split.query == [one for one in pool if one.identity in test and one.camera == 1]
    assert split.gallery == [one for one in pool if one.identity in test and one.camera == 2]
    assert (split.number, split.origin, split.validation) == (4, "people drawn with seed 4", [])


def test_half_split_does_not_depend_on_the_order_of_the_pool():
    pool = [record(f"{person}{camera}") for person in "abcdefgh" for camera in (1, 2)]
    one, again = (half_split(Dataset(Path("/data"), "viper", pool=found), 1) for found in (pool, pool[::-1]))
    assert one.record() == again.record()
    assert (
        len({tuple(half_split(Dataset(Path("/data"), "viper", pool=pool), n).record()["test"]) for n in range(9)}) > 3
    )


@pytest.mark.parametrize("people, wanted, held", [(4, 9, 0), (5, 9, 1), (9, 9, 1), (10, 9, 2), (10, 1, 1), (10, 0, 0)])
def test_hold_out_takes_at_most_a_fifth_of_the_identities(people, wanted, held):
    found = [record(f"{person}{camera}") for camera in (1, 2) for person in "abcdefghij"[:people]]
    training, validation = hold_out(found, wanted, seed=3)
    assert len(identities(validation)) == held and not identities(training) & identities(validation)
    assert training == [one for one in found if one.identity not in identities(validation)]
    assert validation == [one for one in found if one.identity in identities(validation)]


def test_hold_out_does_not_depend_on_the_order_of_the_records():
    found = [record(f"{person}1") for person in "abcdefghijklmnopqrst"]
    assert identities(hold_out(found, 3, 0)[1]) == identities(hold_out(found[::-1], 3, 0)[1])
    assert len({names(hold_out(found, 3, seed)[1]) for seed in range(9)}) > 3


def test_of_people_keeps_the_order_of_the_records():
    assert names(select_identities(iter(records("b1 a1 c1 b2 a2")), ["c", "b", "b"])) == "b1 c1 b2"


def test_both_cameras_lists_identities_of_more_than_one_camera():
    """b: two images of one camera; c: of two cameras; a: of three."""
    assert find_identities_of_several_cameras(records("c2 b1 a1 c1 b1_again a2 a3 d4")) == ["a", "c"]


def test_protocols_split_and_score_as_published():
    """Check the number of splits, and whether all images of an identity are ranked or one drawn from each camera."""
    published = {
        "market1501": (1, evaluate_single_query),
        "cuhk03-np": (1, evaluate_single_query),
        "cuhk03-classic": (5, evaluate_single_shot),
        "cuhk03-classic-all-pairs": (5, evaluate_single_shot),
        "cuhk01": (5, evaluate_single_shot),
        "viper": (10, evaluate_single_shot),
    }
    assert {name: (PROTOCOLS[name].splits, PROTOCOLS[name].score) for name in published} == published


def test_protocol_uses_its_first_split_by_default():
    dataset = Dataset(Path("/data"), "viper", pool=records("a1 a2 b1 b2"))
    assert PROTOCOLS["viper"].divide(dataset) == half_split(dataset, 1)
    assert PROTOCOLS["viper"].divide(dataset, 10).number == 10
    with pytest.raises(UserError, match="splits 1 to 10, not 11"):
        PROTOCOLS["viper"].divide(dataset, 11)


def cuhk03(people, test_sets=()):
    """Make identities of each camera pair, each with one image from each view."""
    pool = [
        Record(Path(f"{pair}_{person:03d}_{view}"), f"{pair}_{person:03d}", 2 * pair - 2 + view)
        for pair, count in enumerate(people, start=1)
        for person in range(1, count + 1)
        for view in (1, 2)
    ]
    return Dataset(Path("/data"), "cuhk03-labeled", pool=pool, test_sets=list(test_sets))


def test_official_test_identities_leave_a_third_of_the_first_three_pairs_for_validation():
    """Of 12 identities 2 are for the test and 4 for validation. Pairs 4 and 5 are for training only."""
    dataset = cuhk03((4, 4, 4, 2, 1), [["1_001", "3_002"], ["2_001", "2_002"]])
    for number, tested in ((1, {"1_001", "3_002"}), (2, {"2_001", "2_002"})):
        three, five = classic_split(dataset, number), all_pairs_split(dataset, number)
        assert (three.number, three.origin) == (number, f"official test set {number}")
        assert identities(three.query) == identities(three.gallery) == tested
        assert {one.camera % 2 for one in three.query} == {1} and {one.camera % 2 for one in three.gallery} == {0}
        validated = identities(three.validation)
        assert len(validated) == 4 and not validated & tested
        assert identities(three.train) == identities(cuhk03((4, 4, 4)).pool) - tested - validated
        assert identities(five.train) - identities(three.train) == {"4_001", "4_002", "5_001"}
        assert (five.query, five.gallery, five.validation) == (three.query, three.gallery, three.validation)
        assert len(three.train) == 2 * 6 and len(three.validation) == 2 * 4  # all images of each
    with pytest.raises(UserError, match="no split 3: .* has 2 test sets"):
        classic_split(dataset, 3)


def test_identities_of_one_camera_are_for_training_only():
    dataset = cuhk03((3, 3, 3), [["1_001"]])
    pool = [one for one in dataset.pool if one.identity != "2_002" or one.camera == 3]
    for number in range(1, 9):
        split = classic_split(replace(dataset, pool=pool, test_sets=[["1_001"]] * number), number)
        assert "2_002" in identities(split.train) and len(identities(split.validation)) == 2  # a third of 8


def test_drawn_test_identities_need_300_identities():
    """Pairs 4 and 5 do not count. 300 identities give 100 each for test, validation and training."""
    split = classic_split(cuhk03((100, 100, 100, 5)), 2)
    parts = [identities(part) for part in (split.train, split.validation, split.query)]
    assert [len(part) for part in parts] == [100, 100, 100] and len(set.union(*parts)) == 300
    assert (split.number, split.origin) == (2, "test people drawn with seed 2")
    assert identities(classic_split(cuhk03((100, 100, 100)), 1).query) != parts[2]
    with pytest.raises(UserError, match="This data set has 299 of camera pairs 1 to 3"):
        classic_split(cuhk03((100, 100, 99, 5)), 2)


def test_pair_1_alone_is_divided_by_a_protocol_of_its_own():
    """Official test sets are not used, and other pairs do not change the split."""
    dataset = cuhk03((301, 2, 2, 2), [["2_001"]])
    split = pair_1_split(dataset, 2)
    parts = [identities(part) for part in (split.train, split.validation, split.query)]
    assert [len(part) for part in parts] == [101, 100, 100] and len(set.union(*parts)) == 301
    assert (split.number, split.origin) == (2, "test people of pair 1 drawn with seed 2")
    assert {one.camera for one in split.query} == {1} and {one.camera for one in split.gallery} == {2}
    assert identities(split.gallery) == parts[2] != identities(pair_1_split(dataset, 1).query)
    assert pair_1_split(cuhk03((301,)), 2) == split
    with pytest.raises(UserError, match="This data set has 299 of camera pair 1"):
        pair_1_split(cuhk03((299, 100)), 1)


def test_the_classic_protocol_needs_three_pairs():
    """Otherwise its 1,160 training identities would be 643 without a word."""
    with pytest.raises(UserError, match="pair 1 only. Use the protocol cuhk03-pair1"):
        classic_split(cuhk03((301,)), 1)
    assert [protocol.name for protocol in fitting_protocols(cuhk03((301,)))] == ["cuhk03-pair1", "cuhk03-np"]
    assert fitting_protocols(cuhk03((301, 1)))[0].name == "cuhk03-classic"
    with pytest.raises(UserError, match="pair 1 only"):
        choose_protocol(cuhk03((301,)), "cuhk03-classic").divide(cuhk03((301,)), 1)


def test_official_test_identities_of_other_pairs_raise():
    for wrong, named in ((["4_001"], "4_001"), (["4_001", "3_009"], "3_009")):
        with pytest.raises(UserError, match=f"have not seen, e.g. {named}"):
            classic_split(cuhk03((2, 2, 2, 2), [["1_001", *wrong]]), 1)


def test_new_protocol_reads_the_lists_of_its_boxes_in_the_folder_or_above(tmp_path):
    stems = ["1_001_1_01", "1_001_2_06", "1_002_1_01", "1_002_2_06"]
    root = tmp_path / "images"
    root.mkdir()
    pool = [Record(root / f"{stem}.png", stem[:5], int(stem[6])) for stem in stems]
    dataset = Dataset(root, "cuhk03-labeled", pool=pool)
    write_new_protocol(tmp_path, "detected", stems, train=[0], query=[1], gallery=[2])
    with pytest.raises(UserError, match="needs the file cuhk03_new_protocol_config_labeled.mat"):
        new_protocol_split(dataset)
    for folder, train, query, gallery in (
        (tmp_path, [1, 0], [2], [3]),
        (root, [0], [3], [2]),
    ):  # the second has priority
        write_new_protocol(folder, "labeled", stems, train=train, query=query, gallery=gallery)
        split = new_protocol_split(dataset, 1)
        assert (split.number, split.origin) == (1, "lists of cuhk03_new_protocol_config_labeled.mat")
        positions = [[pool.index(one) for one in part] for part in (split.train, split.query, split.gallery)]
        assert positions == [train, query, gallery] and split.validation == []
    with pytest.raises(UserError, match="names 3 images that the labeled boxes do not have, e.g. 1_001_1_01"):
        new_protocol_split(replace(dataset, pool=pool[1:2]))


def test_model_of_another_protocol_of_the_same_data_is_scored_on_all_splits():
    people = ["1_001", "1_002", "2_001", "2_002", "3_001"]
    dataset = cuhk03((3, 3, 3), [[person] for person in people])
    trained = {"layout": "cuhk03-labeled", "protocol": "cuhk03-np", "split": 1}
    splits = splits_to_score(PROTOCOLS["cuhk03-classic"], dataset, trained, None)
    assert [split.number for split in splits] == [1, 2, 3, 4, 5]
    assert [identities(split.query) for split in splits] == [{person} for person in people]
