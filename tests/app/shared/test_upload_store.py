"""The store of uploads."""

import os
import stat
import time

import numpy as np
import pytest
from PIL import Image

from app.shared import upload_store
from app.shared.upload_store import ID, LIFETIME_S, UploadStore

IMAGE = Image.effect_noise((40, 80), 80).convert("RGB")


@pytest.fixture
def store(tmp_path) -> UploadStore:
    return UploadStore(tmp_path / "cache" / "uploads")


def files(store: UploadStore) -> list:
    return sorted(path for path in store.folder.rglob("*") if path.is_file())


def make_older(store: UploadStore, key: str, seconds: float) -> None:
    [path] = store.folder.rglob(f"{key}.png")
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_an_upload_is_found_under_its_id_with_the_same_pixels(store):
    key, deleted = store.put(IMAGE, "a visitor")
    assert deleted == 0 and store.has(key)
    np.testing.assert_array_equal(np.asarray(store.get(key)), np.asarray(IMAGE))


def test_ids_have_at_least_128_random_bits(store):
    ids = {store.put(IMAGE, "a visitor")[0] for _ in range(20)}
    assert len(ids) == 20 and upload_store.ID_BYTES * 8 >= 128
    assert all(ID.fullmatch(key) for key in ids)


@pytest.mark.parametrize("key", ["", "..", "../secret", "*", "?" * 32, "a" * 31, "a" * 33, "a/" * 16, "a" * 31 + "\n"])
def test_no_path_can_be_built_from_an_id(store, key):
    store.put(IMAGE, "a visitor")
    (store.folder / "secret.png").write_bytes(b"")
    assert not store.has(key) and store.get(key) is None
    store.delete(key)
    assert len(files(store)) == 2


def test_only_the_apps_user_can_open_the_folder(store):
    store.put(IMAGE, "a visitor")
    for path in (store.folder, *store.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_metadata_is_not_stored(store):
    image = IMAGE.copy()
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    image.info |= {"exif": exif.tobytes(), "comment": b"a comment", "Title": "a title"}
    store.put(image, "a visitor")
    assert [b for b in (b"eXIf", b"tEXt", b"a camera") if b in files(store)[0].read_bytes()] == []


def test_a_deleted_upload_is_gone(store):
    key, _ = store.put(IMAGE, "a visitor")
    other, _ = store.put(IMAGE, "a visitor")
    store.delete(key)
    store.delete(key)
    assert not store.has(key) and store.get(key) is None and store.has(other)
    assert len(files(store)) == 1


def test_an_upload_expires_after_a_day(store):
    key, other = (store.put(IMAGE, visitor)[0] for visitor in ("one", "two"))
    make_older(store, key, LIFETIME_S + 10)
    make_older(store, other, LIFETIME_S - 100)
    assert not store.has(key) and store.get(key) is None and store.has(other)
    store.sweep()
    assert [path.stem for path in files(store)] == [other] and len(list(store.folder.iterdir())) == 1


def test_other_files_in_the_folder_are_left_alone(store, monkeypatch):
    other = store.folder / "holiday" / "beach.png"
    other.parent.mkdir(parents=True)
    other.write_bytes(bytes(1000))
    os.utime(other, (0, 0))
    monkeypatch.setattr(upload_store, "TOTAL_BYTES", 1)
    store.put(IMAGE, "a visitor")
    store.sweep()
    assert other.exists()


def test_the_oldest_uploads_of_a_visitor_are_deleted_first(store, monkeypatch):
    ids = [store.put(IMAGE, "a visitor")[0] for _ in range(3)]
    foreign, _ = store.put(IMAGE, "another visitor")
    for age, key in zip((100, 300, 200), ids, strict=True):
        make_older(store, key, age)
    make_older(store, foreign, 1000)
    monkeypatch.setattr(upload_store, "VISITOR_BYTES", 3 * files(store)[0].stat().st_size)
    _, deleted = store.put(IMAGE, "a visitor")
    assert deleted == 1
    assert [store.has(key) for key in (*ids, foreign)] == [True, False, True, True]


def test_the_oldest_uploads_of_all_visitors_are_deleted_first(store, monkeypatch):
    ids = [store.put(IMAGE, visitor)[0] for visitor in ("one", "two", "three")]
    for age, key in zip((100, 300, 200), ids, strict=True):
        make_older(store, key, age)
    monkeypatch.setattr(upload_store, "TOTAL_BYTES", 2 * files(store)[0].stat().st_size)
    key, deleted = store.put(IMAGE, "four")
    assert deleted == 2 and [store.has(each) for each in (*ids, key)] == [True, False, False, True]


def test_a_damaged_file_counts_as_deleted(store):
    key, _ = store.put(IMAGE, "a visitor")
    files(store)[0].write_bytes(b"")
    assert store.get(key) is None


def test_a_folder_that_cannot_be_written_raises(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError):
        UploadStore(tmp_path / "file").put(IMAGE, "a visitor")
