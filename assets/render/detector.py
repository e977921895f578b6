"""Where a picture is cut out: the box around a person, as an annotator or a detector would place it."""

import numpy as np

from .trace import HEIGHT, WIDTH


def choose_window(vertices, camera, rng, box, detecting=None):
    """The box as (left, top, width, height of a pixel) on the plane at distance 1.

    vertices (N, 3) of the person; box: see `take_picture`. With a generator `detecting` good boxes are a real
    detector's, else they are tight.
    """
    seen = vertices - camera.origin
    depth = seen @ camera.forward
    u, v = seen @ camera.right / depth, seen @ camera.up / depth
    slack = rng.uniform(0.01, 0.08) + (rng.uniform(0.06, 0.20) if rng.random() < 0.12 else 0)
    height = np.ptp(v) * (1 + slack)
    # Boxes are resized to one shape. Arms that swing far out are cut off rather than the picture squeezed.
    width = height * WIDTH / HEIGHT
    width = max(width * rng.uniform(0.83, 0.95), min(np.ptp(u) * rng.uniform(1, 1.08), width * 1.12))
    across = (u.max() + u.min()) / 2 + rng.normal(0, 0.03) * width
    middle = (v.max() + v.min()) / 2 + rng.normal(0, 0.022) * height
    if rng.random() < 0.06:
        middle += height * rng.choice([-0.13, 0.10])
    if detecting is not None:
        across, middle, width, height = _detect(u, v, detecting)
    if box == "pair":
        width *= 1.35
    elif box == "bad":
        how = rng.choice(["part", "beside", "above", "far"])
        if how == "part":  # only the head, the trunk or the legs
            middle += height * rng.uniform(-0.33, 0.33)
            zoom = rng.uniform(0.35, 0.5)
            height, width = height * zoom, width * zoom
        elif how == "beside":
            across += width * rng.choice([-1, 1]) * rng.uniform(0.45, 0.7)
        elif how == "above":
            middle += height * rng.choice([-1, 1]) * rng.uniform(0.4, 0.6)
        else:
            zoom = rng.uniform(1.8, 2.6)
            across, middle = across + width * rng.uniform(-0.5, 0.5), middle + height * rng.uniform(-0.3, 0.3)
            height, width = height * zoom, width * zoom
    du, dv = width / WIDTH, height / HEIGHT
    return across - width / 2, middle + height / 2, du, dv


def _detect(u, v, rng):
    """What a detector of deformable parts gives: most often some margin, rarely the right middle, sometimes a box
    that ends at the knees or begins at the shoulders. (N,), (N,) -> middle across and up, width, height."""
    tall = np.ptp(v)
    height = tall * np.exp(rng.normal(0.09, 0.07))
    middle = (v.max() + v.min()) / 2 + rng.normal(0, 0.03) * tall
    miss = rng.random()
    if miss < 0.10:  # a larger or smaller window of the detector's pyramid fitted better
        height = tall * np.exp(rng.uniform(-0.3, 0.45))
    elif miss < 0.22:
        cut = rng.uniform(0.05, 0.25) * tall
        height -= cut
        middle += cut / 2 if rng.random() < 0.75 else -cut / 2  # feet are lost more often than heads
    # Detectors know one shape of box; pictures are resized afterwards, so people come out fatter or thinner.
    width = height * np.exp(rng.normal(np.log(0.43), 0.12))
    trunk = np.median(u)
    across = trunk + 0.4 * ((u.max() + u.min()) / 2 - trunk) + rng.normal(0, 0.06) * width
    return across, middle, width, height
