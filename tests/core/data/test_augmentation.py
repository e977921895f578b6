import math
from dataclasses import replace

import pytest
import torch

from core.config import TrainingConfig
from core.data.augmentation import add_noise, augment, blur, change_colours, erase, luma, shift, zoom

IMAGES = torch.arange(4 * 3 * 12 * 10).reshape(4, 3, 12, 10) % 251
PLAIN = TrainingConfig()


def test_paper_preset_changes_nothing():
    assert torch.equal(augment(IMAGES.byte(), PLAIN), IMAGES.float())


def test_flip_mirrors_about_half_of_the_images():
    torch.manual_seed(0)
    images = IMAGES[:1].expand(400, -1, -1, -1).byte()
    flipped = augment(images, replace(PLAIN, flip=True))
    mirrored = (flipped == images.float().flip(3)).all((1, 2, 3))
    assert (mirrored | (flipped == images.float()).all((1, 2, 3))).all()
    assert 150 < mirrored.sum() < 250


def test_shift_equals_a_loop():
    torch.manual_seed(1)
    shifted = shift(IMAGES.float(), 3, 2)
    assert not torch.equal(shifted, IMAGES.float())
    for image, moved in zip(IMAGES.float(), shifted, strict=True):
        candidates = []
        for rows in range(-3, 4):
            for columns in range(-2, 3):
                expected = torch.empty_like(image)
                for y in range(12):
                    for x in range(10):
                        expected[:, y, x] = image[:, min(max(y + rows, 0), 11), min(max(x + columns, 0), 9)]
                candidates.append(torch.equal(expected, moved))
        assert any(candidates)


def test_colours_stay_in_range_and_strength_0_changes_nothing():
    torch.manual_seed(0)
    images = IMAGES.float()
    changed = change_colours(images, 0.5)
    assert changed.min() >= 0 and changed.max() <= 255 and not torch.equal(changed, images)
    torch.testing.assert_close(change_colours(images, 0.0), images)


def test_erase_fills_one_rectangle():
    torch.manual_seed(0)
    images = torch.rand(50, 3, 40, 20)
    erased = erase(images, 1.0)
    for image, changed in zip(images, erased, strict=True):
        touched = (image != changed).all(0)
        rows, columns = touched.any(1).sum().item(), touched.any(0).sum().item()
        assert touched.sum() == rows * columns
        assert 9 <= rows <= 21 and 4 <= columns <= 11
        torch.testing.assert_close(changed[:, touched][:, 0], image.mean((1, 2)))
    assert torch.equal(erase(images, 0.0), images)


@pytest.mark.parametrize("field", ["flip", "shift_rows", "erase", "colour"])
def test_torch_seed_determines_every_change(field):
    config = replace(PLAIN, **{field: {"flip": True, "shift_rows": 4}.get(field, 0.5)})
    results = []
    for _ in range(2):
        torch.manual_seed(7)
        results.append(augment(IMAGES.byte(), config))
    assert torch.equal(*results) and not torch.equal(results[0], IMAGES.float())


def test_zoom_by_an_exact_factor_interpolates(monkeypatch):
    """At factor 2 each output pixel is a quarter of a pixel from an input pixel, as calculated by hand."""
    monkeypatch.setattr(torch, "rand", lambda *size, **options: torch.ones(*size))
    row = torch.tensor([0.0, 1.0, 2.0, 3.0])
    images = row.expand(1, 3, 4, 4).contiguous()
    torch.testing.assert_close(zoom(images, 1.0)[0, 0, 0], torch.tensor([0.75, 1.25, 1.75, 2.25]))
    torch.testing.assert_close(zoom(images, 0.0), images)


def test_zoom_factors_of_height_and_width_are_independent():
    torch.manual_seed(0)
    square = torch.zeros(20, 3, 40, 40)
    square[:, :, 10:30, 10:30] = 1
    zoomed = zoom(square, 0.3)[:, 0] > 0.5
    heights, widths = zoomed.any(2).sum(1), zoomed.any(1).sum(1)
    assert heights.min() >= 13 and heights.max() <= 27 and len(set(heights.tolist())) > 3
    assert (heights != widths).any()


def test_grey_images_have_their_brightness_in_all_channels():
    torch.manual_seed(0)
    images = torch.randint(0, 256, (200, 3, 4, 3), dtype=torch.uint8)
    changed = augment(images, replace(PLAIN, grey=0.5))
    grey = (changed[:, :1] == changed).all((1, 2, 3))
    assert 60 < grey.sum() < 140 and torch.equal(changed[~grey], images.float()[~grey])
    red, green, blue = images[grey][0, :, 2, 1].float()
    torch.testing.assert_close(changed[grey][0, 0, 2, 1], 0.299 * red + 0.587 * green + 0.114 * blue)
    torch.testing.assert_close(luma(images.float())[grey], changed[grey][:, :1])


def test_blur_equals_a_loop(monkeypatch):
    monkeypatch.setattr(torch, "rand", lambda *size, **options: torch.full(size, 0.5))
    images = torch.randn(2, 3, 7, 6)
    sigma, reach = 1.5 * 0.5 + 1e-3, 5
    weights = [math.exp(-((k / sigma) ** 2) / 2) for k in range(-reach, reach + 1)]
    expected = torch.zeros_like(images)
    for y in range(7):
        for x in range(6):
            for down, by_rows in zip(range(-reach, reach + 1), weights, strict=True):
                for right, by_columns in zip(range(-reach, reach + 1), weights, strict=True):
                    here = images[:, :, min(max(y + down, 0), 6), min(max(x + right, 0), 5)]
                    expected[:, :, y, x] += by_rows * by_columns / sum(weights) ** 2 * here
    torch.testing.assert_close(blur(images, 1.5), expected)


def test_noise_has_the_given_strength():
    torch.manual_seed(0)
    images = torch.full((400, 3, 20, 20), 128.0)
    spreads = (add_noise(images, 12.0) - images).std((1, 2, 3))
    assert spreads.min() < 1 and 11 < spreads.max() < 12.8 and spreads.mean() == pytest.approx(6, abs=0.7)
    dark = add_noise(torch.zeros(4, 3, 5, 5), 12.0)
    assert dark.min() == 0 and dark.max() > 0
