"""The list of a folder: its images, links, and what is not listed."""

import os
from pathlib import Path

import pytest

from core.data import folder_scan
from core.data.file_names import suffix_of
from core.data.folder_scan import scan_folder
from core.data.images import list_image_files
from core.errors import UserError


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_lists_images_and_counts_other_files(tmp_path):
    make(tmp_path, "b.JPG", "a/c.webp", "a.jpg", "a/d/e.tif", "a/f.jfif", "a b/ü.png", "g.jpg.jpg")
    make(tmp_path, "1.mat", "a/2.MAT", "list.txt", "README", "a/sentence. It ends here", "x.")
    make(tmp_path, ".hidden/d.png", "a/._f.jpg", "__MACOSX/a/b.jpg", "Thumbs.db", "a/thumbs.db", "desktop.ini")
    (tmp_path / "folder.png").mkdir()
    scan = scan_folder(tmp_path)
    assert scan.images == ["a/c.webp", "a/d/e.tif", "a/f.jfif", "a b/ü.png", "a.jpg", "b.JPG", "g.jpg.jpg"]
    assert scan.other_suffixes == {".mat": 2, ".txt": 1, "": 3} and scan.hidden == 6
    assert scan.notes() == ["6 files are not images and are skipped: 3 without a suffix, 2 .mat, 1 .txt"]
    assert list_image_files(tmp_path) == sorted(tmp_path / name for name in scan.images)


def test_the_order_is_that_of_paths(tmp_path):
    make(tmp_path, *(f"{a}{b}{c}.png" for a in ("a", "a-", "aa/") for b in ("1", "1/", "10/", "1 /") for c in "xyZ"))
    assert list_image_files(tmp_path) == sorted(tmp_path.rglob("*.png"))


@pytest.mark.parametrize("name", ["a.JPG", "a", "a.", "a.b.c", "a..", " .x", "a.b "])
def test_suffixes_are_those_of_pathlib(name):
    assert suffix_of(name) == ("" if name.endswith(".") else Path(name).suffix.lower())


def test_links_to_files_and_folders_are_followed(tmp_path):
    make(tmp_path, "store/0001/1.jpg", "store/2.jpg", "set/3.jpg", "set/text.txt")
    (tmp_path / "set/0001").symlink_to("../store/0001")
    (tmp_path / "set/0002").symlink_to(tmp_path / "store/0001")
    (tmp_path / "set/4.jpg").symlink_to(tmp_path / "store/2.jpg")
    (tmp_path / "top").symlink_to("set")
    for folder in ("set", "top"):
        scan = scan_folder(tmp_path / folder)
        assert scan.images == ["0001/1.jpg", "0002/1.jpg", "3.jpg", "4.jpg"]
        assert scan.notes() == ["1 file is not an image and is skipped: 1 .txt"]


def test_loops_and_broken_links_are_listed(tmp_path):
    make(tmp_path, "set/a/1.jpg", "set/c/2.jpg")
    (tmp_path / "set/a/b").symlink_to("../../set")
    assert scan_folder(tmp_path / "set").notes() == ["the link a/b points to a folder above it and is not followed"]
    (tmp_path / "set/a/c").symlink_to("../c")
    (tmp_path / "set/c/a").symlink_to("../a")
    (tmp_path / "set/gone.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "set/own").symlink_to("own")
    scan = scan_folder(tmp_path / "set")
    assert scan.images == ["a/1.jpg", "a/c/2.jpg", "c/2.jpg", "c/a/1.jpg"]
    assert [path.name for path in list_image_files(tmp_path / "set")][3:] == ["1.jpg", "gone.jpg"]
    assert scan.link_loops == ["a/b", "a/c/a", "c/a/b", "c/a/c"] and scan.broken_links == ["gone.jpg", "own"]
    assert scan.notes() == [
        "2 links lead to no file: gone.jpg, own",
        "4 links point to folders above them and are not followed: a/b, a/c/a, c/a/b and 1 more",
    ]


def test_folders_that_cannot_be_opened_are_listed(tmp_path, monkeypatch):
    make(tmp_path, "a/1.jpg", "b/2.jpg", "c/3.jpg")

    def scandir(path, opened=os.scandir):
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        if Path(path).name == "b":  # deleted since its parent was listed
            raise FileNotFoundError(2, "No such file or directory")
        return opened(path)

    monkeypatch.setattr(folder_scan.os, "scandir", scandir)
    scan = scan_folder(tmp_path)
    assert scan.images == ["c/3.jpg"] and scan.notes() == ["2 folders cannot be opened: a, b"]
    with pytest.raises(UserError, match="a cannot be opened: Permission denied.$"):
        scan_folder(tmp_path / "a")


def test_a_missing_folder_and_a_file_raise(tmp_path):
    make(tmp_path, "1.jpg")
    for name in ("1.jpg", "2"):
        with pytest.raises(UserError, match=f"There is no folder .*{name}.$"):
            scan_folder(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_is_no_image(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    scan = scan_folder(tmp_path)
    assert not scan.images and scan.other_suffixes == {".jpg": 1}


def test_progress_is_reported(tmp_path, monkeypatch):
    make(tmp_path, *(f"a/{n}.jpg" for n in range(25)))
    monkeypatch.setattr(folder_scan, "PROGRESS_INTERVAL", 10)
    counts = []
    assert len(scan_folder(tmp_path, counts.append).images) == 25
    assert counts == [10, 20]
