"""The verdict of a calibration: whether two images show one person, and whether a person is in a gallery.

A verdict is PROBABLY, POSSIBLY or PROBABLY_NOT. A share of searches or a probability of at most 10 % is improbable.
"""

from dataclasses import dataclass

from core.evaluation.calibration import HOW_TO_CALIBRATE, Calibration
from core.evaluation.verification import share_above

PROBABLY, POSSIBLY, PROBABLY_NOT = "probably", "possibly", "probably not"
MAX_IMPROBABLE_SHARE = 0.1
EVEN_PRIOR = 2  # 1 true match in 2 pairs: the probability rests on the score alone
NO_CALIBRATION = f"This model has no calibration, so the score has no probability. {HOW_TO_CALIBRATE}."
ANSWER = "{verdict} the same person."
REASONS = (
    "The probability of a true match is {probability}, with a prior of 1 true match in "
    "{prior:,} pairs. In the calibration, {false_matches} of the pairs of different identities score at least this "
    "high, and {misses} of the pairs of one identity score lower."
)


@dataclass(frozen=True)
class PairVerdict:
    """The verdict on two images.

    Attributes:
        score: The score of the two images.
        prior: N of the prior, 1 true match in N pairs.
        probability: The probability of a true match.
        false_match_rate: The share of the calibration's pairs of different identities that score at least as high.
        miss_rate: The share of its pairs of one identity that score lower.
    """

    score: float
    prior: int
    probability: float
    false_match_rate: float
    miss_rate: float

    @property
    def word(self) -> str:
        """The verdict."""
        if self.probability >= 1 - MAX_IMPROBABLE_SHARE:
            return PROBABLY
        return PROBABLY_NOT if self.probability <= MAX_IMPROBABLE_SHARE else POSSIBLY

    @property
    def answer(self) -> str:
        """The verdict as a sentence."""
        return ANSWER.format(verdict=self.word.capitalize())

    @property
    def reasons(self) -> str:
        """The figures of the verdict and its prior, in two sentences."""
        return REASONS.format(
            probability=format_probability(self.probability).replace("<", "less than ").replace(">", "more than "),
            prior=self.prior,
            false_matches=_format_share(self.false_match_rate),
            misses=_format_share(self.miss_rate),
        )


def judge_pair(calibration: Calibration, score: float, prior: int = EVEN_PRIOR) -> PairVerdict:
    """Judge from a score whether two images show one person.

    Args:
        calibration: The calibration of the model.
        score: The score of the two images.
        prior: N of the prior: 1 true match in N pairs, at least 2.
    """
    return PairVerdict(
        score,
        prior,
        float(calibration.probability(score, 1 / prior)),
        float(calibration.counts.false_match_rate(score)),
        float(calibration.counts.miss_rate(score)),
    )


def judge_presence(calibration: Calibration, best: float, images: int) -> tuple[str, float, float]:
    """Judge from the top score of a search whether the person is in the gallery.

    Args:
        calibration: The calibration of the model.
        best: The top score.
        images: The number of searched images.

    Returns:
        The verdict, the share of searches for an absent person with a top score at least as high, and the share of
        searches for a present person with a lower one.
    """
    absent = calibration.false_alarm_rate(best, images)
    present = float(share_above(calibration.counts.own, calibration.equivalent(best)))
    if absent <= MAX_IMPROBABLE_SHARE:
        return PROBABLY, absent, 1 - present
    return PROBABLY_NOT if present >= 1 - MAX_IMPROBABLE_SHARE else POSSIBLY, absent, 1 - present


def format_probability(probability: float) -> str:
    """Return a probability in percent; it is never 0 % or 100 %."""
    return "<1 %" if probability < 0.01 else ">99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def _format_share(share: float) -> str:
    """Return a share in percent, with two decimals below 1 % and above 99 %."""
    if share < 0.0001:
        return "less than 0.01 %"
    if share > 0.9999:
        return "more than 99.99 %"
    return f"{100 * share:.0f} %" if 0.01 <= share <= 0.99 else f"{100 * share:.2f} %"
