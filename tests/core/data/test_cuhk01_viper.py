"""CUHK01 and VIPeR as distributed, and their splits."""

import shutil

import pytest
from benchmarks import write_cuhk01, write_images, write_viper

from core.data.datasets import read_dataset
from core.data.splits import half_split
from core.errors import UserError


def test_cuhk01(tmp_path):
    dataset = read_dataset(write_cuhk01(tmp_path / "CUHK01"))
    assert (dataset.layout, len(dataset.pool)) == ("cuhk01", 36)
    assert [(r.path.name, r.identity, r.camera) for r in dataset.pool[1:3]] == [
        ("0001002.png", "0001", 1),
        ("0001003.png", "0001", 2),
    ]
    assert "36 images of 9 identities; 3,884 of 971 were published" in dataset.report()
    assert read_dataset(tmp_path / "CUHK01" / "campus").pool == read_dataset(tmp_path).pool == dataset.pool


@pytest.mark.slow
def test_cuhk01_at_its_full_size(tmp_path):
    write_images(tmp_path / "campus", [f"{p:04d}{n:03d}.png" for p in range(1, 972) for n in range(1, 5)])
    dataset = read_dataset(tmp_path)
    assert dataset.notes == []
    split = half_split(dataset, 1)
    assert len({r.identity for r in split.train}) == 485
    assert len({r.identity for r in split.query}) == 486 and len(split.query) == len(split.gallery) == 972


def test_viper_identity_is_the_id_in_the_name(tmp_path):
    dataset = read_dataset(write_viper(tmp_path / "VIPeR"))
    assert (dataset.layout, len(dataset.pool)) == ("viper", 16)
    assert read_dataset(tmp_path).pool == dataset.pool
    assert {r.identity for r in dataset.pool if r.camera == 1} == {r.identity for r in dataset.pool if r.camera == 2}
    shutil.rmtree(tmp_path / "VIPeR" / "cam_b")
    with pytest.raises(UserError, match="no folder cam_b"):
        read_dataset(tmp_path)


def test_half_split_has_disjoint_identities_and_its_number_is_the_seed(tmp_path):
    dataset = read_dataset(write_cuhk01(tmp_path))
    one, again, two = half_split(dataset, 1), half_split(dataset, 1), half_split(dataset, 2)
    assert one.record() == again.record() != two.record()
    assert len(one.record()["test"]) == 5  # one more than half of nine
    assert not {r.identity for r in one.train} & {r.identity for r in one.query}
    assert {r.camera for r in one.query} == {1} and {r.camera for r in one.gallery} == {2}


def test_other_folders_of_numbered_images_are_not_cuhk01(tmp_path):
    write_images(tmp_path / "frames", [f"{number:07d}.png" for number in range(1, 9)])
    assert read_dataset(tmp_path / "frames").layout == "flat folder"
