"""Heat maps and their scales."""

import base64
import io

import numpy as np
from PIL import Image

from app.components.heatmap import glow, scale, signed
from core.colours import NEGATIVE, POSITIVE


def pixels(url: str) -> np.ndarray:
    """(H, W, 4) of a data URL."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))


def test_signed_values_have_two_colours_and_zero_is_clear():
    seen = pixels(signed(np.array([[-4.0, -2.0, 0.0, 1.0, 2.0]]), 2.0))[0]
    assert seen[0].tolist() == seen[1].tolist() == [*NEGATIVE, 255]
    assert seen[2, 3] == 0 and 0 < seen[3, 3] < 255
    assert seen[4].tolist() == [*POSITIVE, 255]


def test_glow_becomes_lighter_up_to_the_top():
    seen = pixels(glow(np.linspace(0, 2, 9)[None], 1.0))[0]
    light = seen[:, :3].sum(1).astype(int)
    assert (np.diff(light[:5]) > 0).all() and (light[5:] == light[4]).all()
    assert (seen[:, 3] == 255).all()


def test_over_an_image_low_values_are_clear_and_the_image_stays_visible():
    seen = pixels(glow(np.array([[0.0, 1.0]]), 1.0, over=True))[0]
    assert seen[0, 3] == 0 and 150 < seen[1, 3] < 255
    assert pixels(signed(np.array([[1.0]]), 1.0, over=True))[0, 0, 3] < 255


def test_zeros_are_drawn_without_a_warning():
    assert pixels(glow(np.zeros((2, 2)), 0.0)).shape == (2, 2, 4)
    assert (pixels(signed(np.zeros((2, 2)), 0.0))[..., 3] == 0).all()


def test_a_scale_shows_its_ends():
    words = [item["text"] for item in scale((0, 0, 90, 9), 0.25, True, "a region") if item["kind"] == "text"]
    assert words == ["−0.25", "a region", "+0.25"]
    words = [item["text"] for item in scale((0, 0, 90, 9), 1234.0) if item["kind"] == "text"]
    assert words == ["0", "", "1,234"]
