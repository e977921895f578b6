"""Camera centring: subtract from each descriptor the mean descriptor of its camera.

The light and the colours of a camera shift all its descriptors in the same direction. Different people seen by one
camera can then be closer to each other than one person seen by two cameras. Centring removes the shift. It needs no
identities, and no image has to be described again. Where cameras see different people, as the camera pairs of CUHK03
do, the mean also carries information about identities, and centring removes it.
"""

import numpy as np

from core.data.records import UNKNOWN_CAMERA

PRIOR_IMAGES = 16  # weight, in images, of the mean of all images in a camera's mean
ROWS_PER_BLOCK = 4096  # descriptors at a time, so that a large gallery is not copied to float32 as a whole


class Centring:
    """Subtracts the mean descriptor of each camera.

    `fit` sets `means_`, the mean descriptor of each camera, and `mean_`, the mean descriptor of all images. `mean_` is
    subtracted from images of unknown cameras and of cameras that `fit` has not seen.
    """

    def fit(self, descriptors: np.ndarray, cameras: np.ndarray) -> "Centring":
        """Compute the means.

        Args:
            descriptors: Unit descriptors (N, D).
            cameras: (N,) camera of each.
        """
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
        """Subtract the means and scale to unit length.

        Args:
            descriptors: Unit descriptors (N, D).
            cameras: (N,) camera of each.

        Returns:
            Unit descriptors, float32 (N, D).
        """
        centred = np.empty(descriptors.shape, np.float32)
        known, numbers = np.unique(cameras, return_inverse=True)
        origins = np.array([self.means_.get(int(camera), self.mean_) for camera in known], np.float32)
        for rows in _blocks(len(descriptors)):
            shifted = descriptors[rows] - origins[numbers[rows]]
            centred[rows] = shifted / np.maximum(np.linalg.norm(shifted, axis=1, keepdims=True), 1e-12)
        return centred


def _blocks(count: int) -> list[slice]:
    return [slice(start, start + ROWS_PER_BLOCK) for start in range(0, count, ROWS_PER_BLOCK)]
