"""Every kind of file gives a correct image or an error of one sentence."""

import base64
import io

import numpy as np
import pytest
from conftest import draw_person
from PIL import Image, features

from core.data.images import list_image_files, open_image, resize, upright_size
from core.errors import UserError


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


PERSON = draw_person(1, 1, 0)
# 64 x 128 pixels, the upper half red, the lower half blue; HEIC_SIDEWAYS is stored rotated, as by a phone
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAA"
    "AAAERAAAEAAQAAAAABegABAAAAAAAAAFEAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA1mlwcnAA"
    "AAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkA"
    "AAAwAAAwAeoCCAgWW6kkprm4CGgwIAAAMAMgAAAwACEGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAA"
    "gAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAAFltZGF0AAAATSgBrwngITl1X//70p///DfvIfuzaHQcw8VWws//1w"
    "p9/Zmt//v67QFgU8HylWHTvmWUMq2UCP6fwdQPOGBu7KqNyNPm/OJjGa8TokeA"
)
HEIC_SIDEWAYS = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAaFtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAA"
    "AAAERAAAIAAQAAAAABxQABAAAAAAAAADEAAgAAAAAB9gABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVp"
    "bmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA4GlwcnAAAADAaXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGE"
    "ABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoBAgQWW6kkprm4CGgwIAAAMAMgAAAwACEGIAAQAHRAHBcrAi"
    "QAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAACAAAAAQAAAABBwaXhpAAAAAAMICAgAAAAJaXJvdAMAAAAYaXBtYQAAAAAAAAABAA"
    "EFgQIDBIUAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAF1tZGF0AAAALSgBrwngITl1X//70p///DfvIfuzaHQcw8uZb/+Pcjv7M1v/9/XS"
    "YLp/+zAT/AAAAAZFeGlmAABNTQAqAAAACAABARIAAwAAAAEABgAAAAAAAA=="
)


def claim_size(heic: bytes, side: int) -> bytes:
    """Write another width and height into the header of a HEIC file."""
    place = heic.index(b"ispe") + 8
    return heic[:place] + 2 * side.to_bytes(4, "big") + heic[place + 8 :]


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


@pytest.mark.skipif(not features.check("avif"), reason="Pillow was built without AVIF")
def test_avif():
    image = open_image(encoded(PERSON, "AVIF", quality=90))
    assert image.mode == "RGB" and image.size == PERSON.size
    assert np.abs(np.asarray(image, float) - np.asarray(PERSON, float)).mean() < 12
    with pytest.raises(UserError, match="damaged or truncated|not an image"):
        open_image(encoded(PERSON, "AVIF")[:300])


@pytest.mark.parametrize("data", [HEIC, HEIC_SIDEWAYS], ids=["upright", "sideways"])
def test_heic_is_read_upright(data):
    image = open_image(data)
    assert image.mode == "RGB" and image.size == (64, 128) == upright_size(data)
    assert np.allclose(image.getpixel((32, 20)), (220, 40, 40), atol=12)
    assert np.allclose(image.getpixel((32, 108)), (40, 90, 200), atol=12)


@pytest.mark.parametrize(
    "data, sentence",
    [
        (HEIC[:40], "not an image|damaged or truncated"),
        (HEIC[:-60], "not an image|damaged or truncated"),
        (claim_size(HEIC, 10_000), "100 megapixels"),
        (claim_size(HEIC, 4), "4 x 4 pixels"),
        (claim_size(HEIC, 16), "damaged or truncated"),
    ],
    ids=["header alone", "truncated", "100 megapixels", "4 pixels", "another size"],
)
def test_invalid_heic_raises_one_sentence(data, sentence):
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
