"""Hashes of identities, overlaps, and the file `provenance.json`."""

import json
from dataclasses import replace

import pytest
from benchmarks import write_cuhk03_folder, write_cuhk03_mat, write_viper
from conftest import draw_person, write_market

from core.data.datasets import read_dataset
from core.data.records import Dataset, Record
from core.errors import UserError
from core.inference.overlap import Overlap
from core.inference.provenance import (
    IdentityHash,
    Provenance,
    TrainingRecord,
    combine,
    find,
    hash_identities,
    hash_identity,
    read_provenance,
    write_provenance,
)


def identities(*names: str, content: str = "") -> frozenset[IdentityHash]:
    return frozenset(IdentityHash(name, content and f"{content}-{name}") for name in names)


# --- hashes


def test_identity_is_found_by_name_or_by_content():
    recorded = {IdentityHash("a", "1"), IdentityHash("b", "2"), IdentityHash("c", "")}
    tested = {IdentityHash("a", "9"), IdentityHash("z", "2"), IdentityHash("y", "8"), IdentityHash("x", "")}
    assert find(tested, recorded) == {IdentityHash("a", "9"), IdentityHash("z", "2")}


def test_hashes_do_not_change():
    """Existing records must stay valid."""
    assert hash_identity("cuhk03", "1_001") == "4046051c53fa1ad5"


def test_distractors_and_unlabelled_images_are_not_identities(market):
    path = next((market / "query").iterdir())
    dataset = Dataset(market, "market1501")
    assert hash_identities(dataset, [Record(path, ""), Record(path, "distractor")]) == set()
    assert len(hash_identities(dataset, [Record(path, "0001"), Record(path, "0001", 2), Record(path, "0002")])) == 2


def test_content_hash_does_not_depend_on_order_or_names_of_images(tmp_path):
    folders = [tmp_path / name / person for name, person in (("one", "anna"), ("two", "a"))]
    for folder, names in zip(folders, (("1.png", "2.png", "3.png"), ("z.png", "y.png", "x.png")), strict=True):
        folder.mkdir(parents=True)
        for shot, name in enumerate(names):
            draw_person(1, 1, shot).save(folder / name)
    (one,), (two,) = (
        hash_identities(read_dataset(folder.parent), read_dataset(folder.parent).train) for folder in folders
    )
    assert one.name != two.name and one.content == two.content != ""
    (folders[1] / "x.png").write_bytes(b"changed")
    (folders[1] / "y.png").write_bytes(b"changed, too")
    (folders[1] / "z.png").write_bytes(b"and this")
    (changed,) = hash_identities(read_dataset(folders[1].parent), read_dataset(folders[1].parent).train)
    assert changed.content != one.content


def test_unreadable_images_are_not_in_the_content_hash(tmp_path):
    draw_person(1, 1, 0).save(tmp_path / "present.png")
    present, missing = Record(tmp_path / "present.png", "anna"), Record(tmp_path / "missing.png", "anna")
    dataset = Dataset(tmp_path, "identity folders")
    single = hash_identities(dataset, [present])
    assert hash_identities(dataset, [present, missing]) == hash_identities(dataset, [missing, present]) == single


def test_missing_image_still_has_a_name_hash(tmp_path):
    dataset = Dataset(tmp_path, "identity folders")
    (one,) = hash_identities(dataset, [Record(tmp_path / "missing.png", "anna")])
    assert one.name and one.content == ""


def test_namespace_is_the_data_set_not_the_folder(tmp_path):
    mat = read_dataset(write_cuhk03_mat(tmp_path / "a" / "cuhk-03.mat"))
    folder = read_dataset(write_cuhk03_folder(tmp_path / "b", "labeled"))
    assert mat.namespace == folder.namespace == "cuhk03"  # the same identities with other boxes
    assert read_dataset(write_market(tmp_path / "Market-1501-v15")).namespace == "market1501"
    assert read_dataset(write_market(tmp_path / "mine")).namespace == "mine"
    assert read_dataset(write_viper(tmp_path / "v")).namespace == "viper"


def test_namespace_of_rendered_people_is_the_renderers_settings(tmp_path):
    one, two, three = (write_market(tmp_path / name) for name in ("one", "two", "three"))
    for folder, seed in ((one, 1), (two, 1), (three, 2)):
        (folder / "rendering.json").write_text(json.dumps({"seed": seed, "train": 4}))
    names = [read_dataset(folder).namespace for folder in (one, two, three)]
    assert names[0] == names[1] != names[2]
    (one / "rendering.json").write_text("{")
    assert read_dataset(one).namespace == "one"


# --- overlap


RECORD = TrainingRecord("run", "people", trained=identities("a", "b"), validated=identities("b", "c"), samples=10)


def test_overlap_counts_each_tested_identity_once():
    overlap = Provenance((RECORD,)).overlap(identities("a", "b", "c", "d"))
    assert overlap == Overlap(4, trained=2, validated=1) and overlap.seen == 3
    assert "3 of 4 tested identities are in the training record (2 for training, 1 for validation)" in overlap.sentence
    assert overlap.mark == "3 of 4 tested identities seen in training"
    none = Provenance((RECORD,)).overlap(identities("d"))
    assert (none.seen, none.mark) == (0, "") and none.sentence.startswith("None of the 1 tested")


def test_missing_record_gives_unknown_unless_an_overlap_is_known():
    some = Provenance((RECORD,), ("old",))
    unknown, at_least = some.overlap(identities("d")), some.overlap(identities("a", "d"))
    assert unknown.seen is None and unknown.mark == "training identities unknown"
    assert unknown.sentence == "Unknown: there is no record of the training identities of old."
    assert unknown.to_json()["seen"] == "unknown"
    assert at_least.seen == 1 and at_least.mark == "at least 1 of 2 tested identities seen in training"
    assert "There may be more. There is no record of the training identities of old" in at_least.sentence


def test_default_provenance_is_empty():
    assert TrainingRecord("r", "d") == TrainingRecord("r", "d", None, 1, "", 0, frozenset(), frozenset())
    assert Overlap(3) == Overlap(3, 0, 0, ()) and Provenance().overlap(identities("a")) == Overlap(1)


def test_find_accepts_iterators():
    assert find(iter(identities("a", "b")), iter(identities("b", "c"))) == identities("b")


def test_records_of_a_resumed_run_are_merged():
    merged = RECORD.merge(replace(RECORD, trained=identities("x"), validated=identities("y"), samples=3))
    assert merged == replace(RECORD, trained=identities("a", "b", "x"), validated=identities("b", "c", "y"))


def test_sentence_of_a_record():
    drawn = replace(RECORD, split=3, origin="people drawn with seed 3", samples=1234, validated=identities("c"))
    assert drawn.sentence == (
        "run: people, 2 training identities and 1 validation identities (split 3, people drawn with seed 3; "
        "1,234 samples)"
    )
    assert "(1,234 samples" in replace(drawn, origin="").sentence


def test_overlaps_of_splits_are_added():
    assert Overlap(5, 1, 0, ("x",)) + Overlap(6, 2, 3, ("x", "y")) == Overlap(11, 3, 3, ("x", "y"))


def test_overlap_of_a_result():
    overlap = Overlap(4, 2, 1, ("old",))
    assert Overlap.of_result({"tested_identities": overlap.to_json()}) == overlap
    assert Overlap.of_result({}).seen is None and Overlap.of_result({}).tested == 0  # an older version
    assert Overlap.of_result({"test_people_trained_on": 3}).seen == 3


def test_shared_ancestor_is_counted_once():
    other = replace(RECORD, checkpoint="other", samples=5)
    both = combine([Provenance((RECORD, other), ("x",)), Provenance((other,), ("x", "y"))])
    assert both == Provenance((RECORD, other), ("x", "y")) and both.samples == 15


# --- the file


def test_write_and_read(tmp_path):
    provenance = Provenance((RECORD, replace(RECORD, checkpoint="b", trained=identities("q", content="x"))), ("old",))
    write_provenance(provenance, tmp_path)
    assert read_provenance(tmp_path) == provenance
    assert "anna" not in (tmp_path / "provenance.json").read_text()


@pytest.mark.parametrize("damage", ['{"records": []}', "[]", '{"records": [{"x": 1}], "unknown": []}', "{"])
def test_damaged_file_raises(tmp_path, damage):
    assert read_provenance(tmp_path) is None
    (tmp_path / "provenance.json").write_text(damage)
    with pytest.raises(UserError, match="provenance.json"):
        read_provenance(tmp_path)
