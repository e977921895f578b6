"""Several data sets as one: identities and cameras never collide, and what was trained on is still known."""

import pytest
from benchmarks import write_viper
from conftest import write_market

from core.data.datasets import read_dataset
from core.data.records import Dataset, Record
from core.errors import UserError
from core.inference.provenance import hash_identities


def test_identities_and_cameras_stay_apart(tmp_path):
    one, two = write_market(tmp_path / "one"), write_market(tmp_path / "two")
    single, both = read_dataset(one), read_dataset(f"{one}++{two}")
    assert (len(both.train), len(both.query), len(both.gallery)) == (48, 24, 24)
    people = {record.identity for record in single.train}
    assert {record.identity for record in both.train} == {f"{name}/{who}" for name in ("one", "two") for who in people}
    assert {record.camera for record in both.train} == {1, 2, 3, 4, 5, 6}
    cameras = {record.camera for record in both.train if record.identity.startswith("two/")}
    assert cameras == {4, 5, 6} and "two: identities are called two/..., and 3 is added to its cameras" in both.notes
    assert (both.name, both.namespace, both.protocols) == ("one+two", "one+two", ("single-query",))
    assert read_dataset(both.source) == both


def test_the_identities_are_those_of_each_data_set(tmp_path):
    one, two = write_market(tmp_path / "one"), write_market(tmp_path / "two")
    both = read_dataset(f"{one}++{two}")
    apart = [hash_identities(dataset, dataset.train) for dataset in map(read_dataset, (one, two))]
    assert hash_identities(both, both.train) == apart[0] | apart[1]


def test_data_without_a_given_split_are_divided(tmp_path):
    market, viper = write_market(tmp_path / "one"), write_viper(tmp_path / "VIPeR")
    both = read_dataset(f"{market}++{viper}")
    trained = {record.identity for record in both.train if record.identity.startswith("viper/")}
    tested = {record.identity for record in both.query if record.identity.startswith("viper/")}
    assert len(trained) == len(tested) == 4 and not trained & tested


def test_two_data_sets_of_one_name_are_refused(tmp_path):
    folders = [write_market(tmp_path / name / "data") for name in "ab"]
    with pytest.raises(UserError, match="Two of the data sets are called data; give one of them another `namespace`"):
        read_dataset("++".join(map(str, folders)))


def test_distractors_and_places_of_combined_data(tmp_path):
    from core.data.combining import combine_datasets

    images = [
        Record(tmp_path / "a", "distractor", 2),
        Record(tmp_path / "b", "7", 1, place=(1, 3)),
        Record(tmp_path / "c"),
    ]
    datasets = [Dataset(tmp_path / name, "rules", gallery=images, own_namespace=name) for name in "xy"]
    second = combine_datasets(datasets).gallery[3:]
    assert [(r.identity, r.camera, r.place) for r in second] == [
        ("distractor", 4, ()),
        ("y/7", 3, (3, 5)),
        ("", 0, ()),
    ]
