"""The calibration of a model, transferred to a gallery with other cameras.

The scores of false matches are estimated from the gallery, without labels. A score is then replaced by the score of the
calibration data with the same false-match rate, its equivalent score. The probabilities and the false-alarm rates are
those of the equivalent score. Both false-match rates have a fitted tail, because high scores of false matches are too
rare to be counted.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.evaluation.calibration import Calibration
from core.evaluation.false_scores import FalseScores
from core.evaluation.verification import EDGES

MIN_RATE = 1e-300  # of the logarithm


@dataclass(frozen=True)
class GalleryCalibration(Calibration):
    """A calibration with the false-match rates of a gallery.

    Attributes:
        own: The scores of false matches in the calibration data.
        false: The scores of false matches in the gallery.
        images: The number of gallery images that they were estimated from.
        cameras: The number of cameras of these images.
    """

    own: FalseScores
    false: FalseScores
    images: int
    cameras: int

    @classmethod
    def transfer(cls, calibration: Calibration, false: FalseScores, images: int, cameras: int) -> "GalleryCalibration":
        """Transfer a calibration to a gallery.

        Raises:
            UserError: If the tail of the calibration's scores cannot be fitted.
        """
        known = calibration.slope, calibration.intercept, calibration.counts, calibration.about
        return cls(*known, FalseScores.fit(calibration.counts.different), false, images, cameras)

    @cached_property
    def _equivalents(self) -> np.ndarray:
        """The equivalent score of each of EDGES."""
        own, gallery = (np.log([max(one.rate(edge), MIN_RATE) for edge in EDGES]) for one in (self.own, self.false))
        return np.interp(-gallery, -own, EDGES)

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
        return float(np.interp(super().alarm_threshold(false_alarm_rate, gallery), self._equivalents, EDGES))
