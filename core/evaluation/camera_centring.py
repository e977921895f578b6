"""Cameras centred: from each descriptor is taken what all images of its camera have in common.

Light and colours of a camera move all its descriptors the same way, so that strangers before one camera come to lie
nearer to each other than one person before two. Nobody has to be known for it, and no image is described anew.
Where cameras see different people, as the pairs of CUHK03 do, what is taken off has told a part of the answer.
"""

import numpy as np

from core.data.records import UNKNOWN_CAMERA

PRIOR_IMAGES = 16  # a camera's mean leans on the mean of all, which counts as so many images
ROWS_PER_BLOCK = 4096  # at a time: of a large gallery no second copy in float32 is made on the way


class Centring:
    """`fit` learns the mean descriptor of each camera, `means_`, and that of all images, `mean_`.

    Images of unknown cameras, and of those that `fit` did not see, are measured from the mean of all.
    """

    def fit(self, descriptors: np.ndarray, cameras: np.ndarray) -> "Centring":
        """Unit descriptors (N, D) and the camera of each (N,)."""
        known, numbers = np.unique(cameras, return_inverse=True)
        sums = np.zeros((len(known), descriptors.shape[1]))
        for rows in _blocks(len(descriptors)):
            for number in np.unique(numbers[rows]):
                sums[number] += descriptors[rows][numbers[rows] == number].sum(0, dtype=np.float64)
        counts = np.bincount(numbers)[:, None]
        mean = sums.sum(0) / max(len(descriptors), 1)
        self.mean_ = mean.astype(np.float32)
        means = ((sums + PRIOR_IMAGES * mean) / (counts + PRIOR_IMAGES)).astype(np.float32)
        self.means_ = {int(camera): row for camera, row in zip(known, means, strict=True) if camera != UNKNOWN_CAMERA}
        return self

    def transform(self, descriptors: np.ndarray, cameras: np.ndarray) -> np.ndarray:
        """Unit descriptors (N, D) and the camera of each (N,) -> float32 (N, D) of unit length."""
        centred = np.empty(descriptors.shape, np.float32)
        known, numbers = np.unique(cameras, return_inverse=True)
        origins = np.array([self.means_.get(int(camera), self.mean_) for camera in known], np.float32)
        for rows in _blocks(len(descriptors)):
            moved = descriptors[rows] - origins[numbers[rows]]
            centred[rows] = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
        return centred


def _blocks(count: int) -> list[slice]:
    return [slice(start, start + ROWS_PER_BLOCK) for start in range(0, count, ROWS_PER_BLOCK)]
