"""LOMO: codes of hand-made patches, counts, and the maximum over the windows of a row."""

import colorsys

import numpy as np
import pytest
from PIL import Image

from core.baselines.lomo import (
    COLUMNS,
    LENGTH,
    RETINEX_SIGMAS,
    ROWS,
    halve,
    hsv_codes,
    lomo,
    max_histograms,
    retinex,
    siltp,
)


@pytest.fixture
def picture() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (70, 30, 3), dtype=np.uint8))


def test_length_and_norms(picture):
    descriptor = lomo(picture)
    assert descriptor.shape == (LENGTH,) == (26960,) and descriptor.dtype == np.float32
    kinds = np.split(descriptor, [40 * 512, 40 * (512 + 81)])  # colours, textures of two radii
    assert [np.linalg.norm(kind) for kind in kinds] == pytest.approx([1, 1, 1], abs=1e-5)


def test_siltp_of_a_patch_worked_by_hand():
    grey = np.full((5, 5), 100.0)
    grey[2, 4], grey[0, 2], grey[2, 0], grey[4, 2] = 131, 69, 129, 140  # right, above, left, below at distance 2
    assert siltp(grey, 2)[2, 2] == 1 * 1 + 2 * 3 + 0 * 9 + 1 * 27
    assert siltp(grey, 2)[1, 1] == 0  # its neighbours, at the edge and beyond it, are 100
    assert siltp(grey, 2)[2, 4] == 0  # beyond the edge is the pixel itself; the others are above 0.7 x 131 = 91.7
    assert siltp(grey, 2)[0, 2] == 3**0 * 1 + 3**2 * 1 + 3**3 * 1  # 69: right, left and below have 100 > 1.3 x 69


def test_siltp_does_not_change_with_the_brightness(picture):
    grey = np.asarray(picture.convert("L"), dtype=float) + 1
    np.testing.assert_array_equal(siltp(grey, 3), siltp(0.5 * grey, 3))


def test_siltp_against_a_loop(picture):
    grey, radius = np.asarray(picture.convert("L"), dtype=float)[:12, :9], 5
    expected = np.zeros(grey.shape, dtype=int)
    for row, column in np.ndindex(grey.shape):
        for digit, (down, right) in enumerate([(0, radius), (-radius, 0), (0, -radius), (radius, 0)]):
            neighbour = grey[np.clip(row + down, 0, 11), np.clip(column + right, 0, 8)]
            if neighbour > 1.3 * grey[row, column]:
                expected[row, column] += 3**digit
            elif neighbour < 0.7 * grey[row, column]:
                expected[row, column] += 2 * 3**digit
    np.testing.assert_array_equal(siltp(grey, radius), expected)


def test_counts_of_a_row_of_windows_worked_by_hand():
    codes = np.zeros((10, 30), dtype=int)
    codes[:, 5:15] = 2  # the windows begin in the columns 0, 5, 10, 15 and 20
    codes[3, 17] = 1
    assert max_histograms(codes, 3).tolist() == [[100, 1, 100]]
    assert max_histograms(np.roll(codes, 5, axis=1), 3).tolist() == [[100, 1, 100]]  # moved sideways
    assert max_histograms(np.roll(codes, 2, axis=1), 3).tolist() == [[100, 1, 80]]  # by less than a step


@pytest.mark.parametrize("shape", [(128, 48), (64, 24), (32, 12)])
def test_counts_against_a_loop(shape):
    codes = np.random.default_rng(0).integers(0, 7, shape)
    expected = [
        np.max(
            [
                np.bincount(codes[top : top + 10, left : left + 10].ravel(), minlength=7)
                for left in range(0, shape[1] - 9, 5)
            ],
            axis=0,
        )
        for top in range(0, shape[0] - 9, 5)
    ]
    np.testing.assert_array_equal(max_histograms(codes, 7), expected)


def test_hsv_codes():
    rgb = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [10, 90, 200]]], dtype=float)
    expected = []
    for colour in rgb[0]:
        hue, saturation, value = (min(7, int(8 * x)) for x in colorsys.rgb_to_hsv(*(colour / 255)))
        expected.append((8 * hue + saturation) * 8 + value)
    assert hsv_codes(rgb)[0].tolist() == expected


def test_halve():
    image = np.arange(16.0).reshape(4, 4)
    assert halve(image).tolist() == [[2.5, 4.5], [10.5, 12.5]]


def test_retinex_against_a_loop():
    """The Gaussian is a sum over all pixels, with the pixels of the edge repeated."""
    rgb = np.random.default_rng(0).integers(0, 256, (6, 4, 3)).astype(float)
    logarithm = np.log(rgb + 1)
    for sigma in RETINEX_SIGMAS:
        reach = round(4 * sigma)
        weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
        weights = np.outer(weights, weights) / weights.sum() ** 2
        padded = np.pad(rgb, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
        for row, column in np.ndindex(6, 4):
            around = padded[row : row + 2 * reach + 1, column : column + 2 * reach + 1]
            surround = np.einsum("hw,hwc->c", weights, around)
            logarithm[row, column] -= np.log(surround + 1) / (2 * len(RETINEX_SIGMAS))
    balanced = np.exp(logarithm)
    expected = np.minimum(255, 255 * balanced / np.quantile(balanced, 0.99))
    np.testing.assert_allclose(retinex(rgb), expected, rtol=1e-5)


def test_image_of_one_colour_has_a_descriptor():
    descriptor = lomo(Image.new("RGB", (COLUMNS, ROWS), (0, 0, 0)))
    assert np.isfinite(descriptor).all() and np.count_nonzero(descriptor) == 40 * 3
