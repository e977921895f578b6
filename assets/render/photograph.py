"""From light to a photograph: exposure, colour cast, tone curve, blur, resolution, noise, compression."""

import numpy as np
from PIL import Image

from .sensor import draw_rows, expose
from .trace import HEIGHT, SUB, WIDTH


def gaussian_blur(image, sigma):
    """(H, W, C) -> (H, W, C), edges repeated; below .15 pixels nothing happens."""
    if sigma < 0.15:
        return image
    k = int(np.ceil(2.5 * sigma))
    weights = np.exp(-0.5 * (np.arange(-k, k + 1) / sigma) ** 2).astype(np.float32)
    weights /= weights.sum()
    for axis in (0, 1):
        pad = [(0, 0)] * 3
        pad[axis] = (k, k)
        padded, size = np.pad(image, pad, "edge"), image.shape[axis]
        image = sum(w * (padded[i : i + size] if axis == 0 else padded[:, i : i + size]) for i, w in enumerate(weights))
    return image


def rows_on_sensor(camera, chance):
    """Rows of the next crop, and the subpixels along a side of a pixel that are worth tracing for them."""
    if camera.sensor is None:
        return None, SUB
    rows = draw_rows(camera.sensor, chance("rows"))
    return rows, SUB if rows > 0.8 * HEIGHT else 1


def photograph(light, camera, rows, rng, chance):
    """(H, W, 3) linear light -> a Pillow image of 80 x 160 and the quality with which to save it."""
    if camera.sensor is None:
        return develop(light, camera, rng)
    return expose(light, camera.sensor, rows, chance("sensor"))


def develop(light, camera, rng):
    """(H, W, 3) linear light -> a Pillow image of 80 x 160 and the quality with which to save it."""
    kind = camera.kind
    exposure = (0.30 / max(float(light.mean()), 0.05)) ** 0.7  # automatic, and not quite perfect
    image = light * exposure * kind.gain * np.exp(rng.normal(0, 0.08))
    image = image * np.array(kind.cast) * (1 + rng.normal(0, 0.02, 3))
    grey = (image @ np.array([0.3, 0.59, 0.11]))[..., None]
    image = np.clip(grey + (image - grey) * kind.saturation * 0.92, 0, None).astype(np.float32)
    image = gaussian_blur(image, kind.blur * rng.uniform(0.7, 1.3))
    image = np.clip(1 - np.exp(-1.35 * image), 0, 1) ** (camera.gamma / 2.2)
    image = camera.lift + (1 - camera.lift) * image
    picture = _to_picture(image)

    rows = rng.uniform(*kind.rows)  # the size on the sensor; noise belongs there
    if rows < HEIGHT:
        picture = picture.resize((max(int(WIDTH * rows / HEIGHT), 20), max(int(rows), 40)), Image.Resampling.BOX)
    pixels = np.asarray(picture, np.float32) / 255
    picture = _to_picture(pixels + rng.normal(0, kind.noise, pixels.shape) * (0.5 + np.sqrt(pixels)))
    if picture.size != (WIDTH, HEIGHT):
        picture = picture.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    return picture, int(np.clip(kind.quality + rng.integers(-8, 9), 45, 92))


def _to_picture(image):
    return Image.fromarray((np.clip(image, 0, 1) * 255).astype(np.uint8))
