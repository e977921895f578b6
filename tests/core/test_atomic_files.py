"""A file is replaced as a whole or stays as it was, and errors of a full disk name the file."""

import errno
import os
import stat
import threading
import time

import numpy as np
import pytest
from safetensors import SafetensorError
from safetensors.numpy import save_file

from core import atomic_files
from core.atomic_files import allocate, name_in_errors, replace_file
from core.errors import explain
from core.json_file import read_json, write_json


def test_replace_file_keeps_the_suffix_and_leaves_nothing_else(tmp_path):
    file = tmp_path / "a.npy"
    for value in (1, 2):
        with replace_file(file) as temporary:
            np.save(temporary, np.full(3, value))
            assert temporary.suffix == ".npy" and (value == 1 or np.load(file)[0] == 1)
    assert np.load(file).tolist() == [2, 2, 2] and os.listdir(tmp_path) == ["a.npy"]


def test_failed_block_changes_nothing(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("old")
    with pytest.raises(ZeroDivisionError), replace_file(file) as temporary:
        temporary.write_text("new")
        raise ZeroDivisionError
    assert file.read_text() == "old" and os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640)])
def test_weights_have_the_permissions_of_other_files(umask, mode, tmp_path):
    """safetensors writes files that only their owner can read."""
    file, before = tmp_path / "a.safetensors", os.umask(umask)
    try:
        for _ in range(2):
            with replace_file(file) as temporary:
                save_file({"a": np.zeros(1)}, temporary)
            assert stat.S_IMODE(file.stat().st_mode) == mode
    finally:
        os.umask(before)


def test_leftovers_of_killed_processes_are_deleted_after_a_day(tmp_path):
    old, young, other = (tmp_path / name for name in (".0123456789abcdef.new.npz", ".00000000ffffffff.new", ".new"))
    for path in (old, young, other):
        path.write_text("unfinished")
    for path in (old, other):
        os.utime(path, (time.time() - atomic_files.LEFTOVER_S - 5,) * 2)
    with replace_file(tmp_path / "a.json") as temporary:
        temporary.write_text("1")
    assert sorted(os.listdir(tmp_path)) == sorted([young.name, other.name, "a.json"])


def test_readers_see_whole_files_while_two_threads_write(tmp_path):
    """Each content is larger than one write of the system, so that a torn file would not be valid JSON."""
    file, ends = tmp_path / "a.json", threading.Event()
    contents = [[number] * 30_000 for number in (1, 2)]
    write_json(file, contents[0])

    def write(content):
        while not ends.is_set():
            write_json(file, content)

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    try:
        seen = [read_json(file)[0] for _ in range(60)]
    finally:
        ends.set()
        for thread in threads:
            thread.join()
    assert set(seen) <= {1, 2} and os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),  # a file object: no name
        OSError("Error writing bytes to file. Detail: [errno 28] No space left on device"),  # without a number
        SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
    ],
)
def test_errors_of_a_full_disk_get_a_number_and_a_name(error, tmp_path, monkeypatch):
    monkeypatch.setattr(atomic_files, "_free_bytes", lambda folder: 1000)
    with pytest.raises(OSError, match="No space left") as caught, name_in_errors(tmp_path / "x"):
        raise error
    assert caught.value.errno == errno.ENOSPC and caught.value.filename == str(tmp_path / "x")
    assert explain(caught.value).startswith(f"{tmp_path / 'x'} cannot be written: the disk has not enough free space.")


@pytest.mark.parametrize("error", [OSError("something else"), FileNotFoundError(2, "No such file", "b"), KeyError("c")])
def test_other_errors_stay(error, tmp_path):
    with pytest.raises(type(error)) as caught, name_in_errors(tmp_path / "x"):
        raise error
    assert caught.value is error


@pytest.mark.parametrize("has_fallocate", [True, False])
def test_allocate_fills_the_gaps_and_keeps_the_content(has_fallocate, tmp_path, monkeypatch):
    if not has_fallocate:
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    elif not hasattr(os, "posix_fallocate"):
        pytest.skip("this system has no posix_fallocate")
    array = np.lib.format.open_memmap(tmp_path / "a.npy", mode="w+", dtype=np.float32, shape=(600, 1000))
    before = (tmp_path / "a.npy").stat()
    allocate(tmp_path / "a.npy")
    after = (tmp_path / "a.npy").stat()
    assert after.st_size == before.st_size and after.st_blocks * 512 >= after.st_size > before.st_blocks * 512
    array[:] = 7
    array.flush()
    assert np.load(tmp_path / "a.npy").sum() == 7 * 600_000
