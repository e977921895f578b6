"""Changes of a gallery's images by the user: they survive updates, and no file of a source is touched."""

import hashlib
import math
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks import write_cuhk03_mat
from conftest import draw_person

from core.data.datasets import read_dataset
from core.data.images import open_image, read_content, upright_size
from core.data.records import Record
from core.errors import UserError
from core.galleries.adding import add_folder, add_uploads
from core.galleries.catalog import create_gallery, find_gallery, rename_gallery
from core.galleries.changes import (
    apply_changes,
    read_changes,
    relabel_images,
    remove_images,
    reset_images,
    tag_images,
    tags_of,
)
from core.galleries.selection import create_from_selection
from core.galleries.update import describe_gallery


@pytest.fixture
def source(tmp_path) -> Path:
    """Four images, of which the first has a name of Market-1501."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(4):
        draw_person(number, 1, 0).save(folder / f"000{number + 1}_c1s1_000000_00.png")
    return folder


@pytest.fixture
def gallery(source, checkpoint, tmp_path):
    made = create_gallery("station", tmp_path / "galleries", checkpoint)
    add_folder(made, source, "names")
    describe_gallery(made, "cpu")
    return made


def content(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def labels(gallery) -> list[tuple[str, int]]:
    records = gallery.records()
    return list(zip(records["identity"], records["camera"], strict=True))


def test_changes_are_applied_by_hand():
    images = pd.DataFrame({"path": ["a", "b", "c"], "identity": ["1", "2", ""], "camera": [1, 2, 0]})
    changes = {
        "a": {"removed": True, "identity": "9"},
        "b": {"camera": 5, "tags": ["x"]},
        "c": {"identity": "2", "camera": 1},
        "elsewhere": {"removed": True},
    }
    assert apply_changes(images, changes).to_numpy().tolist() == [["b", "2", 5], ["c", "2", 1]]
    assert images["identity"].tolist() == ["1", "2", ""]


def test_changes_survive_updates_and_files_stay(gallery, source):
    before = content(source)
    paths = gallery.records()["path"].tolist()
    remove_images(gallery, paths[:1])
    relabel_images(gallery, paths[1:3], identity=" anna ", camera=7)
    relabel_images(gallery, paths[2:3], identity="")
    relabel_images(gallery, paths[3:], camera=0)
    describe_gallery(gallery, "cpu")
    assert labels(gallery) == [("anna", 7), ("", 7), ("0004", 0)]
    assert "1 image is removed and 3 images are relabelled" in gallery.notes()
    draw_person(9, 2, 0).save(source / "0009_c2s1_000000_00.png")
    gallery.ask()
    describe_gallery(gallery, "cpu")
    assert labels(gallery) == [("anna", 7), ("", 7), ("0004", 0), ("0009", 2)]
    assert {name: value for name, value in content(source).items() if name in before} == before
    reset_images(gallery, paths)
    describe_gallery(gallery, "cpu")
    assert labels(gallery) == [("0001", 1), ("0002", 1), ("0003", 1), ("0004", 1), ("0009", 2)]


def test_the_labels_of_a_second_source_count_for_images_without_any(checkpoint, tmp_path):
    for name in ("x.png", "day/ann/c1_1.png", "day/bob/c2_1.png"):
        (tmp_path / "all" / name).parent.mkdir(parents=True, exist_ok=True)
        draw_person(1, 1, len(name)).save(tmp_path / "all" / name)
    made = create_gallery("twice", tmp_path / "galleries", checkpoint)
    add_folder(made, tmp_path / "all", "none")
    add_folder(made, tmp_path / "all/day", "folder")
    describe_gallery(made, "cpu")
    assert sorted(labels(made)) == [("", 0), ("ann", 1), ("bob", 2)]
    sentence = "2 images are in several sources with different labels; the first source with an identity counts"
    assert sentence in made.notes()


def test_a_change_needs_no_new_descriptor(gallery, monkeypatch):
    before = gallery.open().descriptors[1:].copy()
    remove_images(gallery, gallery.records()["path"][:1])
    monkeypatch.setattr("core.galleries.update._load", lambda *arguments: pytest.fail("an image was described"))
    describe_gallery(gallery, "cpu")
    assert (gallery.open().descriptors == before).all()


def test_changes_of_uploads_survive_renaming(checkpoint, source, tmp_path):
    gallery = create_gallery("first", tmp_path / "galleries", checkpoint)
    add_uploads(gallery, ((path.name, path.read_bytes()) for path in sorted(source.iterdir())), "names")
    describe_gallery(gallery, "cpu")
    relabel_images(gallery, gallery.records()["path"][:1], identity="anna")
    renamed = rename_gallery(gallery, "second")
    describe_gallery(renamed, "cpu")
    assert labels(renamed)[0] == ("anna", 1)


def test_tags_are_replaced_and_request_no_update(gallery):
    asked, paths = gallery.read()["asked"], gallery.records()["path"].tolist()
    tag_images(gallery, paths[:2], [" blurred ", "", "night"])
    tag_images(gallery, paths[1:2], ["night"])
    assert tags_of(read_changes(gallery)) == {"blurred": 1, "night": 2} and gallery.read()["asked"] == asked


@pytest.mark.parametrize("camera", [-1, 2**31])
def test_an_impossible_camera_is_refused(gallery, camera):
    with pytest.raises(UserError, match="camera must be a number"):
        relabel_images(gallery, ["x"], camera=camera)
    assert read_changes(gallery) == {}


def test_a_selection_becomes_a_gallery_with_its_labels(gallery, source, checkpoint, tmp_path):
    (source / "below").mkdir()
    twin = source / "below" / "0001_c1s1_000000_00.png"
    draw_person(8, 1, 0).save(twin)
    first = source / "0001_c1s1_000000_00.png"
    records = [Record(first, 'the "first", of all', 2, 3.5), Record(twin), Record(source / "0002_c1s1_000000_00.png")]
    made = create_from_selection("chosen", tmp_path / "galleries", checkpoint, records)
    describe_gallery(made, "cpu")
    found = made.records().sort_values("identity")
    assert sorted(labels(made)) == [("", 0), ("", 0), ('the "first", of all', 2)]
    assert found["time"].iloc[2] == 3.5 and math.isnan(found["time"].iloc[0])
    contents = {(made.folder / path).read_bytes() for path in found["path"]}
    assert contents == {record.path.read_bytes() for record in records}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not allow such names")
@pytest.mark.parametrize("name", [b" 1.png", b"c:1.png", b"a\\1.png", b"a\n1.png", b"caf\xe9.png", "é,1.png".encode()])
def test_a_selection_keeps_images_with_unusual_names(name, checkpoint, tmp_path):
    file = tmp_path / os.fsdecode(name)
    draw_person(1, 1, 0).save(file)
    made = create_from_selection("chosen", tmp_path / "galleries", checkpoint, [Record(file, "anna", 2)])
    describe_gallery(made, "cpu")
    assert labels(made) == [("anna", 2)] and made.skipped() == []


def test_a_selection_from_a_mat_file_becomes_a_gallery(checkpoint, tmp_path):
    records = read_dataset(write_cuhk03_mat(tmp_path / "cuhk-03.mat")).pool[:2]
    made = create_from_selection("pair", tmp_path / "galleries", checkpoint, records)
    describe_gallery(made, "cpu")
    paths = [made.folder / path for path in sorted(made.records()["path"])]
    assert len(paths) == 2 and made.skipped() == []
    for path, record in zip(paths, records, strict=True):
        np.testing.assert_array_equal(open_image(path), open_image(record.path))
        assert upright_size(read_content(record.path)) == open_image(record.path).size


def test_a_selection_needs_a_free_name_and_readable_images(gallery, checkpoint, source, tmp_path):
    root = tmp_path / "galleries"
    with pytest.raises(UserError, match="already exists"):
        create_from_selection("station", root, checkpoint, [Record(next(source.iterdir()))])
    for records in ([], [Record(source / "missing.png")]):
        with pytest.raises(UserError):
            create_from_selection("chosen", root, checkpoint, records)
        with pytest.raises(UserError, match="no gallery chosen"):
            find_gallery("chosen", root)
