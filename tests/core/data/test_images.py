"""Every kind of file gives a correct image or an error of one sentence."""

import io

import numpy as np
import pytest
from conftest import draw_person
from PIL import Image

from core.data.images import list_image_files, open_image, resize
from core.errors import UserError


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


PERSON = draw_person(1, 1, 0)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_supported_formats(kind):
    image = open_image(encoded(PERSON, kind))
    assert image.mode == "RGB" and image.size == PERSON.size
    assert np.abs(np.asarray(image, float) - np.asarray(PERSON, float)).mean() < 12


@pytest.mark.parametrize(
    "data, sentence",
    [
        (b"", "not an image"),
        (b"hello, I am text", "not an image"),
        (encoded(PERSON)[:300], "damaged or truncated"),
        (encoded(PERSON, "JPEG")[:400], "damaged or truncated"),
        (encoded(PERSON.resize((1, 80))), "1 x 80 pixels"),
        (encoded(Image.new("1", (10_000, 10_000))), "100 megapixels"),
        (encoded(Image.new("1", (20_000, 20_000))), "megapixels"),
    ],
    ids=["empty", "text", "truncated png", "truncated jpeg", "one pixel wide", "100 megapixels", "400 megapixels"],
)
def test_invalid_images_raise_one_sentence(data, sentence):
    with pytest.raises(UserError, match=sentence) as caught:
        open_image(data)
    assert str(caught.value).count("\n") == 0


def test_content_determines_the_format(tmp_path):
    path = tmp_path / "person.jpg"
    path.write_bytes(encoded(PERSON))
    assert open_image(path).size == PERSON.size
    (tmp_path / "song.png").write_bytes(b"RIFF....WAVEfmt ")
    with pytest.raises(UserError, match="song.png is not an image"):
        open_image(tmp_path / "song.png")


def test_missing_files_and_folders_raise(tmp_path):
    with pytest.raises(UserError, match="no image at"):
        open_image(tmp_path / "missing.png")
    with pytest.raises(UserError, match="is a folder"):
        open_image(tmp_path)


def test_animation_gives_the_first_frame():
    frames = [Image.new("RGB", (20, 40), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert open_image(data).getpixel((5, 5)) == (254, 0, 0) or open_image(data).getpixel((5, 5)) == (255, 0, 0)


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90 degrees
    data = encoded(PERSON.rotate(90, expand=True), "JPEG", exif=exif, quality=95)
    image = open_image(data)
    assert image.size == PERSON.size
    assert np.abs(np.asarray(image, float) - np.asarray(PERSON, float)).mean() < 12


def test_modes():
    grey = Image.new("L", (20, 40), 100)
    assert open_image(grey).getpixel((0, 0)) == (100, 100, 100)
    sixteen = Image.fromarray(np.full((40, 20), 100 * 257, np.uint16))
    assert open_image(encoded(sixteen)).getpixel((0, 0)) == (100, 100, 100)
    cmyk = Image.new("RGB", (20, 40), (200, 30, 90)).convert("CMYK")
    assert np.allclose(open_image(encoded(cmyk, "JPEG", quality=100)).getpixel((0, 0)), (200, 30, 90), atol=6)
    palette = PERSON.quantize(64)
    assert np.abs(np.asarray(open_image(encoded(palette)), float) - np.asarray(PERSON, float)).mean() < 12


def test_transparent_pixels_are_put_on_white():
    image = Image.new("RGBA", (20, 40), (255, 0, 0, 0))
    assert open_image(encoded(image)).getpixel((0, 0)) == (255, 255, 255)
    palette = PERSON.quantize(16)
    see_through = palette.getpixel((0, 0))
    assert open_image(encoded(palette, transparency=see_through)).getpixel((0, 0)) == (255, 255, 255)


def test_arrays():
    array = np.asarray(PERSON)
    assert np.array_equal(np.asarray(open_image(array)), array)
    assert np.abs(np.asarray(open_image(array / 255)).astype(int) - array).max() == 0
    for wrong in (array.transpose(2, 0, 1), array / 255 * 2, array.astype(np.int64), array[:4]):
        with pytest.raises(UserError):
            open_image(wrong)


def test_resize():
    small = resize(PERSON)
    assert small.shape == (3, 160, 60) and small.dtype == np.uint8


def test_image_files(tmp_path):
    for name in ("b.JPG", "a/c.webp", ".hidden/d.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in list_image_files(tmp_path)] == ["c.webp", "b.JPG"]
