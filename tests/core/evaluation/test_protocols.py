"""Protocols: recognised from the data, refused for other data, and kept apart from what a model was trained on."""

import pytest
from benchmarks import write_cuhk01, write_cuhk03_mat, write_viper

from core.data.layout import read_dataset
from core.data.records import Dataset
from core.errors import UserError
from core.evaluation.protocols import PROTOCOLS, choose_protocol, splits_to_score, trained_on


@pytest.fixture(scope="module")
def cuhk03(tmp_path_factory):
    test_sets = [[(1, 1), (2, 1)], [(1, 2), (2, 2)], [(1, 3), (2, 1)], [(1, 1), (2, 2)], [(1, 1), (1, 2)]]
    return read_dataset(write_cuhk03_mat(tmp_path_factory.mktemp("data") / "cuhk-03.mat", test_sets=test_sets))


def test_recognised_from_the_data(market, cuhk03, tmp_path):
    found = {choose_protocol(data).name for data in (read_dataset(market), Dataset(market, "identity folders"))}
    assert found == {"market1501"}
    assert choose_protocol(cuhk03).name == "cuhk03-classic"
    assert choose_protocol(read_dataset(write_cuhk01(tmp_path / "one"))).name == "cuhk01"
    assert choose_protocol(read_dataset(write_viper(tmp_path / "two"))).name == "viper"


def test_chosen_by_name_or_by_training(cuhk03):
    assert choose_protocol(cuhk03, "cuhk03-np").name == "cuhk03-np"
    assert choose_protocol(cuhk03, None, {"protocol": "cuhk03-np"}).name == "cuhk03-np"
    assert choose_protocol(cuhk03, None, {"protocol": "market1501"}).name == "cuhk03-classic"


@pytest.mark.parametrize("name, sentence", [
    ("cuhk3", "There is no protocol 'cuhk3'; choose one of market1501, cuhk03-classic"),
    ("viper", "The protocol viper is for viper, and .* is cuhk03-detected: use cuhk03-classic or")])  # fmt: skip
def test_protocols_of_other_data_are_refused(cuhk03, name, sentence):
    with pytest.raises(UserError, match=sentence):
        choose_protocol(cuhk03, name)


def test_a_flat_folder_has_none(tmp_path):
    with pytest.raises(UserError, match="need to know who is who"):
        choose_protocol(Dataset(tmp_path, "flat folder"))


def test_splits_are_numbered(cuhk03):
    classic = PROTOCOLS["cuhk03-classic"]
    assert classic.divide(cuhk03, 2).origin == "official test set 2"
    for number in (0, 6):
        with pytest.raises(UserError, match="splits 1 to 5"):
            classic.divide(cuhk03, number)


def test_a_trained_model_is_scored_on_its_own_split(cuhk03):
    classic = PROTOCOLS["cuhk03-classic"]

    def numbers(trained, number=None):
        return [split.number for split in splits_to_score(classic, cuhk03, trained, number)]

    assert numbers({}) == numbers({"layout": "market1501", "protocol": "market1501", "split": 1}) == [1, 2, 3, 4, 5]
    assert numbers({"layout": "cuhk03-labeled", "protocol": "cuhk03-classic", "split": 4}) == [4]  # the same people
    assert numbers({"layout": "cuhk03-labeled", "protocol": "cuhk03-classic", "split": 4}, 2) == [2]


def test_test_people_seen_in_training_are_counted(cuhk03):
    classic = PROTOCOLS["cuhk03-classic"]
    trained = {"layout": "cuhk03-detected", "protocol": "cuhk03-classic", "split": 1}
    assert trained_on(classic.divide(cuhk03, 1), cuhk03, trained) == 0
    assert trained_on(classic.divide(cuhk03, 2), cuhk03, trained) == 2
    assert trained_on(classic.divide(cuhk03, 3), cuhk03, trained) == 1  # one person is tested in both
    assert trained_on(classic.divide(cuhk03, 2), cuhk03, trained | {"layout": "cuhk01"}) == 0
    assert trained_on(classic.divide(cuhk03, 2), cuhk03, {}) == 0
