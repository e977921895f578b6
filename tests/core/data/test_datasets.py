"""Market-1501's layout with its special cases, identity folders, flat folders, and the detection of layouts."""

import re
import shutil
from pathlib import Path

import pytest
from conftest import draw_person, write_market

from core.data.datasets import read_dataset
from core.data.image_folder import MARKET_NAME
from core.data.records import DISTRACTOR, Record, one_camera_identities
from core.data.splits import hold_out
from core.errors import UserError


def save(path: Path, identity: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draw_person(identity, 1, 0).save(path)


def test_market(market):
    dataset = read_dataset(market)
    assert (dataset.layout, len(dataset.train), len(dataset.query), len(dataset.gallery)) == ("market1501", 24, 12, 12)
    assert dataset.train[0].identity == "0001" and dataset.train[0].camera == 1
    assert "24 images, 4 identities, 3 cameras" in dataset.report()
    assert read_dataset(market.parent).train == dataset.train  # the parent folder works, too


@pytest.mark.parametrize(
    "name, identity, camera",
    [
        ("0002_c1s1_000451_03.jpg", "0002", 1),
        ("-1_c3s2_012345_00.jpg", "-1", 3),
        ("0000_c6s3_000001_12.jpg", "0000", 6),
        ("0005_c12_f0046985.jpg", "0005", 12),
        ("1488_c1s6_012345_00.jpg.jpg", "1488", 1),
        ("holiday.jpg", None, None),
        ("12_cat.jpg", None, None),
    ],
)
def test_names(name, identity, camera):
    found = re.fullmatch(MARKET_NAME, name)
    assert (found and found["identity"], found and int(found["camera"])) == (identity, camera)


def test_market_distractors_and_junk_images(tmp_path):
    root = write_market(tmp_path / "data")
    save(root / "bounding_box_test" / "-1_c1s1_000001_00.jpg")
    save(root / "bounding_box_test" / "0000_c1s1_000001_00.jpg")
    (root / "bounding_box_test" / "Thumbs.db").write_bytes(b"x")
    shutil.rmtree(root / "bounding_box_train")
    dataset = read_dataset(root)
    assert len(dataset.gallery) == 13 and dataset.gallery[0].identity == DISTRACTOR
    report = dataset.report()
    assert "1 junk image in bounding_box_test skipped" in report
    assert "there are no train images" in report and ", 1 distractor\n" in report


def test_market_counts_are_compared_with_the_published_ones(tmp_path):
    report = read_dataset(write_market(tmp_path / "Market-1501-v15.09.15")).report()
    assert "train has 24 images of 4 identities; 12,936 of 751 were published" in report
    assert "published" not in read_dataset(write_market(tmp_path / "own")).report()


def test_identities_in_train_and_query_are_reported(tmp_path):
    root = write_market(tmp_path / "data")
    save(root / "query" / "0001_c1s1_000451_03.jpg")
    assert "1 identity is in both train and query, e.g. 0001" in read_dataset(root).report()


def test_identity_folders(tmp_path):
    for identity in ("ann", "bob"):
        for name in ("c1_a.jpg", "c1_b.jpg", "c2_a.jpg", "c2_b.jpg"):
            save(tmp_path / identity / name)
    save(tmp_path / "loose.jpg")
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "identity folders"
    assert (len(dataset.train), len(dataset.query), len(dataset.gallery)) == (8, 4, 4)
    assert {(r.identity, r.camera) for r in dataset.query} == {("ann", 1), ("ann", 2), ("bob", 1), ("bob", 2)}
    assert "the rules skip 1 image in the folder" in dataset.report()
    assert len(dataset.searchable) == 8


def test_flat_folder(tmp_path):
    save(tmp_path / "b.jpg")
    save(tmp_path / "a.png")
    save(tmp_path / "0007_c2s1_000001_00.jpg")
    (tmp_path / "notes.txt").write_text("x")
    save(tmp_path / ".thumbnails" / "hidden.jpg")
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "flat folder" and dataset.train == []
    assert [(r.path.name, r.identity, r.camera) for r in dataset.searchable] == [
        ("0007_c2s1_000001_00.jpg", "0007", 2),
        ("a.png", "", 0),
        ("b.jpg", "", 0),
    ]
    assert "2 images are unlabelled" in dataset.report()


def test_missing_or_empty_folder_raises(tmp_path):
    with pytest.raises(UserError, match="no data folder"):
        read_dataset(tmp_path / "missing")
    with pytest.raises(UserError, match="no image in"):
        read_dataset(tmp_path)
    (tmp_path / "query").mkdir()
    with pytest.raises(UserError, match="no image in"):
        read_dataset(tmp_path)


def test_identities_of_one_camera():
    records = [
        Record(Path(), "a", 1),
        Record(Path(), "a", 1),
        Record(Path(), "b", 1),
        Record(Path(), "b", 2),
        Record(Path(), "c", 0),
        Record(Path(), DISTRACTOR, 1),
    ]
    assert one_camera_identities(records) == ["a"]


def test_held_out_identities_are_whole():
    records = [Record(Path(f"{i}_{j}"), f"{i:02d}", 1) for i in range(20) for j in range(3)]
    training, validation = hold_out(records, identities=50, seed=0)  # at most a fifth
    assert len(validation) == 12 and len(training) == 48
    assert not {r.identity for r in training} & {r.identity for r in validation}
    assert hold_out(records, 50, 0)[1] == validation != hold_out(records, 50, 1)[1]
