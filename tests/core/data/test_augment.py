from dataclasses import replace

import pytest
import torch

from core.config import TrainingConfig
from core.data.augment import augment, change_colours, erase, shift, zoom

IMAGES = torch.arange(4 * 3 * 12 * 10).reshape(4, 3, 12, 10) % 251
PLAIN = TrainingConfig()


def test_the_authors_change_nothing():
    assert torch.equal(augment(IMAGES.byte(), PLAIN), IMAGES.float())


def test_flip_mirrors_about_half_of_the_pictures():
    torch.manual_seed(0)
    images = IMAGES[:1].expand(400, -1, -1, -1).byte()
    flipped = augment(images, replace(PLAIN, flip=True))
    mirrored = (flipped == images.float().flip(3)).all((1, 2, 3))
    assert (mirrored | (flipped == images.float()).all((1, 2, 3))).all()
    assert 150 < mirrored.sum() < 250


def test_shift_equals_a_loop():
    torch.manual_seed(1)
    shifted = shift(IMAGES.float(), 3, 2)
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


def test_colours_stay_in_range_and_strength_zero_changes_nothing():
    torch.manual_seed(0)
    images = IMAGES.float()
    changed = change_colours(images, 0.5)
    assert changed.min() >= 0 and changed.max() <= 255 and not torch.equal(changed, images)
    torch.testing.assert_close(change_colours(images, 0.0), images)


def test_erasing_paints_one_rectangle():
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
def test_the_torch_generator_fixes_every_change(field):
    config = replace(PLAIN, **{field: {"flip": True, "shift_rows": 4}.get(field, 0.5)})
    results = []
    for _ in range(2):
        torch.manual_seed(7)
        results.append(augment(IMAGES.byte(), config))
    assert torch.equal(*results)


def test_zoom_by_an_exact_factor_samples_the_places_between(monkeypatch):
    """Twice as large: every output place lies a quarter of a pixel from an input place, as worked out by hand."""
    monkeypatch.setattr(torch, "rand", lambda *size, **options: torch.ones(*size))
    row = torch.tensor([0.0, 1.0, 2.0, 3.0])
    images = row.expand(1, 3, 4, 4).contiguous()
    torch.testing.assert_close(zoom(images, 1.0)[0, 0, 0], torch.tensor([0.75, 1.25, 1.75, 2.25]))
    torch.testing.assert_close(zoom(images, 0.0), images)


def test_zoom_changes_height_and_width_apart():
    torch.manual_seed(0)
    square = torch.zeros(20, 3, 40, 40)
    square[:, :, 10:30, 10:30] = 1
    zoomed = zoom(square, 0.3)[:, 0] > 0.5
    heights, widths = zoomed.any(2).sum(1), zoomed.any(1).sum(1)
    assert heights.min() >= 13 and heights.max() <= 27 and len(set(heights.tolist())) > 3
    assert (heights != widths).any()
