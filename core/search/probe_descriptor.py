"""The descriptor of a probe: the mean over its images, and its check."""

import numpy as np

from core.errors import UserError


def mean_descriptor(descriptors: np.ndarray) -> np.ndarray:
    """Average the descriptors of several images of one person.

    Args:
        descriptors: (D,) or (N, D).

    Returns:
        Unit descriptor (D,), float32.
    """
    mean = np.atleast_2d(np.asarray(descriptors, dtype=np.float32)).mean(0)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)


def check_probe(descriptor: np.ndarray, size: int) -> np.ndarray:
    """Check the descriptor of a probe, and return it.

    Args:
        descriptor: (D,).
        size: The length of the gallery's descriptors.

    Raises:
        UserError: If the descriptor is of another length or holds NaN or infinity.
    """
    if descriptor.shape != (size,):
        raise UserError(
            f"The gallery's descriptors have {size} values and the probe's has {descriptor.size}. "
            "Describe both with the same model."
        )
    if not np.isfinite(descriptor).all():
        raise UserError("The probe's descriptor contains values that are not numbers, so it cannot be compared.")
    return descriptor
