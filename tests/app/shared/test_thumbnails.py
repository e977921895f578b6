"""Thumbnails are data URLs: nothing that another visitor could request."""

import base64
import io

import pytest
from conftest import draw_person
from PIL import Image

from app.shared.thumbnails import MAX_BYTES, THUMBNAIL, thumbnail_url
from core.errors import UserError

START = "data:image/jpeg;base64,"


def content(url: str) -> bytes:
    assert url.startswith(START)
    return base64.b64decode(url.removeprefix(START))


def save(folder, name: str, size=(64, 128), **options):
    path = folder / name
    draw_person(5, 1, 1).resize(size).save(path, **options)
    return path


def test_a_small_jpeg_is_sent_as_it_is(tmp_path):
    path = save(tmp_path, "small.jpg")
    assert content(thumbnail_url(path)) == path.read_bytes()


@pytest.mark.parametrize("name, size", [("small.png", (64, 128)), ("wide.jpg", (193, 100)), ("high.jpg", (100, 385))])
def test_other_files_are_reduced_and_encoded(tmp_path, name, size):
    path = save(tmp_path, name, size)
    sent = content(thumbnail_url(path))
    with Image.open(io.BytesIO(sent)) as image:
        assert image.format == "JPEG" and sent != path.read_bytes()
        assert all(side <= limit for side, limit in zip(image.size, THUMBNAIL, strict=True))


def test_a_rotated_image_is_upright_and_its_metadata_is_not_sent(tmp_path):
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "the photographer"  # rotated by 90 degrees; artist
    sent = content(thumbnail_url(save(tmp_path, "rotated.jpg", exif=exif)))
    with Image.open(io.BytesIO(sent)) as image:
        assert image.size == (128, 64)
    assert b"photographer" not in sent


def test_a_comment_is_not_sent(tmp_path):
    assert b"secret" not in content(thumbnail_url(save(tmp_path, "comment.jpg", comment=b"secret")))


def test_bytes_after_a_small_image_are_not_sent(tmp_path):
    path = save(tmp_path, "long.jpg")
    path.write_bytes(path.read_bytes() + bytes(MAX_BYTES))
    assert len(content(thumbnail_url(path))) < MAX_BYTES


def test_a_damaged_file_is_refused(tmp_path):
    path = save(tmp_path, "half.jpg")
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(UserError):
        thumbnail_url(path)
