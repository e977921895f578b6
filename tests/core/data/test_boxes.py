"""A box of an image file has a path of its own, which is opened, hashed and listed like the path of a file."""

import numpy as np
import pytest
from conftest import draw_person
from PIL import Image

from core.data.boxes import box_path, split_box
from core.data.images import file_of, open_image, read_content, upright_size
from core.errors import UserError


@pytest.fixture
def frame(tmp_path):
    """Return a file with a red frame of 100 x 80 pixels and a person at 20, 10."""
    image = Image.new("RGB", (100, 80), "red")
    image.paste(draw_person(1, 1, 0).resize((30, 60)), (20, 10))
    image.save(tmp_path / "frame.png")
    return tmp_path / "frame.png"


def test_a_crop_is_cut_out(frame):
    path = box_path(frame, (20, 10, 50, 70))
    assert path == frame / "frame box 20 10 50 70.bmp"
    assert split_box(path) == split_box(str(path)) == (frame, (20, 10, 50, 70))
    assert file_of(path) == frame
    expected = np.asarray(open_image(frame))[10:70, 20:50]
    assert np.array_equal(np.asarray(open_image(path)), expected)
    assert np.array_equal(np.asarray(open_image(read_content(path))), expected)
    assert upright_size(read_content(path)) == (30, 60)


def test_a_changed_file_gives_other_crops(frame):
    path = box_path(frame, (20, 10, 50, 70))
    before = read_content(path)
    Image.new("RGB", (100, 80), "blue").save(frame)
    assert read_content(path) != before and open_image(path).getpixel((0, 0)) == (0, 0, 255)


def test_a_box_over_the_border_is_cut_off(frame):
    assert open_image(box_path(frame, (-10, -5, 30, 70))).size == (30, 70)
    assert open_image(box_path(frame, (80, 20, 110, 90))).size == (20, 60)


def test_a_box_is_of_the_upright_image(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90 degrees
    upright = Image.new("RGB", (40, 100), "red")
    upright.paste("blue", (0, 50, 40, 100))
    upright.rotate(90, expand=True).save(tmp_path / "x.png", exif=exif)
    assert open_image(box_path(tmp_path / "x.png", (0, 60, 40, 100))).getpixel((5, 5)) == (0, 0, 255)


@pytest.mark.parametrize(
    "box, sentence",
    [
        ((100, 0, 120, 60), "box 100 0 120 60 is outside frame.png, which has 100 x 80 pixels"),
        ((60, 0, 150, 60), "is outside frame.png"),
        ((50, 10, 20, 70), "box 50 10 20 70 of frame.png is empty"),
        ((0, 0, 5, 60), "5 x 60 pixels; at least 8 x 8"),
    ],
)
def test_a_wrong_box_raises_one_sentence(frame, box, sentence):
    with pytest.raises(UserError, match=sentence) as caught:
        open_image(box_path(frame, box))
    assert str(caught.value).count("\n") == 0
    assert read_content(box_path(frame, box))  # galleries list the image with the reason


def test_other_paths_are_no_boxes(frame):
    (frame.parent / "a box 1 2 3 4.bmp").write_bytes(frame.read_bytes())
    assert split_box(frame.parent / "a box 1 2 3 4.bmp") is None
    assert open_image(frame.parent / "a box 1 2 3 4.bmp").size == (100, 80)
    with pytest.raises(UserError, match="no image at .*gone.png"):
        open_image(box_path(frame.parent / "gone.png", (20, 10, 50, 70)))
