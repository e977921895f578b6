"""Protocols: the choice of a protocol and of splits."""

import pytest
from benchmarks import write_cuhk01, write_cuhk03_mat, write_viper

from core.data.datasets import read_dataset
from core.data.records import Dataset
from core.errors import UserError
from core.evaluation.protocols import PROTOCOLS, choose_protocol, names_data, splits_to_score
from core.inference.provenance import Provenance, TrainingRecord, hash_identities


@pytest.fixture(scope="module")
def cuhk03(tmp_path_factory):
    test_sets = [[(1, 1), (2, 1)], [(1, 2), (2, 2)], [(1, 3), (2, 1)], [(1, 1), (2, 2)], [(1, 1), (1, 2)]]
    return read_dataset(write_cuhk03_mat(tmp_path_factory.mktemp("data") / "cuhk-03.mat", test_sets=test_sets))


def test_default_protocol_of_a_data_set(market, cuhk03, tmp_path):
    assert choose_protocol(read_dataset(market)).name == "market1501"
    assert choose_protocol(Dataset(market, "identity folders")).name == "identity-folders"
    assert choose_protocol(cuhk03).name == "cuhk03-classic"
    assert choose_protocol(read_dataset(write_cuhk01(tmp_path / "one"))).name == "cuhk01"
    assert choose_protocol(read_dataset(write_viper(tmp_path / "two"))).name == "viper"


def test_protocol_by_name_or_by_training(cuhk03):
    assert choose_protocol(cuhk03, "cuhk03-np").name == "cuhk03-np"
    assert choose_protocol(cuhk03, None, {"protocol": "cuhk03-np"}).name == "cuhk03-np"
    assert choose_protocol(cuhk03, None, {"protocol": "market1501"}).name == "cuhk03-classic"


def test_all_identities_is_chosen_only_by_name(market):
    folders = Dataset(market, "identity folders")
    assert choose_protocol(folders, None, {"protocol": "all-identities"}).name == "identity-folders"
    assert choose_protocol(folders, "all-identities").name == "all-identities"
    assert choose_protocol(folders, "market1501").name == "all-identities"  # the name in older versions


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("cuhk3", "There is no protocol 'cuhk3'; choose one of market1501, cuhk03-classic"),
        ("viper", "The protocol viper is for viper, but .* is cuhk03-detected. Use cuhk03-classic or"),
    ],
)
def test_unknown_and_other_protocols_raise(cuhk03, name, sentence):
    with pytest.raises(UserError, match=sentence):
        choose_protocol(cuhk03, name)


def test_flat_folder_has_no_protocol(tmp_path):
    with pytest.raises(UserError, match="without identities"):
        choose_protocol(Dataset(tmp_path, "flat folder"))


def test_split_numbers(cuhk03):
    classic = PROTOCOLS["cuhk03-classic"]
    assert classic.divide(cuhk03, 2).origin == "official test set 2"
    for number in (0, 6):
        with pytest.raises(UserError, match="splits 1 to 5"):
            classic.divide(cuhk03, number)


def test_model_is_tested_on_the_split_of_its_training(cuhk03):
    classic = PROTOCOLS["cuhk03-classic"]

    def numbers(trained, number=None):
        return [split.number for split in splits_to_score(classic, cuhk03, trained, number)]

    assert numbers({}) == numbers({"layout": "market1501", "protocol": "market1501", "split": 1}) == [1, 2, 3, 4, 5]
    own = {"layout": "cuhk03-labeled", "protocol": "cuhk03-classic", "split": 4, "origin": "official test set 4"}
    assert numbers(own) == [4]  # the same identities in other boxes
    assert numbers(own, 2) == [2]
    assert numbers(own | {"origin": "test people drawn with seed 4"}) == [1, 2, 3, 4, 5]  # not the same identities
    assert numbers({name: value for name, value in own.items() if name != "origin"}) == [1, 2, 3, 4, 5]


def test_split_with_trained_identities_is_not_chosen(cuhk03):
    """This happens after a training on another split, or from a checkpoint of another split."""
    classic = PROTOCOLS["cuhk03-classic"]
    own = {"layout": "cuhk03-detected", "protocol": "cuhk03-classic", "split": 1, "origin": "official test set 1"}
    for number, chosen in ((1, [1]), (2, [1, 2, 3, 4, 5])):
        trained = hash_identities(cuhk03, classic.divide(cuhk03, number).train)
        record = TrainingRecord("r", "d", trained=frozenset(trained))
        splits = splits_to_score(classic, cuhk03, own, None, Provenance((record,)))
        assert [split.number for split in splits] == chosen


def test_names_data(market, tmp_path):
    dataset = read_dataset(market)
    assert names_data({"name": dataset.name, "layout": "market1501"}, dataset)
    assert names_data({"name": "a, b", "joined": [{"name": "a"}, {"name": dataset.name}]}, dataset)
    assert not names_data({"name": "other", "layout": "market1501"}, dataset)
    viper = read_dataset(write_viper(tmp_path / "VIPeR"))
    assert names_data({"name": "a copy", "layout": "viper"}, viper) and not names_data({}, viper)
