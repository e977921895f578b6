"""Synthetic patterns: images of the network's size without a person."""

import numpy as np
from PIL import Image

from core.config import IMAGE_COLUMNS, IMAGE_ROWS

SHAPE = (IMAGE_ROWS, IMAGE_COLUMNS, 3)


def draw_patterns(count: int, seed: int) -> np.ndarray:
    """Draw uniform areas, noise, blurred noise, gradients, stripes and rectangles, in turn.

    Args:
        count: Number of images.
        seed: Seed of the random numbers.

    Returns:
        Images, uint8 (N, 160, 60, 3).
    """
    random = np.random.default_rng(seed)
    kinds = (_uniform, _noise, _blurred, _gradient, _stripes, _rectangles)
    return np.stack([kinds[number % len(kinds)](random) for number in range(count)]).astype(np.uint8)


def _colour(random: np.random.Generator) -> np.ndarray:
    return random.integers(0, 256, 3)


def _uniform(random: np.random.Generator) -> np.ndarray:
    return np.full(SHAPE, _colour(random))


def _noise(random: np.random.Generator) -> np.ndarray:
    return random.integers(0, 256, SHAPE)


def _blurred(random: np.random.Generator) -> np.ndarray:
    size = random.integers(2, 12), random.integers(2, 6), 3
    few = Image.fromarray(random.integers(0, 256, size).astype(np.uint8))
    return np.asarray(few.resize((IMAGE_COLUMNS, IMAGE_ROWS), Image.Resampling.BICUBIC))


def _gradient(random: np.random.Generator) -> np.ndarray:
    top, bottom = _colour(random), _colour(random)
    share = np.linspace(0, 1, IMAGE_ROWS)[:, None, None]
    return np.broadcast_to((1 - share) * top + share * bottom, SHAPE)


def _stripes(random: np.random.Generator) -> np.ndarray:
    image = _uniform(random)
    image[:: random.integers(4, 20)] = _colour(random)
    if random.random() < 0.5:
        image[:, :: random.integers(4, 20)] = _colour(random)
    return image


def _rectangles(random: np.random.Generator) -> np.ndarray:
    image = _uniform(random)
    for _ in range(random.integers(1, 8)):
        top, left = random.integers(0, IMAGE_ROWS - 10), random.integers(0, IMAGE_COLUMNS - 5)
        rows, columns = random.integers(5, 80), random.integers(5, 40)
        image[top : top + rows, left : left + columns] = _colour(random)
    return image
