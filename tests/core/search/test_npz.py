import numpy as np
import pytest

from core.search import npz
from core.search.npz import read_arrays, write_arrays


def some_arrays():
    rng = np.random.default_rng(0)
    return {
        "descriptors": rng.normal(size=(40, 7)).astype(np.float16),
        "paths": np.array(["a.jpg", "ü/b.jpg"]),
        "times": rng.normal(size=3),
        "none": np.empty((0, 4), np.float32),
    }


@pytest.mark.parametrize("mapped", [0, 2**26])
def test_what_is_written_is_read(tmp_path, monkeypatch, mapped):
    monkeypatch.setattr(npz, "MAPPED", mapped)
    written = {name: array for name, array in some_arrays().items() if array.size or mapped}  # nothing cannot be mapped
    write_arrays(tmp_path / "new" / "some.npz", **written)
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["some.npz"]
    with np.load(tmp_path / "new" / "some.npz") as by_numpy:
        for name, array in read_arrays(tmp_path / "new" / "some.npz").items():
            assert array.dtype == written[name].dtype and isinstance(array, np.memmap) == (mapped == 0)
            assert np.array_equal(array, written.pop(name)) and np.array_equal(array, by_numpy[name])
            assert array.ctypes.data % npz.ALIGNMENT == 0 or not mapped == 0
    assert not written


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_files_by_numpy_are_read_as_well(tmp_path, monkeypatch, save):
    monkeypatch.setattr(npz, "MAPPED", 0)
    written = {f"{'x' * length}": np.arange(length + 3.0) for length in range(1, 9)}  # at any place
    save(tmp_path / "some.npz", **written)
    found = read_arrays(tmp_path / "some.npz")
    assert found.keys() == written.keys()
    for name, array in found.items():
        assert np.array_equal(array, written[name]) and array.ctypes.data % 8 == 0


def test_a_mapped_file_can_be_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(npz, "MAPPED", 0)
    write_arrays(tmp_path / "some.npz", numbers=np.arange(5))
    old = read_arrays(tmp_path / "some.npz")["numbers"]
    write_arrays(tmp_path / "some.npz", numbers=np.arange(5, 10))
    assert old.tolist() == [0, 1, 2, 3, 4]
    assert read_arrays(tmp_path / "some.npz")["numbers"].tolist() == [5, 6, 7, 8, 9]
