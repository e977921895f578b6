"""Person check: whether an image is unlike a person.

A model gives a descriptor to any image, and each descriptor has a nearest gallery image. The person check is a logistic
regression on the descriptor. It separates images of people from rendered crops without a person and from synthetic
patterns. The threshold flags a given share of the images of
held-out people.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from core.data.patterns import draw_patterns
from core.data.records import DISTRACTOR, Dataset, Record
from core.data.rule_dataset import RENDERING
from core.errors import UserError
from core.evaluation.calibration import FOLDER, hold_out_records
from core.inference.checkpoint import find_checkpoint, fingerprint
from core.inference.model import Model
from core.json_file import read_json, write_json

FILE = "person_check.json"  # in the folder of the calibration
MAX_PEOPLE = 1200  # images of a data set, so that no data set outweighs the others
PATTERNS = 400  # to fit, and as many to test
NO_PERSON = "No person found in this image."
NO_PERSON_IN_ANY = "No person found in these images."
NO_PERSON_IN_SOME = "No person found in these images of the probe: {numbers}."
NO_PERSON_NAMED = "No person found in {name}."
HOW_TO_FIT = "`python -m core person-check CHECKPOINT DATA` creates one"


@dataclass(frozen=True)
class CheckData:
    """The data of a person check, and the rates on images that it was not fitted on."""

    data: str  # names of the data sets
    people: int  # images to fit
    empty: int  # crops without a person to fit
    patterns: int  # synthetic patterns to fit
    held_out_people: int  # images of other identities, which set the threshold
    flagged_people: float  # share of these
    flagged_empty: float  # share of the other crops without a person
    flagged_patterns: float  # share of as many other patterns

    @property
    def sentence(self) -> str:
        """The data and the rates in words, for the model card."""
        return (
            f"The person check was fitted on {self.people:,} images of people, {self.empty:,} crops without a person "
            f"and {self.patterns:,} synthetic patterns, from {self.data}. It flags {self.flagged_people:.1%} of "
            f"{self.held_out_people:,} images of held-out people, {self.flagged_empty:.0%} of the other crops without "
            f"a person and {self.flagged_patterns:.0%} of other patterns."
        )


class PersonCheck:
    """Flags descriptors of images that are unlike a person.

    `fit` sets `weights_` (D,), `intercept_` and `threshold_`.

    Args:
        share: The share of held-out images of people that the check flags; of several data sets, the largest share.
        strength: The inverse of the strength of the regularisation.
    """

    def __init__(self, share: float = 0.01, strength: float = 0.1):
        self.share = share
        self.strength = strength

    def fit(self, people: np.ndarray, others: np.ndarray, held_out: Sequence[np.ndarray]) -> "PersonCheck":
        """Fit the logistic regression, and set the threshold.

        Args:
            people: Unit descriptors (N, D) of images of people.
            others: Unit descriptors (M, D) of images without a person.
            held_out: Unit descriptors (K, D) of images of other people, for each data set.
        """
        from sklearn.linear_model import LogisticRegression

        features = np.concatenate([people, others]).astype(np.float64)
        strength = self.strength * features.shape[1]  # an entry of a unit vector is about 1 / sqrt(D)
        line = LogisticRegression(C=strength, class_weight="balanced", max_iter=5000)
        line.fit(features, np.repeat([1, 0], [len(people), len(others)]))
        self.weights_, self.intercept_ = line.coef_[0].round(4), round(float(line.intercept_[0]), 4)
        self.threshold_ = min(float(np.quantile(self.decision_function(each), self.share)) for each in held_out)
        return self

    def decision_function(self, descriptors: np.ndarray) -> np.ndarray:
        """Return the log-odds (N,) that the images of unit descriptors (N, D) show a person."""
        return np.asarray(descriptors, np.float64) @ self.weights_ + self.intercept_

    def flags(self, descriptors: np.ndarray) -> np.ndarray:
        """Return for each unit descriptor (N, D) whether its image is unlike a person."""
        return self.decision_function(descriptors) < self.threshold_


def fit_person_check(
    model: Model, datasets: Sequence[Dataset], describe: Callable[[list[Record]], np.ndarray]
) -> tuple[PersonCheck, CheckData]:
    """Fit a person check on rendered data sets.

    Half of the identities that the model was not trained on are used to fit. The others set the threshold, so that at
    most 1 % of the held-out images of each data set are flagged. Of the crops without a person and of the patterns,
    half are used to fit, and the others are used to measure the rates.

    Args:
        model: The model.
        datasets: The data sets. Test identities are not used.
        describe: Computes the descriptors of records.

    Raises:
        UserError: If a data set has no rendered crops without a person.
    """
    fitted: list[Record] = []
    held_out: list[list[Record]] = []
    empty: list[Record] = []
    for dataset in datasets:
        if not (dataset.root / RENDERING).exists():  # only the renderer's distractors are crops without a person
            raise UserError(f"{dataset.root} has no {RENDERING}; use data that `python -m assets.render` made.")
        people, _ = hold_out_records(model.checkpoint, dataset)
        people = people[:: -(-len(people) // MAX_PEOPLE)]
        to_fit = set(sorted({record.identity for record in people})[::2])
        fitted += [record for record in people if record.identity in to_fit]
        held_out.append([record for record in people if record.identity not in to_fit])
        empty += [record for record in dataset.gallery if record.identity == DISTRACTOR]
    if len(empty) < 2 or not all(held_out):
        raise UserError(
            "A person check needs two identities of each data set and two crops without a person (identity 0000)."
        )
    own, others = describe(fitted), [describe(records) for records in held_out]
    crops, patterns = describe(empty), model.describe(list(draw_patterns(2 * PATTERNS, seed=0)))
    check = PersonCheck().fit(own, np.concatenate([crops[::2], patterns[:PATTERNS]]), others)
    other = np.concatenate(others)
    flagged = [round(float(check.flags(some).mean()), 4) for some in (other, crops[1::2], patterns[PATTERNS:])]
    names = " and ".join(dataset.name for dataset in datasets)
    return check, CheckData(names, len(own), len(crops[::2]), PATTERNS, len(other), *flagged)


def write_person_check(check: PersonCheck, about: CheckData, checkpoint: Path) -> Path:
    """Write the check with the fingerprint of the weights, and return its file."""
    file = find_checkpoint(checkpoint) / FOLDER / FILE
    file.parent.mkdir(exist_ok=True)
    content = asdict(about) | {"fingerprint": fingerprint(checkpoint)}
    content |= {"threshold": check.threshold_, "intercept": check.intercept_, "weights": check.weights_.tolist()}
    write_json(file, content)
    return file


def read_person_check(checkpoint: Path) -> tuple[PersonCheck, CheckData] | None:
    """Read a checkpoint's person check and its data; None if it has none.

    Raises:
        UserError: If the check is damaged or belongs to other weights.
    """
    file = find_checkpoint(checkpoint) / FOLDER / FILE
    if not file.exists():
        return None
    content: Any = read_json(file)
    check = PersonCheck()
    try:
        about = CheckData(**{each.name: content[each.name] for each in fields(CheckData)})
        check.weights_ = np.array(content["weights"], np.float64)
        check.intercept_, check.threshold_ = float(content["intercept"]), float(content["threshold"])
        weights = content["fingerprint"]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError(f"{file} is not a person check ({error!r}); {HOW_TO_FIT}.") from None
    if weights != fingerprint(checkpoint):
        raise UserError(f"The person check in {file} belongs to other weights; {HOW_TO_FIT}.")
    return check, about


def find_no_person(checkpoint: Path, descriptors: np.ndarray) -> str:
    """Return a sentence about the images of a probe that are unlike a person.

    Args:
        checkpoint: The checkpoint that described the images.
        descriptors: Unit descriptors (N, D) of the images.

    Returns:
        The sentence, or "" if there are no such images or if the checkpoint has no person check.

    Raises:
        UserError: If the check is damaged or belongs to other weights.
    """
    found = read_person_check(checkpoint)
    return describe_flags(found[0].flags(descriptors)) if found else ""


def describe_flags(flags: np.ndarray) -> str:
    """Name the images that are unlike a person in one sentence; "" if there are none."""
    if not flags.any():
        return ""
    if flags.all():
        return NO_PERSON if len(flags) == 1 else NO_PERSON_IN_ANY
    return NO_PERSON_IN_SOME.format(numbers=", ".join(map(str, np.flatnonzero(flags) + 1)))


def name_no_person(names: Sequence[str], flags: Sequence[bool] | np.ndarray) -> list[str]:
    """Return a sentence for each image that is unlike a person, with its name."""
    return [NO_PERSON_NAMED.format(name=name) for name, flag in zip(names, flags, strict=True) if flag]
