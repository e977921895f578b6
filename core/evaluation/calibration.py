"""Calibration: the probability that two images with a given score show the same person.

The log-likelihood ratio is a linear function of the score. Logistic regression fits it on the scores of pairs of
images, with equal total weight for pairs of one identity and pairs of different identities (Platt, 1999; Bruemmer and
du Preez, 2006). The prior is not a property of the model, so each call passes it as an argument. The pairs are of
identities that the model was not trained on, and never of test identities.
"""

from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.data.records import Dataset, Record, summary
from core.data.splits import select_identities
from core.errors import UserError
from core.evaluation.protocols import choose_protocol, names_data, splits_to_score
from core.evaluation.verification import EDGES, ScoreCounts, threshold_for
from core.inference.checkpoint import Checkpoint, find_checkpoint, fingerprint
from core.inference.provenance import find, hash_identities
from core.json_file import read_json, write_json

FOLDER, CALIBRATION, SCORES = "calibration", "calibration.json", "scores.csv"  # FOLDER is in the checkpoint's folder
HOW_TO_CALIBRATE = "`python -m core calibrate CHECKPOINT DATA` creates one from identities the model was not trained on"


@dataclass(frozen=True)
class CalibrationData:
    """The data that a calibration was fitted on."""

    data: str  # name of the data set
    people: str  # its images and identities, in words
    gallery: int  # number of gallery images in a search among them


@dataclass(frozen=True)
class Calibration:
    """A fitted calibration: log-likelihood ratio = slope * score + intercept.

    `counts` give the error rates at each threshold.
    """

    slope: float
    intercept: float
    counts: ScoreCounts
    about: CalibrationData

    def equivalent(self, score: float | np.ndarray) -> np.ndarray:
        """Return the scores of the calibration data that scores stand for: the same ones. A gallery can shift them."""
        return np.asarray(score, float)

    def probability(self, score: float | np.ndarray, prior: float) -> np.ndarray:
        """Return the probability that an image with this score is a true match.

        Args:
            score: One or more scores.
            prior: The share of true matches in the gallery, between 0 and 1.
        """
        odds = self.slope * np.asarray(score, float) + self.intercept + np.log(prior / (1 - prior))
        return 1 / (1 + np.exp(-odds))

    def threshold(self, false_match_rate: float) -> float:
        """Return the threshold for a false-match rate over pairs of different identities."""
        return threshold_for(self.counts.different, false_match_rate)

    def false_alarm_rate(self, score: float, gallery: int) -> float:
        """Return the share of searches for an absent person whose top score is at or above `score`.

        The rate was measured with `about.gallery` images. A gallery of another size is treated as
        `gallery / about.gallery` independent searches.

        Args:
            score: The threshold.
            gallery: The number of gallery images.
        """
        no_alarm = 1 - float(self.counts.false_alarm_rate(score))
        return 1 - no_alarm ** (gallery / self.about.gallery)

    def alarm_threshold(self, false_alarm_rate: float, gallery: int) -> float:
        """Return the threshold for a false-alarm rate, the inverse of `false_alarm_rate`."""
        share = 1 - (1 - false_alarm_rate) ** (self.about.gallery / gallery)
        return threshold_for(self.counts.strangers, share)

    @property
    def sentence(self) -> str:
        """The calibration data and the equal error rate in words, for the model card and the app."""
        rate, threshold = self.counts.equal_error_rate
        return (
            f"{self.counts.same.sum():,} pairs of images of one identity and "
            f"{self.counts.different.sum():,} of different identities, from {self.about.data} ({self.about.people}): "
            f"equal error rate {rate:.2%} at score {threshold:.3f}. Both values differ for other cameras."
        )

    def write(self, checkpoint: Path) -> Path:
        """Write the calibration into the checkpoint's folder and return its own folder.

        It contains the fingerprint of the weights, because it is not valid for other weights.
        """
        folder = find_checkpoint(checkpoint) / FOLDER
        self.counts.write(folder / SCORES)
        content = {"slope": round(self.slope, 6), "intercept": round(self.intercept, 6)} | asdict(self.about)
        content |= {"figures": self.counts.figures, "fingerprint": fingerprint(checkpoint)}
        write_json(folder / CALIBRATION, content)
        return folder


def fit(counts: ScoreCounts, about: CalibrationData) -> Calibration:
    """Fit a calibration by logistic regression.

    Args:
        counts: The counted scores of pairs and searches.
        about: The data that they are from.

    Raises:
        UserError: If there are fewer than 10 pairs of either kind, or if pairs of one identity do not score higher than
            pairs of different identities.
    """
    from sklearn.linear_model import LogisticRegression

    pairs = counts.same.sum(), counts.different.sum()
    if min(pairs) < 10:
        raise UserError(
            f"A calibration needs at least 10 pairs of each kind, but {about.data} gives {pairs[0]:,} of the same "
            f"identity from different cameras and {pairs[1]:,} of different identities."
        )
    middles = (EDGES[:-1] + EDGES[1:]) / 2
    scores, same = np.tile(middles, 2)[:, None], np.repeat([1, 0], len(middles))
    weights = np.concatenate([counts.same / pairs[0], counts.different / pairs[1]])
    line = LogisticRegression(C=np.inf, max_iter=1000).fit(scores, same, sample_weight=weights)
    slope, intercept = float(line.coef_[0, 0]), float(line.intercept_[0])
    if not slope > 0:
        raise UserError(
            f"On {about.data}, pairs of one identity score no higher than pairs of different identities. This model "
            "cannot be calibrated on these data."
        )
    return Calibration(slope, intercept, counts, about)


def read_calibration(checkpoint: Path) -> Calibration | None:
    """Read a checkpoint's calibration; None if it has none.

    Raises:
        UserError: If the calibration is damaged or belongs to other weights.
    """
    folder = find_checkpoint(checkpoint) / FOLDER
    if not (folder / CALIBRATION).exists():
        return None
    content: Any = read_json(folder / CALIBRATION)
    try:
        about = CalibrationData(str(content["data"]), str(content["people"]), int(content["gallery"]))
        slope, intercept, weights = float(content["slope"]), float(content["intercept"]), content["fingerprint"]
        if about.gallery < 1:
            raise ValueError(f"a gallery of {about.gallery} images")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError(f"{folder / CALIBRATION} is not a calibration ({error!r}); {HOW_TO_CALIBRATE}.") from None
    if weights != fingerprint(checkpoint):
        raise UserError(f"The calibration in {folder} belongs to other weights; {HOW_TO_CALIBRATE}.")
    return Calibration(slope, intercept, ScoreCounts.read(folder / SCORES), about)


def hold_out_records(checkpoint: Checkpoint, dataset: Dataset) -> tuple[list[Record], str]:
    """Select the images for a calibration, and describe them in words.

    They are images of training or validation identities of the data set's split that the checkpoint was not trained
    on. Identities that the checkpoint was validated on are preferred. If there are none, identities that it has never
    seen are used. Test identities are never used.

    Args:
        checkpoint: The checkpoint to calibrate.
        dataset: The data set to calibrate on.

    Returns:
        The records, and their description.

    Raises:
        UserError: If there are no such identities, or if the checkpoint has no provenance and was trained on these
            data.
    """
    trained, provenance = checkpoint.data, checkpoint.provenance
    protocol = choose_protocol(dataset, None, trained)
    split = splits_to_score(protocol, dataset, trained, None, provenance)[0]
    candidates = split.train + split.validation
    if not candidates:
        raise UserError(
            f"{dataset.root} has only test identities, which a calibration must not use. Use data with training "
            "identities, for example the data that the model was trained on."
        )
    if provenance is None:
        if names_data(trained, dataset):
            raise UserError(
                f"The checkpoint was trained on {dataset.name} and has no record of the identities. Use other data."
            )
        return candidates, f"{summary(candidates)}; whether the model was trained on them is unknown"
    images: dict[str, list[Record]] = defaultdict(list)
    for record in candidates:
        images[record.identity].append(record)
    hashed = {identity: hash_identities(dataset, own) for identity, own in images.items()}
    unseen = [identity for identity, hashes in hashed.items() if not find(hashes, provenance.trained)]
    validated = [identity for identity in unseen if find(hashed[identity], provenance.validated)]
    chosen = select_identities(candidates, validated or unseen)
    if not chosen:
        raise UserError(
            f"The checkpoint was trained on all identities of {dataset.name} except its test identities. Use other "
            "data."
        )
    if validated:
        origin = "held out of its training for validation"
    elif provenance.unknown:
        origin = f"not in the training records; there is no record of {', '.join(provenance.unknown)}"
    else:
        origin = "training identities of data that it was not trained on"
    return chosen, f"{summary(chosen)}, {origin}"
