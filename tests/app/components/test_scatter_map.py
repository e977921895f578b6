"""The data that is sent to the map in the browser."""

import base64
import io

import numpy as np
from PIL import Image

from app.components.scatter_map import SPRITE_SIZE, draw_sprites, frame, grid, pack


def test_the_frame_contains_all_points():
    middle, reach = frame(np.array([[0.0, 1.0], [4.0, 3.0]]))
    assert middle.tolist() == [2, 2] and reach == 2
    assert frame(np.ones((3, 2)))[1] > 0


def test_packed_numbers_are_little_endian_bytes():
    assert base64.b64decode(pack(np.array([1.0], "<f4"))) == b"\x00\x00\x80?"


def test_small_images_are_drawn_row_by_row(tmp_path):
    colours = [(200, 30, 30), (30, 160, 40), (40, 50, 220)]
    for number, colour in enumerate(colours):
        Image.new("RGB", (20, 40), colour).save(tmp_path / f"{number}.png")
    (tmp_path / "3.png").write_bytes(b"broken")
    paths = sorted(tmp_path.iterdir())
    columns, rows = grid(4)
    assert (columns, rows) == (3, 2)
    url = draw_sprites(paths)
    sheet = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    assert sheet.size == (3 * SPRITE_SIZE[0], 2 * SPRITE_SIZE[1])
    for number, colour in enumerate([*colours, (136, 136, 136)]):
        middle = (number % 3 * SPRITE_SIZE[0] + SPRITE_SIZE[0] // 2, number // 3 * SPRITE_SIZE[1] + SPRITE_SIZE[1] // 2)
        assert np.abs(np.subtract(sheet.getpixel(middle), colour)).max() < 12
