"""Every kind of file gives a correct image or an error of one sentence."""

import io
import struct
import zlib

import numpy as np
import pytest
from conftest import draw_person
from heic import HEIC, HEIC_SIDEWAYS
from PIL import Image, features

from core.data.images import list_image_files, open_image, resize, upright_size
from core.errors import UserError


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


PERSON = draw_person(1, 1, 0)


def claim_size(heic: bytes, side: int) -> bytes:
    """Write another width and height into the header of a HEIC file."""
    place = heic.index(b"ispe") + 8
    return heic[:place] + 2 * side.to_bytes(4, "big") + heic[place + 8 :]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "MPO"])
def test_supported_formats(kind):
    image = open_image(encoded(PERSON, kind))
    assert image.mode == "RGB" and image.size == PERSON.size
    assert np.abs(np.asarray(image, float) - np.asarray(PERSON, float)).mean() < 12


def test_a_truncated_pil_image_is_refused():
    image = Image.open(io.BytesIO(encoded(PERSON)[:300]))
    with pytest.raises(UserError, match="The image is damaged or truncated"):
        open_image(image)


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


def png(values: np.ndarray) -> bytes:
    """Write uint16 (H, W) or (H, W, 3) as a PNG file of 16 bits."""
    rows, columns = values.shape[:2]
    lines = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", columns, rows, 16, 2 if values.ndim == 3 else 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def tiff(values: np.ndarray, order: str = "<", deflate: bool = False, **tags: int) -> bytes:
    """Write integers or floats (H, W) or (H, W, 3) as a TIFF file. `tags` are additional: `t274=6`."""
    rows, columns = values.shape[:2]
    channels = values.shape[2] if values.ndim == 3 else 1
    data = values.astype(values.dtype.newbyteorder(order)).tobytes()
    data = zlib.compress(data) if deflate else data
    bits = values.dtype.itemsize * 8
    entries = {256: columns, 257: rows, 258: bits, 259: 8 if deflate else 1, 262: 2 if channels == 3 else 1, 273: 0}
    entries |= {277: channels, 278: rows, 279: len(data), 339: {"u": 1, "i": 2, "f": 3}[values.dtype.kind]}
    entries |= {int(tag[1:]): value for tag, value in tags.items()}
    start = 8 + 2 + 12 * len(entries) + 4
    extra = struct.pack(f"{order}3H", bits, bits, bits) + b"\0\0" if channels == 3 else b""
    entries[273] = start + len(extra)
    table = b""
    for tag, value in sorted(entries.items()):
        if tag == 258 and channels == 3:
            table += struct.pack(f"{order}HHII", tag, 3, 3, start)
        else:
            table += struct.pack(f"{order}HHII", tag, 4, 1, value)
    magic = b"II*\0" if order == "<" else b"MM\0*"
    return magic + struct.pack(f"{order}IH", 8, len(entries)) + table + bytes(4) + extra + data


WRITERS = {
    "png": png,
    "tiff": tiff,
    "big-endian tiff": lambda values: tiff(values, ">"),
    "deflate tiff": lambda values: tiff(values, deflate=True),
    "big-endian deflate tiff": lambda values: tiff(values, ">", deflate=True),
}


def ramp(most: int, *channels: int) -> np.ndarray:
    """Return values from 0 to `most`, most of them no multiples of 4 or 257."""
    return np.linspace(0, most, 40 * 20 * max(1, sum(channels))).round().astype(np.uint16).reshape(40, 20, *channels)


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("channels", [(), (3,)], ids=["grey", "rgb"])
@pytest.mark.parametrize(
    "most, white",
    [
        (255, 255),
        (256, 1023),
        (1023, 1023),
        (3000, 4095),
        (4096, 16383),
        (16383, 16383),
        (16384, 65535),
        (65535, 65535),
    ],
)
def test_values_of_16_bit_files_are_stretched_by_the_depth_in_use(write, channels, most, white, tmp_path):
    values = ramp(most, *channels)
    data = write(values)
    expected = values / white * 255
    expected = expected if channels else np.stack([expected] * 3, axis=2)
    (tmp_path / "a.jpg").write_bytes(data)
    for source in (data, tmp_path / "a.jpg", io.BytesIO(data)):
        assert np.abs(np.asarray(open_image(source)) - expected).max() <= 1


@pytest.mark.parametrize("write", [png, tiff])
@pytest.mark.parametrize("step", [4, 16, 256, 257])
def test_dark_images_that_were_scaled_up_to_16_bits_stay_dark(write, step):
    for shape in ((40, 20), (40, 20, 3)):
        values = (np.arange(np.prod(shape)).reshape(shape) % (16_000 // step) * step).astype(np.uint16)
        expected = (values if len(shape) == 3 else np.stack([values] * 3, axis=2)) / 257
        assert np.abs(np.asarray(open_image(write(values))) - expected).max() <= 1


def test_a_thermal_image_of_12_bits_is_not_black():
    warm = np.full((40, 20), 1400, np.uint16)
    warm[10:30, 5:15] = 2101
    assert open_image(png(warm)).getpixel((0, 0)) == (87, 87, 87)
    assert open_image(png(warm)).getpixel((10, 20)) == (131, 131, 131)


def test_16_bit_images_are_upright():
    for channels in ((), (3,)):
        values = ramp(4000, *channels)
        image = open_image(tiff(values, t274=6))  # rotate by 90 degrees
        assert image.size == (40, 20)
        found = np.asarray(image) if channels else np.asarray(image)[:, :, 0]
        assert np.abs(np.rot90(values, -1) / 4095 * 255 - found).max() <= 1


def test_float_tiffs():
    values = np.linspace(0, 1, 800, dtype=np.float32).reshape(40, 20)
    for white in (1, 255, 65535):
        image = np.asarray(open_image(tiff(values * white)))[:, :, 0]
        assert np.abs(image - values * 255).max() <= 1
    values[0, :4] = np.nan, np.inf, -np.inf, -5
    image = np.asarray(open_image(tiff(values)))[:, :, 0]
    assert (image[0, :4] == 0).all() and image[-1, -1] == 255
    assert not np.asarray(open_image(tiff(np.full((40, 20), np.nan, np.float32)))).any()


def test_kinds_of_tiff():
    grey = np.arange(800, dtype=np.uint8).reshape(40, 20)
    assert np.array_equal(np.asarray(open_image(tiff(grey)))[:, :, 0], grey)
    wide = np.asarray(open_image(tiff(grey.astype(np.int32) * 2**23)), int)[:, :, 0]
    assert np.abs(wide - grey).max() <= 1
    pages = [Image.new("RGB", (20, 40), colour) for colour in ("red", "blue")]
    assert open_image(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])).getpixel((5, 5)) == (255, 0, 0)
    one_bit = Image.fromarray(grey > 99)
    for compression in ("raw", "group4"):
        image = open_image(encoded(one_bit, "TIFF", compression=compression))
        assert np.array_equal(np.asarray(image)[:, :, 0], 255 * (grey > 99))
    cmyk = Image.new("RGB", (20, 40), (200, 30, 90)).convert("CMYK")
    assert np.allclose(open_image(encoded(cmyk, "TIFF")).getpixel((0, 0)), (200, 30, 90), atol=2)
    for compression in ("tiff_lzw", "jpeg", "packbits"):
        image = open_image(encoded(PERSON, "TIFF", compression=compression))
        assert np.abs(np.asarray(image, float) - np.asarray(PERSON, float)).mean() < 12
    sideways = tiff(grey, t274=6)
    assert upright_size(sideways) == open_image(sideways).size == (40, 20)


@pytest.mark.parametrize(
    "data, sentence",
    [
        (tiff(ramp(4000))[:100], "x.tif is a damaged or truncated|x.tif is a TIFF file of an unsupported kind"),
        (tiff(ramp(4000))[:400], "x.tif is a damaged or truncated"),
        (tiff(ramp(4000, 3))[:400], "x.tif is a damaged or truncated"),
        (tiff(ramp(4000), deflate=True)[:400], "x.tif is a damaged or truncated"),
        (tiff(np.zeros((40, 20, 3), np.float64)), "x.tif is a TIFF file of an unsupported kind"),
        (tiff(np.zeros((40, 20), np.uint8), t259=34887), "x.tif is a"),
        (b"II*\0" + bytes(20), "x.tif is a"),
        (tiff(np.zeros((40, 20), np.uint8), t256=100_000, t257=100_000), "megapixels"),
        (encoded(Image.new("LAB", (20, 40)), "TIFF"), "x.tif has the colours of CIELAB"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            "x.tif is a Git LFS pointer, not the image; run `git lfs",
        ),
    ],
    ids="header pixels rgb deflate floats compression empty large lab pointer".split(),
)
def test_odd_tiff_files_and_pointers_raise_one_sentence(data, sentence, tmp_path):
    (tmp_path / "x.tif").write_bytes(data)
    with pytest.raises(UserError, match=sentence) as caught:
        open_image(tmp_path / "x.tif")
    assert str(caught.value).count("\n") == 0
    with pytest.raises(UserError):
        open_image(io.BytesIO(data))


def test_image_files(tmp_path):
    for name in ("b.JPG", "a/c.webp", ".hidden/d.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in list_image_files(tmp_path)] == ["c.webp", "b.JPG"]
