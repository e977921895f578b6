"""Crops of an image file, which a table with boxes gives, have names in links and thumbnails of their own."""

from pathlib import Path

from PIL import Image

from app.shared import cache
from app.shared.images import names_in_links
from core.data.boxes import box_path


def test_crops_have_names_and_thumbnails(tmp_path):
    frame = Image.new("RGB", (120, 100), "white")
    frame.paste("red", (10, 5, 50, 95))
    paths = []
    for folder in ("monday", "tuesday"):
        (tmp_path / folder).mkdir()
        frame.save(tmp_path / folder / "f.png")
        paths += [box_path(tmp_path / folder / "f.png", box) for box in ((10, 5, 50, 95), (60, 5, 100, 95))]
    assert cache.thumbnail(paths[0]) != cache.thumbnail(paths[1])
    assert cache.thumbnail(str(paths[0])) == cache.thumbnail(paths[2])
    before = cache.content_of([paths[0]])
    frame.resize((240, 200)).save(tmp_path / "monday/f.png")
    assert cache.content_of([paths[0]]) != before
    assert names_in_links(paths[:2], tmp_path)[paths[0]] == "f box 10 5 50 95.bmp"
    assert names_in_links(paths, tmp_path)[paths[0]] == Path("monday/f.png/f box 10 5 50 95.bmp").as_posix()
