"""Names that users give never lead out of the configured folders."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from conftest import draw_person

from app.shared.upload_store import UploadStore
from core.data.rule_files import read_rules
from core.data.saved_datasets import delete_dataset, save_dataset
from core.data.zip_archive import unpack_zip
from core.errors import UserError
from core.galleries.adding import add_uploads
from core.galleries.catalog import create_gallery, delete_gallery, find_gallery, rename_gallery
from core.galleries.sources import list_sources
from core.training.run_folder import run_folder

NAMES = [
    "../x",
    "a/b",
    "/etc/x",
    "..",
    ".",
    "",
    ".hidden",
    "a\0b",
    "C:\\x",
    "C:x",
    "\\\\host\\x",
    "~",
    "~/x",
    "~root/x",
]
NAMES += ["a/../../x", "..\\x", "x\ny", "x/", "//x", "%2e%2e/x", "x" * 300, "\u202e", "a:b"]
RULES = {"images": [{"pattern": r"(?P<identity>\d+).*"}]}


def png() -> bytes:
    buffer = io.BytesIO()
    draw_person(1, 1, 0).save(buffer, "PNG")
    return buffer.getvalue()


def outside(tmp_path: Path) -> set[str]:
    """Paths below a test's folder that are not in its folder `root`."""
    return {str(path) for path in tmp_path.rglob("*") if tmp_path / "root" not in (path, *path.parents)}


@pytest.fixture
def root(tmp_path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.mark.parametrize("name", NAMES)
def test_names_of_galleries(name, root, tmp_path, checkpoint):
    before = outside(tmp_path)
    gallery = create_gallery("mine", root, checkpoint)
    for action in (
        lambda: create_gallery(name, root, checkpoint),
        lambda: find_gallery(name, root),
        lambda: rename_gallery(gallery, name),
    ):
        with pytest.raises(UserError):
            action()
    assert gallery.exists and outside(tmp_path) == before


@pytest.mark.parametrize("name", NAMES)
def test_names_of_data_sets(name, root, tmp_path):
    before = outside(tmp_path)
    with pytest.raises(UserError):
        save_dataset(name, RULES, root, root)
    with pytest.raises(UserError):
        delete_dataset(name, root)
    assert outside(tmp_path) == before


@pytest.mark.parametrize("name", NAMES)
def test_names_of_runs(name):
    with pytest.raises(UserError):
        run_folder(Path("runs"), name)


def test_usual_names_of_runs():
    for name in ("mine", "Market-1501-v15.09.15-mr_bcnn-fast", "a b", "ä"):
        assert run_folder(Path("runs"), name) == Path("runs", name)


@pytest.mark.parametrize("name", NAMES)
def test_ids_of_uploads(name, root, tmp_path):
    (tmp_path / "x.png").write_bytes(png())
    store = UploadStore(root)
    assert not store.has(name) and store.get(name) is None
    store.delete(name)
    assert (tmp_path / "x.png").exists()


@pytest.mark.parametrize("name", NAMES)
def test_file_names_of_uploads(name, root, tmp_path, checkpoint):
    before = outside(tmp_path)
    gallery = create_gallery("mine", root, checkpoint)
    try:
        add_uploads(gallery, [(f"{name}.png", png()), ("good.png", png())])
    except UserError:
        assert not list_sources(gallery)
    assert outside(tmp_path) == before
    delete_gallery(gallery)


@pytest.mark.parametrize("name", NAMES)
def test_names_in_a_zip(name, root, tmp_path):
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        info = zipfile.ZipInfo("x.png")
        info.filename = f"{name}.png"
        archive.writestr(info, png())
    before = outside(tmp_path)
    try:
        unpack_zip(tmp_path / "images.zip", root / "out")
    except UserError:
        pass
    assert outside(tmp_path) == before


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="links need a right on Windows")
def test_a_link_in_place_of_a_gallery_is_removed_alone(root, tmp_path, checkpoint):
    real = create_gallery("real", tmp_path / "elsewhere", checkpoint)
    (root / "link").symlink_to(real.folder, target_is_directory=True)
    delete_gallery(find_gallery("link", root))
    assert real.exists and not (root / "link").exists()


def test_an_upload_does_not_write_through_a_link(root, tmp_path):
    (tmp_path / "target").mkdir()
    (root / "0.png").symlink_to(tmp_path / "target" / "0.png")
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        archive.writestr("0.png", png())
    unpack_zip(tmp_path / "images.zip", root)
    assert not list((tmp_path / "target").iterdir())


@pytest.mark.parametrize("key", ["list", "table"])
def test_rules_may_name_files_of_the_folder_of_rules_only_as_text(key, root, tmp_path):
    """A list or a table outside the folder is read as labels; nothing of it is written or executed."""
    content = 'table = "../../x.csv"' if key == "table" else '[[images]]\npattern = "(?P<identity>.)"\nlist = "../x"'
    (root / "dataset.toml").write_text(content)
    before = sorted(tmp_path.rglob("*"))
    rules = read_rules(root / "dataset.toml")
    assert (rules.table is not None) == (key == "table")
    assert sorted(tmp_path.rglob("*")) == before
