"""What gets in the way: other people beside or behind, poles, bushes, railings, low boxes."""

import numpy as np
from PIL import Image

from .colours import linear
from .noise import noise2, smoothstep
from .trace import HEIGHT, WIDTH


def place_companion(layer, rng, in_front, across=None):
    """Another person's layer (H, W, 4: linear light and coverage), resized, perhaps mirrored, moved aside.

    `across` is how far aside, in widths of the picture; drawn if not given.
    """
    scale = rng.uniform(0.9, 1.15) if in_front else rng.uniform(0.45, 0.9)
    rows, columns = int(HEIGHT * scale), int(WIDTH * scale)
    channels = (Image.fromarray(layer[..., k]) for k in range(4))
    image = np.stack([np.asarray(c.resize((columns, rows), Image.Resampling.BILINEAR)) for c in channels], -1)
    if rng.random() < 0.5:
        image = image[:, ::-1]
    if across is None:
        across = rng.choice([-1, 1]) * (rng.uniform(0.50, 0.72) if in_front else rng.uniform(0.25, 0.65))
    x = int(across * WIDTH) + (WIDTH - columns) // 2
    y = int(rng.uniform(-6, 10)) + HEIGHT - rows if in_front else int(rng.uniform(0, 0.5) * (HEIGHT - rows))
    canvas = np.zeros((HEIGHT, WIDTH, 4), np.float32)
    x0, x1, y0, y1 = max(x, 0), min(x + columns, WIDTH), max(y, 0), min(y + rows, HEIGHT)
    if x1 > x0 and y1 > y0:
        canvas[y0:y1, x0:x1] = image[y0 - y : y1 - y, x0 - x : x1 - x]
    return canvas


def is_whole(layer):
    """(H, W, 4) -> bool: nobody may stand beside others with the head cut off, or with half a body."""
    covered = layer[..., 3]
    return max(covered[0].mean(), covered[-1].mean(), covered[:, 0].mean(), covered[:, -1].mean()) < 0.06


def lay_over(image, layer):
    """(H, W, 3), (H, W, 4) -> (H, W, 3); the layer's colours are already multiplied by its coverage."""
    return image * (1 - layer[..., 3:]) + layer[..., :3]


def occlude(image, camera, rng):
    """Something between the camera and the person; (H, W, 3) -> (H, W, 3)."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    kind = rng.choice(["pole", "bush", "box", "rail"])
    if kind == "pole":
        centre, half = rng.uniform(0, WIDTH), rng.uniform(2.5, 6)
        mask = smoothstep(half, half - 1.5, np.abs(columns - centre))
        colour = linear(np.repeat(rng.integers(50, 150), 3)) * (0.7 + 0.4 * (columns - centre) / half)[..., None]
    elif kind == "bush":
        edge = WIDTH if rng.random() < 0.5 else 0
        leaves = noise2(columns / 30, rows / 30, 2.2, int(rng.integers(99))) * 0.55
        near = np.abs(columns - edge)
        reach = (near < rng.uniform(10, 26)) * 0.12 - near / 70 - (HEIGHT - rows) / 260
        mask = smoothstep(0, 0.06, leaves + reach - 0.14)
        colour = linear((60, 86, 44)) * (0.4 + 0.9 * noise2(columns / 10, rows / 10, 3, 5))[..., None]
    elif kind == "box":
        top, slope = rng.uniform(0.70, 0.86) * HEIGHT, rng.uniform(-0.1, 0.1)
        mask = smoothstep(-1, 1, rows - top - slope * (columns - WIDTH / 2))
        colour = linear(rng.integers(40, 190, 3) * 0.2 + rng.integers(40, 170) * 0.8)
        colour = colour * (0.75 + 0.3 * ((rows - top) / 40 < 0.12))[..., None]
    else:
        top, phase = rng.uniform(0.55, 0.75) * HEIGHT, rng.uniform(0, 20)
        bars = smoothstep(1.8, 0.8, np.abs((columns + phase) % 22 - 11)) * (rows > top)
        mask = np.maximum(smoothstep(2.2, 1.0, np.abs(rows - top)), bars)
        colour = np.broadcast_to(linear(np.repeat(rng.integers(40, 170), 3)), image.shape)
    light = camera.sky_colour + camera.sun_colour * 0.3
    return (image * (1 - mask[..., None]) + colour * light * mask[..., None]).astype(np.float32)
