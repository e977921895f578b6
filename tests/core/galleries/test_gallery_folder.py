"""A named gallery is read while an update replaces the version that is searched."""

import shutil

import pytest
from conftest import draw_person

from core.galleries import gallery_folder
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.update import describe_gallery


@pytest.fixture
def images(tmp_path):
    (tmp_path / "images").mkdir()
    draw_person(1, 1, 0).save(tmp_path / "images" / "0001_c1s1_000001_01.png")
    return tmp_path / "images"


@pytest.fixture
def gallery(images, checkpoint, tmp_path):
    made = create_gallery("station", tmp_path / "galleries", checkpoint)
    add_folder(made, images, "names")
    describe_gallery(made, "cpu")
    return made


@pytest.mark.parametrize(
    ("read", "looks"),  # how often it looks for the present version before it opens a file
    [
        (lambda gallery: gallery.snapshot().version, 1),
        (lambda gallery: gallery.records()["path"].nunique(), 1),
        (lambda gallery: len(gallery.open()), 1),
        (lambda gallery: gallery.model["name"], 2),
        (lambda gallery: gallery.images, 2),
    ],
)
def test_a_version_that_is_replaced_is_not_damaged(gallery, monkeypatch, read, looks):
    expected, find = read(gallery), gallery_folder.list_numbered
    replaced = [[gallery.folder / "versions" / "000000"]] * looks
    monkeypatch.setattr(gallery_folder, "list_numbered", lambda folder: replaced.pop() if replaced else find(folder))
    assert read(gallery) == expected and not replaced


def test_a_replaced_version_disappears_as_a_whole(gallery, images, monkeypatch):
    draw_person(2, 1, 0).save(images / "0002_c1s1_000001_01.png")
    gallery.ask()
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda path, **options: None)  # a process that deletes files slowly, or dies
        describe_gallery(gallery, "cpu")
    versions = gallery.folder / "versions"
    assert [path.name for path in sorted(versions.glob("[0-9]*"))] == ["000002"] and gallery.images == 2
    gallery.ask()
    (images / "0001_c1s1_000001_01.png").unlink()
    describe_gallery(gallery, "cpu")
    assert [path.name for path in versions.iterdir()] == ["000003"]
