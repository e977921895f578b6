"""Each preset reads the names of its data set, and no other preset does."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from benchmarks import write_cuhk01, write_images, write_viper

from core.data.datasets import UnknownLayout, read_dataset
from core.data.presets import FOLDER, list_presets
from core.data.records import DISTRACTOR
from core.data.splits import half_split
from core.errors import UserError

# layout: file -> part, identity, camera
LAYOUTS = {
    "market1501": {
        "bounding_box_train/0002_c1s1_000451_03.jpg": ("train", "0002", 1),
        "bounding_box_train/0000_c2s1_000451_03.jpg": ("train", "0000", 2),
        "query/0003_c1s1_000451_00.jpg": ("query", "0003", 1),
        "query/1488_C2S1_000451_00.JPG": ("query", "1488", 2),
        "bounding_box_test/0003_c3s2_000777_01.jpg.jpg": ("gallery", "0003", 3),
        "bounding_box_test/0000_c3s2_000777_01.jpg": ("gallery", DISTRACTOR, 3),
        "bounding_box_test/-1_c3s2_000777_01.jpg": None,
        "gt_bbox/0003_c3s2_000777_01.jpg": None,
    },
    "market1501-folders": {
        "pytorch/train/0002/0002_c1s1_000451_03.jpg": ("train", "0002", 1),
        "pytorch/val/0002/0002_c2s1_000451_03.jpg": ("train", "0002", 2),
        "pytorch/train_all/0002/0002_c1s1_000451_03.jpg": None,
        "pytorch/query/0003/0003_c1s1_000451_00.jpg": ("query", "0003", 1),
        "pytorch/gallery/0003/0003_c2s1_000451_01.jpg": ("gallery", "0003", 2),
        "pytorch/gallery/-1/-1_c2s1_000451_01.jpg": None,
        "pytorch/gallery/0000/0000_c2s1_000451_01.jpg": ("gallery", DISTRACTOR, 2),
    },
    "veri776": {
        "image_train/0001_c001_00016450_0.jpg": ("train", "0001", 1),
        "image_query/0002_c002_00030600_0.jpg": ("query", "0002", 2),
        "image_test/0002_c020_00030605_0.jpg": ("gallery", "0002", 20),
    },
    "prid2011": {
        "prid_2011/single_shot/cam_a/person_0001.png": ("query", "0001", 1),
        "prid_2011/single_shot/cam_a/person_0201.png": None,
        "prid_2011/single_shot/cam_b/person_0001.png": ("gallery", "0001", 2),
        "prid_2011/single_shot/cam_b/person_0749.png": ("gallery", "0749", 2),
    },
    "viper": {"VIPeR/cam_a/000_0.bmp": ("pool", "000", 1), "VIPeR/cam_b/000_45.bmp": ("pool", "000", 2)},
    "grid": {
        "probe/0001_1_25004_107_32_106_221.jpeg": ("query", "0001", 1),
        "gallery/0001_2_25023_116_134_128_330.jpeg": ("gallery", "0001", 2),
        "gallery/0000_5_25043_10_11_12_13.jpeg": ("gallery", DISTRACTOR, 5),
    },
    "cuhk02": {
        "Dataset/P1/cam1/001_001.png": ("train", "1-001", 101),
        "Dataset/P2/cam2/001_002.png": ("train", "2-001", 202),
        "Dataset/P5/cam1/001_001.png": ("query", "5-001", 501),
        "Dataset/P5/cam2/001_002.png": ("gallery", "5-001", 502),
    },
    "mars": {
        "bbox_train/0001/0001C1T0001F001.jpg": ("train", "0001", 1),
        "bbox_test/0002/0002C1T0001F001.jpg": ("query", "0002", 1),
        "bbox_test/0002/0002C1T0001F002.jpg": ("gallery", "0002", 1),
        "bbox_test/00-1/00-1C1T0001F001.jpg": None,
        "bbox_test/0000/0000C2T0001F001.jpg": ("gallery", DISTRACTOR, 2),
    },
    "duke-video": {
        "train/0001/0001/0001_C6_F0099_X30823.jpg": ("train", "0001", 6),
        "query/0002/0001/0002C6F0099X30823.jpg": ("query", "0002", 6),
        "gallery/0002/0002/0002_C7_F0099_X30823.jpg": ("gallery", "0002", 7),
    },
    "ilids-vid": {
        "i-LIDS-VID/images/cam1/person001/cam1_person001.png": ("pool", "001", 1),
        "i-LIDS-VID/images/cam2/person001/cam2_person001.png": ("pool", "001", 2),
        "i-LIDS-VID/sequences/cam2/person001/cam2_person001_00317.png": None,
    },
    "occluded-reid": {
        "occluded_body_images/001/001_01.tif": ("query", "001", 0),
        "whole_body_images/001/001_01.tif": ("gallery", "001", 0),
    },
    "ltcc": {
        "train/001_1_c10_015833.png": ("train", "001", 10),
        "query/002_2_c1_015833.png": ("query", "002", 1),
        "test/002_1_c3_015833.png": ("gallery", "002", 3),
    },
    "prcc": {
        "rgb/train/105/A_cropped_rgb001.jpg": ("train", "105", 1),
        "rgb/test/A/106/cropped_rgb001.jpg": ("gallery", "106", 1),
        "rgb/test/C/106/cropped_rgb001.jpg": ("query", "106", 3),
    },
    "sysu-mm01": {"cam1/0001/0001.jpg": ("train", "0001", 1), "cam3/0001/0001.jpg": ("train", "0001", 3)},
    "randperson": {
        "000000_c00_s00_f000264.jpg": ("train", "000000", 1),
        "000001_c01_s11_f000264.jpg": ("train", "000001", 1102),
    },
    "unrealperson": {
        "unreal_v1.1/images/333_c001_78.jpg": ("train", "333", 1),
        "unreal_v2.1/images/333_c001_78.jpg": ("train", "333", 2),
        "unreal_v3.1/images/333_c001_78.jpg": ("train", "v3.1-333", 3),
    },
    "weperson": {
        "0000/0000_c00_s00_T04.png": ("train", "0000", 1),
        "0001/0001_c03_s00_T04.png": ("train", "0001", 4),
    },
    "clonedperson": {
        "train/700000_s02_c00_f023389.jpg": ("train", "700000", 201),
        "test/query/800000_s12_c01_f023389.jpg": ("query", "800000", 1202),
        "test/gallery/800000_s12_c03_f023389.jpg": ("gallery", "800000", 1204),
    },
}


def write_files(root: Path, names: Iterable[str]) -> None:
    """Write empty files; reading a data set opens no image."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def read_labels(folder, **settings) -> dict:
    dataset = read_dataset(folder, **settings)
    if dataset.undivided:
        parts = {"train": dataset.train}
    else:
        parts = {part: getattr(dataset, part) for part in ("train", "query", "gallery", "pool")}
    return {
        record.path.relative_to(folder).as_posix(): (part, record.identity, record.camera)
        for part, records in parts.items()
        for record in records
    }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_preset(layout, tmp_path):
    write_files(tmp_path, LAYOUTS[layout])
    assert read_dataset(tmp_path).layout == layout
    assert read_labels(tmp_path) == {name: labels for name, labels in LAYOUTS[layout].items() if labels}


def write_msmt17(root, version: int) -> dict:
    train, test = ("train", "test") if version == 1 else ("mask_train_v2", "mask_test_v2")
    name = "{0:04d}/{0:04d}_{1:03d}_{2:02d}_0303morning_0015_0.jpg"
    images = {
        f"{train}/{name.format(0, 0, 1)}": ("train", "0000", 1),
        f"{train}/{name.format(1, 0, 2)}": ("train", "0001", 2),
        f"{test}/{name.format(0, 0, 3)}": ("query", "test-0000", 3),
        f"{test}/{name.format(0, 1, 15)}": ("gallery", "test-0000", 15),
    }
    write_files(root, images)
    for place, listed in enumerate(("train", "val", "query", "gallery")):
        path, (_, identity, _) = list(images.items())[place]
        relative, identity = path.partition("/")[2], int(identity.removeprefix("test-"))
        (root / f"list_{listed}.txt").write_text(f"{relative} {identity}\n")
    return images


@pytest.mark.parametrize("version", [1, 2])
def test_msmt17_is_divided_by_its_lists(version, tmp_path):
    images = write_msmt17(tmp_path / "MSMT17", version)
    dataset = read_dataset(tmp_path / "MSMT17")
    assert dataset.layout == "msmt17" and read_labels(tmp_path / "MSMT17") == images
    assert "train has 2 images of 2 identities; 32,621 of 1,041 were published" in dataset.notes
    for file in (tmp_path / "MSMT17").glob("*.txt"):
        file.unlink()
    assert "there is no list list_query.txt" in read_dataset(tmp_path / "MSMT17").notes
    assert len(read_dataset(tmp_path / "MSMT17").query) == 2  # the first test image of each identity and camera


def test_every_preset_has_a_test():
    assert set(list_presets()) == {*LAYOUTS, "cuhk01", "msmt17"}
    assert len(list_presets()) == len(list(FOLDER.glob("*.toml")))


def test_two_presets_that_fit_are_both_offered(tmp_path):
    write_files(tmp_path, [*LAYOUTS["market1501"], *LAYOUTS["market1501-folders"]])
    with pytest.raises(UnknownLayout, match="market1501 .in the folder. and market1501-folders .in pytorch"):
        read_dataset(tmp_path)
    assert read_dataset(tmp_path, "market1501").layout == "market1501"
    again = read_dataset(read_dataset(tmp_path, "market1501-folders").source)
    assert again.layout == "market1501-folders" and len(again.gallery) == 2


def test_names_that_almost_fit_are_reported(tmp_path):
    names = list(LAYOUTS["market1501"]) + [f"query/img{number}.jpg" for number in range(9)]
    write_files(tmp_path, names)
    with pytest.raises(UnknownLayout, match="the names resemble Market-1501, but query/img0.jpg does not fit"):
        read_dataset(tmp_path)


def test_a_preset_is_claimed_by_file_names_not_by_folders(tmp_path):
    write_files(tmp_path, ["query/a.jpg", "query/b.jpg", "anna/a.jpg", "anna/b.jpg", "cam_a/x.jpg"])
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "identity folders"
    assert {record.identity for record in dataset.train} == {"query", "anna", "cam_a"}


def test_unknown_rules_are_named(tmp_path):
    write_files(tmp_path, ["a/b.jpg"])
    with pytest.raises(UserError, match="no rules msmt; give a file, e.g. dataset.toml, a table, or one of"):
        read_dataset(tmp_path, "msmt")


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
    assert "8 images of 8 identities; 1,264 of 632 were published" in read_dataset(tmp_path).report()


def test_half_split_has_disjoint_identities_and_its_number_is_the_seed(tmp_path):
    dataset = read_dataset(write_cuhk01(tmp_path))
    one, again, two = half_split(dataset, 1), half_split(dataset, 1), half_split(dataset, 2)
    assert one.record() == again.record() != two.record()
    assert len(one.record()["test"]) == 5  # one more than half of nine
    assert not {r.identity for r in one.train} & {r.identity for r in one.query}
    assert {r.camera for r in one.query} == {1} and {r.camera for r in one.gallery} == {2}


def test_other_folders_of_numbered_images_are_not_cuhk01(tmp_path):
    write_images(tmp_path / "frames", [f"{number:07d}.png" for number in range(1, 9)])
    dataset = read_dataset(tmp_path / "frames")
    assert dataset.layout == "flat folder"
    assert "the names resemble CUHK01, but 0000005.png does not fit" in dataset.notes
