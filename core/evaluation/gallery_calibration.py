"""The calibration of a model, transferred to a gallery with other cameras.

The scores of false matches are estimated from the gallery, without labels. A score is then replaced by the score of the
calibration data with the same false-match rate, its equivalent score. The probabilities and the false-alarm rates are
those of the equivalent score.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.evaluation.calibration import Calibration
from core.evaluation.false_scores import FalseScores
from core.evaluation.verification import EDGES


@dataclass(frozen=True)
class GalleryCalibration(Calibration):
    """A calibration with the false-match rates of a gallery.

    Attributes:
        false: The scores of false matches in the gallery.
        images: The number of gallery images that they were estimated from.
        cameras: The number of cameras of these images.
    """

    false: FalseScores
    images: int
    cameras: int

    @classmethod
    def transfer(cls, calibration: Calibration, false: FalseScores, images: int, cameras: int) -> "GalleryCalibration":
        """Transfer a calibration to a gallery."""
        known = calibration.slope, calibration.intercept, calibration.counts, calibration.about
        return cls(*known, false, images, cameras)

    @cached_property
    def _equivalents(self) -> np.ndarray:
        """The equivalent score of each of EDGES."""
        return np.array([super(GalleryCalibration, self).threshold(self.false.rate(edge)) for edge in EDGES])

    def equivalent(self, score: float | np.ndarray) -> np.ndarray:
        """Return the scores of the calibration data with the same false-match rates."""
        return np.interp(score, EDGES, self._equivalents)

    def probability(self, score: float | np.ndarray, prior: float) -> np.ndarray:
        """Return the probability at the equivalent score."""
        return super().probability(self.equivalent(score), prior)

    def threshold(self, false_match_rate: float) -> float:
        """Return the threshold for a false-match rate over pairs of images from different cameras of the gallery."""
        return self.false.threshold(false_match_rate)

    def false_alarm_rate(self, score: float, gallery: int) -> float:
        """Return the false-alarm rate at the equivalent score."""
        return super().false_alarm_rate(float(self.equivalent(score)), gallery)

    def alarm_threshold(self, false_alarm_rate: float, gallery: int) -> float:
        """Return the threshold for a false-alarm rate, the inverse of `false_alarm_rate`."""
        own = super().alarm_threshold(false_alarm_rate, gallery)
        return self.false.threshold(float(self.counts.false_match_rate(own)))
