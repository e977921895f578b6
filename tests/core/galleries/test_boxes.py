"""A table with boxes makes a gallery of crops: they are described, found, copied and saved like files."""

import numpy as np
import pytest
from conftest import draw_person
from PIL import Image

from core.data.images import open_image
from core.data.records import Record
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.selection import create_from_selection
from core.galleries.update import describe_gallery
from core.search.gallery import Gallery

BOXES = {"anna": (10, 5, 50, 95), "ben": (60, 5, 100, 95)}


@pytest.fixture
def gallery(checkpoint, tmp_path):
    frame = Image.new("RGB", (120, 100), "white")
    for number, box in enumerate(BOXES.values()):
        frame.paste(draw_person(number, 1, 0).resize((40, 90)), box)
    (tmp_path / "images").mkdir()
    frame.save(tmp_path / "images/frame.png")
    draw_person(5, 1, 0).save(tmp_path / "images/other.png")
    rows = [f"frame.png,{identity},1,{' '.join(map(str, box))}" for identity, box in BOXES.items()]
    (tmp_path / "images/labels.csv").write_text("\n".join(["path,identity,camera,box", *rows]))
    made = create_gallery("station", tmp_path / "galleries", checkpoint)
    add_folder(made, tmp_path / "images", "csv")
    describe_gallery(made, "cpu")
    return made


def test_crops_are_described(gallery, tmp_path):
    records = gallery.records()
    assert records["identity"].tolist() == ["anna", "ben", ""]
    assert records[["columns", "rows"]].to_numpy().tolist()[:2] == [[40, 90], [40, 90]]
    opened = gallery.open()
    ranking = opened.search(opened.descriptors[0], top=3)
    assert ranking["identity"][0] == "anna"
    assert open_image(ranking["path"][0]).size == (40, 90)


def test_a_box_outside_its_image_is_skipped_with_the_reason(gallery, tmp_path):
    with (tmp_path / "images/labels.csv").open("a") as table:
        table.write("\nframe.png,clara,1,900 5 940 95\n")
    gallery.ask()
    describe_gallery(gallery, "cpu")
    assert gallery.records()["identity"].tolist() == ["anna", "ben", ""]
    [(path, reason)] = gallery.skipped()
    assert path.endswith("frame box 900 5 940 95.bmp") and "outside frame.png" in reason


def test_descriptors_stay_until_the_file_changes(gallery, tmp_path):
    described = []
    gallery.ask()
    describe_gallery(gallery, "cpu", lambda done, total: described.append(done))
    assert described == []
    Image.open(tmp_path / "images/frame.png").rotate(180).save(tmp_path / "images/frame.png")
    gallery.ask()
    describe_gallery(gallery, "cpu", lambda done, total: described.append(done))
    assert described


def test_crops_are_copied_into_a_new_gallery(gallery, checkpoint, tmp_path):
    table = gallery.records()
    records = [Record(gallery.folder / row.path, row.identity, row.camera) for row in table.itertuples()]
    copy = create_from_selection("copy", tmp_path / "galleries", checkpoint, records)
    describe_gallery(copy, "cpu")
    assert sorted(copy.records()["identity"]) == ["", "anna", "ben"]
    before, after = gallery.open(), copy.open()
    rows = [list(after.identities).index(identity) for identity in before.identities]
    np.testing.assert_allclose(after.descriptors[rows], before.descriptors, atol=1e-5)


def test_saved_descriptors_keep_the_paths(gallery, tmp_path):
    opened = gallery.open()
    opened.save(tmp_path / "saved", tmp_path / "images")
    assert list(Gallery.open(tmp_path / "saved", tmp_path / "images").paths) == list(opened.paths)
