"""The images of a named gallery, and notes about what it does not keep."""

import pytest
from conftest import draw_person

from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.image_listing import PLACES_NOTE, list_images


@pytest.mark.parametrize(("rules", "notes"), [("[cameras]\nplaces = [[1, 2]]\n", 1), ("", 0)])
def test_lost_places_are_noted(rules, notes, checkpoint, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for camera in (1, 2):
        draw_person(1, camera, 0).save(folder / f"7_{camera}.png")
    (folder / "dataset.toml").write_text(rules + "[[images]]\npattern = '(?P<identity>.)_(?P<camera>.).png'")
    gallery = create_gallery("station", tmp_path / "galleries", checkpoint)
    add_folder(gallery, folder)
    images, _, found = list_images(gallery, None)
    assert images["camera"].tolist() == [1, 2]
    assert found.count(f"source 1: {PLACES_NOTE}") == notes
