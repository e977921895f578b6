import numpy as np
import pandas as pd
import pytest

from core.errors import UserError
from core.search import descriptor_files
from core.search.descriptor_files import DESCRIPTORS, RECORDS, read_descriptors_folder, write_descriptors

ROWS = np.arange(6, dtype=np.float16).reshape(3, 2)
TABLE = pd.DataFrame({"path": ["a.jpg", "ü/b.jpg", "c"], "identity": ["1", "", "2"], "camera": [1, 0, 2]})


@pytest.mark.parametrize("mapped_from", [0, 2**26])
def test_what_is_written_is_read(tmp_path, monkeypatch, mapped_from):
    monkeypatch.setattr(descriptor_files, "MIN_MAPPED_BYTES", mapped_from)
    write_descriptors(tmp_path / "new" / "one", ROWS, TABLE)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["one"]
    descriptors, records = read_descriptors_folder(tmp_path / "new" / "one")
    assert descriptors.dtype == np.float16 and np.array_equal(descriptors, ROWS)
    assert isinstance(descriptors, np.memmap) == (mapped_from == 0)
    pd.testing.assert_frame_equal(records, TABLE)


def test_a_folder_that_is_read_can_be_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(descriptor_files, "MIN_MAPPED_BYTES", 0)
    write_descriptors(tmp_path / "one", ROWS, TABLE)
    old, _ = read_descriptors_folder(tmp_path / "one")
    write_descriptors(tmp_path / "one", ROWS[:1] + 1, TABLE[:1])
    assert np.array_equal(old, ROWS) and len(read_descriptors_folder(tmp_path / "one")[1]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_something_else_is_not_overwritten(tmp_path, kind):
    if kind == "file":
        (tmp_path / "one").write_text("mine")
    else:
        (tmp_path / "one" / "images").mkdir(parents=True)
    with pytest.raises(UserError, match="is not overwritten; give a new name"):
        write_descriptors(tmp_path / "one", ROWS, TABLE)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


@pytest.mark.parametrize("damage", ["cut off", "no table", "table cut off", "other rows", "pickled"])
def test_damage_is_told(tmp_path, damage):
    write_descriptors(tmp_path / "one", ROWS, TABLE)
    array, table = tmp_path / "one" / DESCRIPTORS, tmp_path / "one" / RECORDS
    if damage == "cut off":
        array.write_bytes(array.read_bytes()[:-2])
    elif damage == "no table":
        table.unlink()
    elif damage == "table cut off":
        table.write_bytes(table.read_bytes()[:-9])
    elif damage == "other rows":
        np.save(array, ROWS[:2])
    else:
        np.save(array, np.array([{}, {}, {}], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match="is not a folder of descriptors|has 2 descriptors and 3 records"):
        read_descriptors_folder(tmp_path / "one")
