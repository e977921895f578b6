"""Prediction of rank-1 from unlabelled images.

The predictor is the relative top score. For each image, the images of the other cameras are ranked. z = artanh(score)
of the first result is standardised by the mean and the standard deviation of all z of the probe, and by those of the
first result, and both values are averaged (symmetric score normalisation). The value is divided by the value that
the highest of n normal numbers exceeds once in n: the top score that is expected if no true match stands out. The mean
over the probes is the relative top score. It is about 1 if the first results look like the highest of many false
matches, and it grows as true matches stand out.

    logit(rank-1) = SLOPE * relative top score + INTERCEPT

SLOPE and INTERCEPT were fitted on rendered people and on training identities of CUHK03.

Source of the normalisation: Matejka et al., Analysis of score normalization in multilingual speaker recognition,
Interspeech 2017.
"""

from dataclasses import asdict, dataclass

import numpy as np

from core.data.records import UNKNOWN_CAMERA
from core.errors import UserError
from core.evaluation.false_scores import to_z

SLOPE, INTERCEPT = 7.0, -8.7
HALF_WIDTH = 1.5  # logits; 90 % of the errors on data that the line was not fitted to are smaller
LEVEL = 90  # percent, of the interval
MIN_IMAGES = 200  # the line was fitted on at least as many
MIN_OTHERS = 50  # images of other cameras; the mean, deviation and top score of fewer scores say little
MAX_IMAGES = 2000  # drawn from the images; the line was fitted on at most 1,500
FMR_FACTOR = 1.7  # the measured false-match rate was within this factor of the predicted one on all fitted data
QUANTILE = 1.645  # standard deviations of a normal distribution to each limit of a 90 % interval


@dataclass(frozen=True)
class Prediction:
    """A predicted rate with its 90 % interval, as shares."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.value:.0f} % [{100 * self.low:.0f}, {100 * self.high:.0f}]"

    def as_json(self) -> dict[str, float]:
        """Return the rates in percent."""
        return {name: round(100 * value, 2) for name, value in asdict(self).items()}


def relative_top_scores(descriptors: np.ndarray, cameras: np.ndarray) -> np.ndarray:
    """Compute the relative top score of each image, NaN for an image of an unknown camera.

    Args:
        descriptors: Unit descriptors (N, D).
        cameras: (N,) camera of each.

    Raises:
        UserError: If fewer than 200 images or fewer than two cameras are known, or if fewer than 50 images are from
            other cameras than the one with most images.
    """
    from scipy.special import ndtri

    known = np.flatnonzero(cameras != UNKNOWN_CAMERA)
    if len(np.unique(cameras[known])) < 2:
        raise UserError(
            "The prediction needs images from at least two known cameras. Give the cameras with rules or a table."
        )
    if len(known) < MIN_IMAGES:
        raise UserError(f"The prediction needs at least {MIN_IMAGES} images with a camera. There are {len(known):,}.")
    vectors, own = descriptors[known], cameras[known]
    numbers, counts = np.unique(own, return_counts=True)
    if (others := len(own) - counts.max()) < MIN_OTHERS:  # so each probe has enough
        raise UserError(
            f"The prediction compares images of different cameras. {others:,} of the {len(own):,} images are from "
            f"other cameras than camera {numbers[counts.argmax()]}. At least {MIN_OTHERS} are needed."
        )
    z = to_z(vectors @ vectors.T)
    z[own[:, None] == own] = np.nan
    first = np.nanargmax(z, axis=1)
    top, mean, deviation = z[np.arange(len(z)), first], np.nanmean(z, axis=1), np.nanstd(z, axis=1)
    normalised = ((top - mean) / deviation + (top - mean[first]) / deviation[first]) / 2
    expected = -ndtri(1 / (~np.isnan(z)).sum(1))
    values = np.full(len(descriptors), np.nan)
    values[known] = normalised / expected
    return values


def predict_rank_1(relative_top_score: float) -> Prediction:
    """Predict rank-1 in the images of the other cameras, for probes that have a true match there."""
    centre = SLOPE * relative_top_score + INTERCEPT
    return Prediction(*(float(_sigmoid(centre + shift)) for shift in (0, -HALF_WIDTH, HALF_WIDTH)))


def narrow(prediction: Prediction, correct: int, checked: int) -> Prediction:
    """Narrow a prediction with first results that a person has checked (Bayes' theorem).

    The prior is a normal distribution of logit(rank-1) with the prediction's interval. The likelihood is binomial. The
    median and the interval of the posterior are computed on a grid.

    Args:
        prediction: The prediction from unlabelled images.
        correct: The number of checked first results that are true matches.
        checked: The number of checked first results.
    """
    grid = np.linspace(-8, 8, 3201)
    centre = np.log(prediction.value / (1 - prediction.value))
    share = np.clip(_sigmoid(grid), 1e-12, 1 - 1e-12)
    log_posterior = -(((grid - centre) / (HALF_WIDTH / QUANTILE)) ** 2) / 2
    log_posterior += correct * np.log(share) + (checked - correct) * np.log1p(-share)
    cumulated = np.cumsum(np.exp(log_posterior - log_posterior.max()))
    tail = (1 - LEVEL / 100) / 2
    limits = np.interp([0.5, tail, 1 - tail], cumulated / cumulated[-1], share)
    return Prediction(*map(float, limits))


def predict_false_match_rate(rate: float) -> Prediction:
    """Return an estimated false-match rate with its limits, a factor of 1.7 to both sides."""
    return Prediction(rate, rate / FMR_FACTOR, min(1.0, rate * FMR_FACTOR))


def _sigmoid(value: float | np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-value))
