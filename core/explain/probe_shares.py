"""Shares of the images of a probe in the score of their mean descriptor."""

import numpy as np


def probe_shares(descriptors: np.ndarray, match: np.ndarray) -> np.ndarray:
    """Split the score of a mean descriptor into one share for each image of the probe.

    The mean m of N unit descriptors d_i is divided by its length, so that the score of a match g is
    sum_i <d_i, g> / (N |m|). The share of image i is its own score, divided by N |m|.

    Args:
        descriptors: Unit descriptors (N, D) of the images of the probe.
        match: Unit descriptor (D,) of the match.

    Returns:
        The shares (N,). Their sum is the score.
    """
    own = descriptors.astype(np.float64)
    return own @ match.astype(np.float64) / (len(own) * max(float(np.linalg.norm(own.mean(0))), 1e-12))
