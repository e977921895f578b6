"""The one solid of which all props are made, and the bone on which things hang."""

import numpy as np

HANG = "hang"  # a virtual bone: it takes only the translation of the hand, so that a handbag hangs upright


def superellipsoid(centre, radii, power=1.0, around=18, rings=10):
    """-> vertices (N, 3), faces (F, 3), the same points on the unit shape (N, 3). Power < 1 is boxier."""

    def bulge(x):
        return np.sign(x) * np.abs(x) ** power

    turn = np.linspace(0, 2 * np.pi, around, endpoint=False)
    rise = np.linspace(-np.pi / 2, np.pi / 2, rings)[:, None]
    unit = np.stack(
        [
            bulge(np.cos(rise)) * bulge(np.cos(turn)),
            bulge(np.cos(rise)) * bulge(np.sin(turn)),
            np.repeat(bulge(np.sin(rise)), around, 1),
        ],
        -1,
    ).reshape(-1, 3)
    row = np.arange(rings - 1)[:, None] * around
    i, j = row + np.arange(around), row + (np.arange(around) + 1) % around
    faces = np.concatenate(
        [
            np.stack([i, j, j + around], -1).reshape(-1, 3),
            np.stack([i, j + around, i + around], -1).reshape(-1, 3),
        ]
    )
    vertices = unit * np.asarray(radii) + np.asarray(centre)
    return vertices.astype(np.float32), faces.astype(np.int32), unit.astype(np.float32)
