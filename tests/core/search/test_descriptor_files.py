"""Descriptors on disk: write, read, and errors on damaged files."""

import os

import numpy as np
import pandas as pd
import pytest

from core.errors import UserError
from core.search import descriptor_files
from core.search.descriptor_files import (
    DESCRIPTORS,
    RECORDS,
    check_output,
    read_array,
    read_folder,
    read_npz,
    write_folder,
    write_npz,
)
from core.search.gallery import Gallery

NOT_UTF8 = os.fsdecode(b"caf\xe9.jpg")


def make(count: int, first: int = 0) -> tuple[np.ndarray, dict]:
    rows = np.arange(first, first + count)
    records = {
        "path": np.array([f"{row}.jpg" for row in rows], object),
        "identity": np.array([f"00{row}" if row % 2 else "" for row in rows]),
        "camera": rows.astype(np.int32),
        "time": np.where(rows % 3, rows / 7, np.nan),
    }
    return np.float32(rows[:, None] + np.arange(4) / 10), records


def assert_same(found: tuple, written: tuple) -> None:
    np.testing.assert_array_equal(found[0], written[0])
    assert found[0].dtype == written[0].dtype and list(found[1]) == list(written[1])
    for name, column in written[1].items():
        np.testing.assert_array_equal(found[1][name], column)
        assert type(found[1][name][0]) is type(column[0]) or isinstance(column[0], str)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_write_and_read(tmp_path, dtype):
    descriptors, records = make(5)
    written = descriptors.astype(dtype), records
    write_folder(tmp_path / "new" / "folder", *written)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["folder"]  # no temporary files are left
    found = read_folder(tmp_path / "new" / "folder")
    assert_same(found, written)
    assert isinstance(found[0], np.memmap)
    table = pd.read_parquet(tmp_path / "new" / "folder" / RECORDS)
    assert list(table) == ["path", "identity", "camera", "time"] and table["identity"][1] == "001"
    np.testing.assert_array_equal(np.load(tmp_path / "new" / "folder" / DESCRIPTORS, mmap_mode="r"), written[0])
    write_npz(tmp_path / "new" / "file.npz", *written)
    assert_same(read_npz(tmp_path / "new" / "file.npz"), written)
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"folder", "file.npz"}


def test_file_names_that_are_not_utf8(tmp_path):
    descriptors, records = make(2)
    records["path"][0], records["identity"] = NOT_UTF8, np.array(["", NOT_UTF8])
    write_folder(tmp_path / "folder", descriptors, records)
    assert_same(read_folder(tmp_path / "folder"), (descriptors, records))


def test_files_of_earlier_versions(tmp_path):
    descriptors, records = make(3)
    arrays = {"paths": records["path"].astype(str), "identities": records["identity"], "cameras": records["camera"]}
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "old.npz", descriptors=descriptors.astype(np.float16), **arrays)
        gallery = Gallery.open(tmp_path / "old.npz")
        assert gallery.descriptors.dtype == np.float32 and np.isnan(gallery.times).all()
        np.testing.assert_array_equal(gallery.descriptors, np.float16(descriptors))
        for name, array in arrays.items():
            np.testing.assert_array_equal(getattr(gallery, name), array)


def test_array_without_records(tmp_path):
    rows = np.float64([[3, 4], [0, 2], [0, 0]])
    np.save(tmp_path / "rows.npy", rows)
    assert read_array(tmp_path / "rows.npy").tolist() == rows.tolist()
    gallery = Gallery.open(tmp_path / "rows.npy")  # scaled to unit length
    np.testing.assert_allclose(gallery.descriptors, [[0.6, 0.8], [0, 1], [0, 0]], rtol=1e-6)
    assert gallery.paths.tolist() == ["0", "1", "2"]
    Gallery(rows, list("abc")).save(tmp_path / "folder.npy")  # a folder, although its name ends in .npy
    assert Gallery.open(tmp_path / "folder.npy").paths.tolist() == ["a", "b", "c"]


def test_write_folder_replaces_only_descriptors(tmp_path):
    write_folder(tmp_path / "folder", *make(3))
    old, _ = read_folder(tmp_path / "folder")
    write_folder(tmp_path / "folder", *make(4, first=5))
    assert_same(read_folder(tmp_path / "folder"), make(4, first=5))
    np.testing.assert_array_equal(old, make(3)[0])  # the mapped array stays valid
    (tmp_path / "folder" / "note.txt").write_text("other")
    (tmp_path / "file").write_text("other")
    for name, message in (("folder", "contains other files, e.g. note.txt"), ("file", "is a file")):
        with pytest.raises(UserError, match=message):
            check_output(tmp_path / name)
        with pytest.raises(UserError, match=message):
            write_folder(tmp_path / name, *make(2))
    assert (tmp_path / "folder" / "note.txt").read_text() == (tmp_path / "file").read_text() == "other"
    (tmp_path / "empty").mkdir()
    write_folder(tmp_path / "empty", *make(2))
    assert_same(read_folder(tmp_path / "empty"), make(2))


def test_failed_write_changes_nothing(tmp_path, monkeypatch):
    write_folder(tmp_path / "folder", *make(3))

    def full(*arguments, **options):
        raise OSError("No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(OSError, match="No space"):
        write_folder(tmp_path / "folder", *make(4))
    assert_same(read_folder(tmp_path / "folder"), make(3))
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_read_during_a_replacement_is_consistent(tmp_path, monkeypatch):
    """The folder is replaced after its table was read and before its array is read."""
    write_folder(tmp_path / "folder", *make(3))
    read = descriptor_files.map_descriptors

    def replaced_first(folder, count):
        monkeypatch.undo()
        write_folder(folder, *make(3, first=5))
        return read(folder, count)

    monkeypatch.setattr(descriptor_files, "map_descriptors", replaced_first)
    assert_same(read_folder(tmp_path / "folder"), make(3, first=5))


def test_read_is_retried_during_a_replacement(tmp_path, monkeypatch):
    write_folder(tmp_path / "folder", *make(3))

    def gone(folder, count):
        monkeypatch.undo()
        raise FileNotFoundError(folder)

    monkeypatch.setattr(descriptor_files, "map_descriptors", gone)
    assert_same(read_folder(tmp_path / "folder"), make(3))


def pickled(file) -> None:
    np.save(file, np.array([{"a": 1}, 2, 3], dtype=object), allow_pickle=True)


def zipped(file) -> None:
    with file.open("wb") as stream:
        np.savez(stream, make(3)[0])


DAMAGE = {
    "no table": (RECORDS, lambda file: file.unlink(), "records.parquet"),
    "no array": (DESCRIPTORS, lambda file: file.unlink(), "descriptors.npy"),
    "truncated table": (RECORDS, lambda file: file.write_bytes(file.read_bytes()[:-100]), "arquet"),
    "empty table": (RECORDS, lambda file: file.write_bytes(b""), "arquet"),
    "truncated array": (DESCRIPTORS, lambda file: file.write_bytes(file.read_bytes()[:-1]), "greater than file size"),
    "truncated header": (DESCRIPTORS, lambda file: file.write_bytes(file.read_bytes()[:50]), "EOF"),
    "fewer rows": (DESCRIPTORS, lambda file: np.save(file, make(2)[0]), "has 2 rows and records.parquet has 3"),
    "integers": (DESCRIPTORS, lambda file: np.save(file, np.ones((3, 4), int)), "int64"),
    "one dimension": (DESCRIPTORS, lambda file: np.save(file, np.ones(3, np.float32)), r"float32 \(3,\)"),
    "pickled objects": (DESCRIPTORS, pickled, "Python objects"),
    "zip file": (DESCRIPTORS, zipped, "magic string"),
    "no column": (RECORDS, lambda file: pd.read_parquet(file).drop(columns="camera").to_parquet(file), "camera"),
    "no path": (RECORDS, lambda file: pd.read_parquet(file).assign(path=None).to_parquet(file), "NoneType"),
    "text as camera": (RECORDS, lambda file: pd.read_parquet(file).assign(camera="left").to_parquet(file), "left"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_open_damaged_gallery_raises(tmp_path, damage):
    name, damage_file, message = DAMAGE[damage]
    write_folder(tmp_path / "folder", *make(3))
    damage_file(tmp_path / "folder" / name)
    with pytest.raises(UserError, match=message) as caught:
        Gallery.open(tmp_path / "folder")
    assert f"{tmp_path / 'folder'} is not a gallery" in str(caught.value) and "\n" not in str(caught.value)
    assert not str(caught.value).endswith("..")


@pytest.mark.parametrize("name", [DESCRIPTORS, RECORDS, "old.npz", "rows.npy"])
def test_a_git_lfs_pointer_is_named(tmp_path, name):
    write_folder(tmp_path, *make(3))
    (tmp_path / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0a\nsize 9\n")
    source = tmp_path if name in (DESCRIPTORS, RECORDS) else tmp_path / name
    with pytest.raises(UserError, match=f"{name} is a Git LFS pointer, not the .*; run `git lfs pull`.$"):
        Gallery.open(source)


def test_pickled_objects_raise(tmp_path):
    descriptors, records = make(3)
    paths = np.array(["a", "b", None], object)
    np.savez(tmp_path / "old.npz", descriptors=descriptors, paths=paths, identities=paths, cameras=records["camera"])
    with pytest.raises(UserError, match="allow_pickle"):
        Gallery.open(tmp_path / "old.npz")
    pickled(tmp_path / "rows.npy")
    with pytest.raises(UserError, match="Python objects"):
        Gallery.open(tmp_path / "rows.npy")
