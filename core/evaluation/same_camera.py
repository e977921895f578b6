"""The same-camera rule: the evaluation ignores images of the probe's identity from the probe's camera.

Source:
    Zheng et al., ICCV 2015.
"""

import numpy as np

from core.data.records import UNKNOWN_CAMERA, Record


def same_camera_rule_applies(probe: Record) -> bool:
    """Return whether the same-camera rule applies to a probe.

    It applies to probes with a known identity and a known camera. It does not apply to distractors.
    """
    return probe.is_labelled and probe.camera != UNKNOWN_CAMERA


def cameras_of(probe: Record) -> tuple[int, ...]:
    """Return the cameras whose images are same-camera images of a probe: its own, or those of its place."""
    return probe.place or (probe.camera,)


def same_camera(probe: Record, gallery_identities: np.ndarray, gallery_cameras: np.ndarray) -> np.ndarray:
    """Find the same-camera images of a probe.

    These are the images of the probe's identity from the probe's own, known camera, or from a camera of the same place.
    The evaluation ignores them because they are too easy to find.

    Args:
        probe: The record of the probe.
        gallery_identities: (G,) identities of the gallery.
        gallery_cameras: (G,) cameras of the gallery.

    Returns:
        (G,) bool.
    """
    if not same_camera_rule_applies(probe):
        return np.zeros(len(gallery_identities), bool)
    return (gallery_identities == probe.identity) & np.isin(gallery_cameras, cameras_of(probe))
