"""What a score means: from pairs of people held out of a training, the probability that two images show one person.

The score's log-likelihood ratio is a straight line, fitted by logistic regression with both kinds of pairs weighted
alike (Platt, 1999; Bruemmer and du Preez, 2006). How likely an image shows the person before one has looked at it, the
prior, is no property of the model: it is asked for each time. The people are never those of a test.
"""

from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.data.records import Dataset, Record, summary
from core.data.splits import of_people
from core.errors import UserError
from core.evaluation.protocols import choose_protocol, names_data, splits_to_score
from core.evaluation.verification import EDGES, ScoreCounts, threshold_for
from core.inference.checkpoint import Checkpoint, find_checkpoint, fingerprint
from core.inference.provenance import find, hash_identities
from core.json_file import read_json, write_json

FOLDER, CALIBRATION, SCORES = "calibration", "calibration.json", "scores.csv"  # the first in a checkpoint's folder
HOW_TO_MAKE_ONE = "`python -m core calibrate CHECKPOINT DATA` makes one from people whom the model was not trained on"


@dataclass(frozen=True)
class About:
    """On what a calibration rests: the data, the people in words, and the images of a search among them."""

    data: str
    people: str
    gallery: int


@dataclass(frozen=True)
class Calibration:
    """log-likelihood ratio = slope * score + intercept; `counts` hold the rates at each threshold."""

    slope: float
    intercept: float
    counts: ScoreCounts
    about: About

    def probability(self, score: float | np.ndarray, prior: float) -> np.ndarray:
        """That an image of this score shows the person, if a share `prior` of the images do."""
        odds = self.slope * np.asarray(score, float) + self.intercept + np.log(prior / (1 - prior))
        return 1 / (1 + np.exp(-odds))

    def threshold(self, false_match_rate: float) -> float:
        """The score that this share of the pairs of different people reach."""
        return threshold_for(self.counts.different, false_match_rate)

    def false_alarm_rate(self, score: float, gallery: int) -> float:
        """How often the best score of a search among `gallery` images is as high without the person among them.

        Measured for `about.gallery` images; more of them are taken as so many independent searches.
        """
        quiet = 1 - float(self.counts.false_alarm_rate(score))
        return 1 - quiet ** (gallery / self.about.gallery)

    def alarm_threshold(self, false_alarm_rate: float, gallery: int) -> float:
        """The best score that this share of such searches reach."""
        share = 1 - (1 - false_alarm_rate) ** (self.about.gallery / gallery)
        return threshold_for(self.counts.strangers, share)

    @property
    def sentence(self) -> str:
        """On what it rests, and how well it tells people apart, for a card and for a page."""
        rate, threshold = self.counts.equal_error_rate
        return (
            f"{self.counts.same.sum():,} comparisons of images of one person and "
            f"{self.counts.different.sum():,} of different people, from {self.about.data} ({self.about.people}): "
            f"equal error rate {rate:.2%} at score {threshold:.3f}. Other cameras shift it."
        )

    def write(self, checkpoint: Path) -> Path:
        """Beside a checkpoint's weights, with their fingerprint: a score means nothing for others."""
        folder = find_checkpoint(checkpoint) / FOLDER
        self.counts.write(folder / SCORES)
        kept = {"slope": round(self.slope, 6), "intercept": round(self.intercept, 6)} | asdict(self.about)
        kept |= {"figures": self.counts.figures, "fingerprint": fingerprint(checkpoint)}
        write_json(folder / CALIBRATION, kept)
        return folder


def fit(counts: ScoreCounts, about: About) -> Calibration:
    """Raises UserError if there are too few pairs, or same people do not score higher."""
    from sklearn.linear_model import LogisticRegression

    pairs = counts.same.sum(), counts.different.sum()
    if min(pairs) < 10:
        raise UserError(
            f"A calibration needs pairs of both kinds, and {about.data} gives {pairs[0]:,} of the same "
            f"person before different cameras and {pairs[1]:,} of different people."
        )
    middles = (EDGES[:-1] + EDGES[1:]) / 2
    scores, same = np.tile(middles, 2)[:, None], np.repeat([1, 0], len(middles))
    weights = np.concatenate([counts.same / pairs[0], counts.different / pairs[1]])
    line = LogisticRegression(C=np.inf, max_iter=1000).fit(scores, same, sample_weight=weights)
    slope, intercept = float(line.coef_[0, 0]), float(line.intercept_[0])
    if not slope > 0:
        raise UserError(
            f"Images of the same person score no higher than others on {about.data}: this model cannot "
            "be calibrated there."
        )
    return Calibration(slope, intercept, counts, about)


def read_calibration(checkpoint: Path) -> Calibration | None:
    """A checkpoint's calibration, None without one. Raises UserError if it is damaged or of other weights."""
    folder = find_checkpoint(checkpoint) / FOLDER
    if not (folder / CALIBRATION).exists():
        return None
    kept: Any = read_json(folder / CALIBRATION)
    try:
        about = About(str(kept["data"]), str(kept["people"]), int(kept["gallery"]))
        slope, intercept, weights = float(kept["slope"]), float(kept["intercept"]), kept["fingerprint"]
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{folder / CALIBRATION} is not a calibration ({error!r}); {HOW_TO_MAKE_ONE}.") from None
    if weights != fingerprint(checkpoint):
        raise UserError(f"The calibration in {folder} belongs to other weights; {HOW_TO_MAKE_ONE}.")
    return Calibration(slope, intercept, ScoreCounts.read(folder / SCORES), about)


def hold_out_records(checkpoint: Checkpoint, dataset: Dataset) -> tuple[list[Record], str]:
    """Images of identities that a checkpoint was not trained on and that are not tested, and who they are in words.

    The training and validation identities of the data's split are looked up in the checkpoint's record: those that it
    was validated on are taken; without any, those that it has never seen. Raises UserError if there are none, or if the
    checkpoint has no record and its configuration names these data.
    """
    trained, provenance = checkpoint.data, checkpoint.provenance
    protocol = choose_protocol(dataset, None, trained)
    split = splits_to_score(protocol, dataset, trained, None, provenance)[0]
    people = split.train + split.validation
    if not people:
        raise UserError(
            f"{dataset.root} has only people to test on; a calibration needs others: give data with "
            "training people, for instance those that the model was trained on."
        )
    if provenance is None:
        if names_data(trained, dataset):
            raise UserError(
                f"The checkpoint was trained on {dataset.name} and has no record of the identities: use other data."
            )
        return people, f"{summary(people)}; whether the model was trained on them is unknown"
    images: dict[str, list[Record]] = defaultdict(list)
    for record in people:
        images[record.identity].append(record)
    hashed = {person: hash_identities(dataset, own) for person, own in images.items()}
    unseen = [person for person, one in hashed.items() if not find(one, provenance.trained)]
    validated = [person for person in unseen if find(hashed[person], provenance.validated)]
    chosen = of_people(people, validated or unseen)
    if not chosen:
        raise UserError(
            f"The checkpoint was trained on all identities of {dataset.name} that are not for testing: use other data."
        )
    if validated:
        words = "held out of its training for validation"
    elif provenance.unknown:
        words = f"not trained on by what is recorded; there is no record of {', '.join(provenance.unknown)}"
    else:
        words = "the training people of data that it was not trained on"
    return chosen, f"{summary(chosen)}, {words}"
