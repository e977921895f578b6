"""Sensors as different as real networks' are: from light to a picture, in the order in which it happens in a camera.

Cameras of one site differ as much as those of two: only a network that sees through a cast, a blur or a sharpened
edge finds a person again. The ranges are wider than any one network's, and centred on what surveillance crops look
like: dark, contrasty, little colour, sharpened edges.
"""

import io
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from .noise import pick
from .trace import HEIGHT, WIDTH

LUMA = np.array([0.299, 0.587, 0.114], np.float32)

ENLARGED = {Image.Resampling.BILINEAR: 0.5, Image.Resampling.BICUBIC: 0.45, Image.Resampling.NEAREST: 0.05}


@dataclass(frozen=True)
class Sensor:
    """What is true of a camera in all its pictures; lengths are pixels of the sensor."""

    key: float  # mean linear light that automatic exposure aims at
    adapts: float  # how far it gets there, 0 .. 1
    cast: tuple[float, float, float]
    saturation: float
    shoulder: float  # 0 clips at white, 1 bends softly towards it
    gamma: float
    contrast: float
    lift: float  # how far black is from black
    haze: float  # share of grey light between the person and the lens
    rows: tuple[float, float]  # of a crop on the sensor, far and near
    defocus: float
    motion: float  # the longest smear
    noise: float
    chroma_noise: float
    chroma_blur: float  # as video has it, along rows
    sharpening: float
    halo: float  # radius of the sharpening
    interlaced: bool
    first_quality: int | None  # of the compression in the camera
    quality: int  # of the compression of the crop
    scene: tuple[float, float, float] | None = None  # of calm cameras, the light that they expose for and balance


def draw_sensor(rng):
    far = np.exp(rng.uniform(np.log(56), np.log(210)))
    return Sensor(
        key=float(np.exp(rng.normal(np.log(0.19), 0.33))),
        adapts=rng.uniform(0.6, 0.98),
        cast=_draw_cast(rng),
        saturation=float(np.clip(rng.normal(0.92, 0.22), 0.2, 1.5)),
        shoulder=rng.uniform(0, 1),
        gamma=float(np.exp(rng.normal(0, 0.13))),
        contrast=float(np.exp(rng.normal(0.3, 0.16))),
        lift=max(rng.normal(0.03, 0.03), 0),
        haze=rng.uniform(0.05, 0.25) if rng.random() < 0.12 else 0.0,
        rows=(far, min(far * rng.uniform(1.2, 2.4), 320)),
        defocus=rng.uniform(0.7, 1.6) if rng.random() < 0.12 else rng.uniform(0.1, 0.6),
        motion=rng.uniform(1.5, 6) if rng.random() < 0.22 else 0.0,
        noise=float(np.exp(rng.normal(np.log(0.004), 0.7))),
        chroma_noise=rng.uniform(0.003, 0.02) if rng.random() < 0.25 else 0.0,
        chroma_blur=rng.uniform(0.8, 3) if rng.random() < 0.5 else 0.0,
        sharpening=rng.uniform(0.4, 2.4) if rng.random() < 0.75 else 0.0,
        halo=rng.uniform(0.6, 1.5),
        interlaced=rng.random() < 0.06,
        first_quality=int(rng.integers(30, 93)) if rng.random() < 0.6 else None,
        quality=int(rng.integers(60, 93)) if rng.random() < 0.7 else int(rng.integers(25, 60)),
    )


def calmed(sensor, rng):
    """The sensor in a network of cameras that are set alike, as those of CUHK03 and VIPeR are.

    Brightness, contrast, casts and colours of rendered crops, and how far they differ between cameras and within one,
    are then near to theirs, which is all that was taken from those pictures.
    """
    warmth, green = rng.normal(0, 0.025), rng.normal(0, 0.012)
    return replace(
        sensor,
        scene=(0.3, 0.3, 0.3),  # until a sequence gives it its light
        key=float(np.exp(rng.normal(np.log(0.19), 0.12))),
        adapts=rng.uniform(0.1, 0.5),
        cast=(float(np.exp(warmth)), float(np.exp(green)), float(np.exp(-warmth))),
        saturation=float(np.clip(rng.normal(0.62, 0.12), 0.3, 1.1)),
        gamma=float(np.exp(rng.normal(0, 0.06))),
        contrast=float(np.exp(rng.normal(0.2, 0.08))),
        haze=rng.uniform(0.03, 0.12) if rng.random() < 0.1 else 0.0,
        rows=(max(sensor.rows[0], 72), max(sensor.rows[1], 100)),
    )


def at_another_time(sensor, rng):
    """The same sensor in another sequence: exposure and white balance have drifted."""
    if sensor.scene:
        return replace(sensor, key=sensor.key * float(np.exp(rng.normal(0, 0.06))))
    drift = rng.normal(0, 0.03, 3)
    return replace(
        sensor, key=sensor.key * float(np.exp(rng.normal(0, 0.18))), cast=tuple(np.array(sensor.cast) * np.exp(drift))
    )


def draw_rows(sensor, rng):
    """How many rows of the sensor the next crop has."""
    return float(np.exp(rng.uniform(*np.log(sensor.rows))))


def expose(light, sensor, rows, rng):
    """(H, W, 3) linear light -> a Pillow image of 80 x 160 and the quality with which to save it."""
    image = (_exposed_for_scene if sensor.scene else _exposed_for_crop)(light, sensor, rng)
    if sensor.haze:
        image += sensor.haze * (sensor.key * 1.5 - image)
    size = (max(int(WIDTH * rows / HEIGHT), 20), max(int(rows), 40))
    size = min(size, (WIDTH, HEIGHT))
    image = _smear(_resized(image, size), sensor, rng)
    image = _develop(image, sensor)
    image = _add_noise(image, sensor, rng)
    if sensor.sharpening:
        blurred = _blur(image, sensor.halo)
        image = image + sensor.sharpening * (image - blurred)
    if sensor.chroma_blur:
        luma = (image @ LUMA)[..., None]
        image = luma + _blur(image - luma, sensor.chroma_blur, axes=(1,))
    picture = Image.fromarray((np.clip(image, 0, 1) * 255).astype(np.uint8))
    if sensor.first_quality:
        picture = _compressed(picture, int(np.clip(sensor.first_quality + rng.integers(-6, 7), 25, 95)))
    if picture.size != (WIDTH, HEIGHT):
        picture = picture.resize((WIDTH, HEIGHT), pick(rng, ENLARGED))
    return picture, int(np.clip(sensor.quality + rng.integers(-5, 6), 25, 95))


def _exposed_for_crop(light, sensor, rng):
    metered = max(float(light.mean()), 0.03) ** sensor.adapts * 0.3 ** (1 - sensor.adapts)
    exposure = sensor.key / metered * np.exp(rng.normal(0, 0.1))
    return light * (np.array(sensor.cast, np.float32) * np.float32(exposure) * (1 + rng.normal(0, 0.02, 3)))


def _exposed_for_scene(light, sensor, rng):
    """The crop counts the less the less the sensor adapts; most of the scene's colour is balanced away."""
    scene = float(np.mean(sensor.scene))
    metered = max(float(light.mean()), 0.03) ** sensor.adapts * scene ** (1 - sensor.adapts)
    balanced = light * (scene / np.array(sensor.scene, np.float32)) ** np.float32(0.85)
    exposure = sensor.key / metered * np.exp(rng.normal(0, 0.04))
    return balanced * (np.array(sensor.cast, np.float32) * np.float32(exposure) * (1 + rng.normal(0, 0.008, 3)))


def _draw_cast(rng):
    """Along the daylights from tungsten to shade, and a little towards green or magenta."""
    kind = pick(rng, dict(mild=0.66, strong=0.26, tungsten=0.08))
    warmth = {"mild": rng.normal(0, 0.05), "strong": rng.normal(0, 0.13), "tungsten": rng.uniform(0.2, 0.4)}[kind]
    green = rng.normal(0, 0.025 if kind == "mild" else 0.06)
    return float(np.exp(warmth)), float(np.exp(green)), float(np.exp(-warmth))


def _smear(image, sensor, rng):
    """Out of focus, and moved while the shutter was open; interlaced video moves between even and odd rows."""
    image = _blur(image, sensor.defocus * rng.uniform(0.7, 1.3))
    length = rng.uniform(0, sensor.motion)
    if length > 1:
        steps = int(np.ceil(length))
        slope = rng.normal(0, 0.25)
        image = sum(_moved(image, round(i * slope), i) for i in range(-(steps // 2), steps - steps // 2)) / steps
    if sensor.interlaced:
        image = image.copy()
        image[1::2] = _moved(image[1::2], 0, int(rng.integers(-1, 2)))
    return image


def _moved(image, down, right):
    """The edges are repeated."""
    rows, columns = np.arange(image.shape[0]) - down, np.arange(image.shape[1]) - right
    return image.take(rows, 0, mode="clip").take(columns, 1, mode="clip")


def _develop(image, sensor):
    """Saturation and tone curve, linear light -> 0 .. 1."""
    grey = (image @ LUMA)[..., None]
    image = np.clip(grey + (image - grey) * sensor.saturation, 0, None)
    soft = 1 - np.exp(-1.35 * image)
    image = soft * sensor.shoulder + np.minimum(image, 1) * (1 - sensor.shoulder)
    image = image ** (sensor.gamma / 2.2)
    image = (image - 0.45) * sensor.contrast + 0.45
    return sensor.lift + (1 - sensor.lift) * np.clip(image, 0, 1)


def _add_noise(image, sensor, rng):
    grain = rng.standard_normal(image.shape[:2], np.float32)[..., None] * np.float32(sensor.noise)
    if sensor.chroma_noise:
        blotches = rng.standard_normal(image.shape, np.float32) * np.float32(sensor.chroma_noise * 2)
        grain = grain + _blur(blotches, 1.0)
    return image + grain * (1.3 - 0.8 * image)


def _blur(image, sigma, axes=(0, 1)):
    """(H, W, C) -> (H, W, C) by a Gaussian in steps of a pixel; below .15 pixels nothing happens."""
    if sigma < 0.15:
        return image
    k = int(np.ceil(2 * sigma))
    weights = np.exp(-0.5 * (np.arange(-k, k + 1) / sigma) ** 2).astype(np.float32)
    weights /= weights.sum()
    for axis in axes:
        index = np.clip(np.arange(-k, image.shape[axis] + k), 0, image.shape[axis] - 1)
        padded, size = image.take(index, axis), image.shape[axis]
        image = sum(w * (padded[i : i + size] if axis == 0 else padded[:, i : i + size]) for i, w in enumerate(weights))
    return image


def _resized(image, size):
    """(H, W, 3) -> (rows, columns, 3), in linear light, each pixel the mean of what falls on it."""
    if size == (image.shape[1], image.shape[0]):
        return image.astype(np.float32)
    channels = (Image.fromarray(image[..., k].astype(np.float32)) for k in range(3))
    return np.stack([np.asarray(c.resize(size, Image.Resampling.BOX)) for c in channels], -1)


def _compressed(picture, quality):
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")
