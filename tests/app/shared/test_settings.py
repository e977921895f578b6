"""Keys of what is computed from a data folder: they follow its images."""

import pytest
from PIL import Image

from app.shared import settings
from app.shared.images import read_images
from app.shared.settings import CHECK_INTERVAL_S, described_key

PROBE = "0005_c1s1_000500_00.png"


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """Set the time of the next look at the images of a data folder."""
    now = [0.0]
    monkeypatch.setattr(settings, "monotonic", lambda: now[0])
    return now


def test_the_key_follows_an_overwritten_image(people, checkpoint, clock):
    images = [record.path for record in read_images(people).gallery]
    first = described_key(people, checkpoint, images)
    Image.new("RGB", (32, 80), (255, 0, 0)).save(images[0])  # its folder keeps its time
    clock[0] += CHECK_INTERVAL_S - 1
    assert described_key(people, checkpoint, images) == first
    clock[0] += 1
    second = described_key(people, checkpoint, images)
    assert second != first
    (people / "new").mkdir()  # a changed folder is looked at again at once
    Image.new("RGB", (32, 80), (0, 255, 0)).save(images[0])
    assert described_key(people, checkpoint, images)[0][2] != second[0][2]


@pytest.mark.slow
def test_an_overwritten_image_is_searched_again(open_app, people, crops, clock):
    app = open_app(probe=PROBE)
    first = crops(app, "ranking")[0]
    Image.new("RGB", (32, 80), (255, 0, 0)).save(people / "bounding_box_test" / first["id"])
    clock[0] += CHECK_INTERVAL_S
    scores = {crop["id"]: crop["left"] for crop in crops(app.run(), "ranking")}
    assert scores[first["id"]] != first["left"]
