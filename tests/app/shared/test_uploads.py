"""Uploads and their boxes."""

import io
from dataclasses import dataclass

import pytest
from PIL import Image

from app.shared import texts, uploads
from app.shared.uploads import (
    MAX_BOXES,
    MAX_IMAGES,
    MAX_SIDE_PIXELS,
    WHOLE_IMAGE,
    Upload,
    boxes_of,
    check_box,
    check_boxes,
    cut,
    first_box,
    probe_images,
    read_uploads,
)


@dataclass
class File:
    name: str
    data: bytes

    def getvalue(self) -> bytes:
        return self.data


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    return file.getvalue()


def upload(width: int, height: int, id: str = "id") -> Upload:
    return Upload(id, "image.png", Image.new("RGB", (width, height)))


def test_large_uploads_are_kept_small():
    [(name, image)], refused = read_uploads([File("a.png", png(1000, 3200))])
    assert name == "a.png" and image.size == (500, MAX_SIDE_PIXELS) and not refused


def test_damaged_file_is_skipped_with_a_sentence():
    kept, refused = read_uploads([File("a.png", png(40, 80)), File("b.png", b""), File("c.png", png(40, 80))])
    assert [name for name, _ in kept] == ["a.png", "c.png"]
    assert len(refused) == 1 and refused[0].startswith("b.png ")


def test_too_many_files_are_named():
    files = [File(f"{number}.png", png(40, 80)) for number in range(5)]
    kept, refused = read_uploads(files, room=3)
    assert [name for name, _ in kept] == ["0.png", "1.png", "2.png"]
    assert refused == [texts.TOO_MANY_UPLOADS.format(limit=MAX_IMAGES, names="3.png, 4.png")]


def test_a_large_file_is_named(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_FILE_MB", 0)
    kept, refused = read_uploads([File("a.png", png(40, 80))])
    assert not kept and refused == [texts.UPLOAD_TOO_LARGE.format(name="a.png", limit=0)]


SHAPES = [(64, 128, True), (60, 160, True), (64, 96, True), (100, 100, False), (400, 300, False), (20, 100, False)]


@pytest.mark.parametrize(("width", "height", "person"), SHAPES)
def test_shape_distinguishes_crops_from_photographs(width, height, person):
    assert upload(width, height).shows_one_person is person


def test_first_box_has_the_shape_of_a_person_in_the_middle():
    for width, height in ((400, 300), (300, 400), (1000, 100), (20, 1000)):
        left, top, right, bottom = first_box(upload(width, height))
        assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
        assert left + right == pytest.approx(1) and top + bottom == pytest.approx(1)
        assert (bottom - top) * height / ((right - left) * width) == pytest.approx(2.3)


@pytest.mark.parametrize(
    "values",
    [None, "0123", [0, 0, 1], [0.5, 0, 0.5, 1], [0, 1, 1, 0], [0, 0, "a", 1], [float("nan")] * 4, [-3, 0, -2, 1]],
)
def test_an_invalid_box_is_refused(values):
    assert check_box(values) is None


def test_box_ends_at_the_image():
    assert check_box([-0.5, 0, 0.5, 2]) == (0, 0, 0.5, 1)


def test_all_boxes_are_checked():
    assert check_boxes([]) == []
    assert check_boxes([[0, 0, 1, 2], [0, 0, 0.5, 0.5]]) == [(0, 0, 1, 1), (0, 0, 0.5, 0.5)]
    for invalid in (None, "ab", 3, [[0, 0, 1, 1], None], [[0, 0, 1, 1]] * (MAX_BOXES + 1)):
        assert check_boxes(invalid) is None


def test_a_photograph_gives_an_image_for_each_box_and_none_before():
    crop, photograph = upload(60, 160, "crop"), upload(400, 300, "photograph")
    assert boxes_of(crop, {}) == (WHOLE_IMAGE,) and boxes_of(photograph, {}) == ()
    assert [image.content for image in probe_images([crop, photograph], {})] == [("crop", WHOLE_IMAGE)]
    boxes = {"photograph": ((0, 0, 0.1, 0.5), (0.5, 0, 0.75, 1)), "crop": ()}
    images = probe_images([crop, photograph], boxes)
    assert [image.content for image in images] == [("photograph", box) for box in boxes["photograph"]]
    assert [image.image.size for image in images] == [(40, 150), (100, 300)]
    assert len({image.name for image in images}) == 2


def test_cut_returns_the_pixels_inside():
    image = Image.new("RGB", (100, 50), "black")
    image.paste("white", (20, 10, 60, 30))
    piece = cut(Upload("a", "a", image), (0.2, 0.2, 0.6, 0.6))
    assert piece.size == (40, 20) and piece.getextrema() == ((255, 255),) * 3
    assert cut(Upload("a", "a", image), (0.999, 0.999, 1, 1)).size == (1, 1)
