"""Measure how many planted wrong labels the check of labels finds, and the effect of right decisions on mAP.

`python bench/label_errors.py CHECKPOINT DATA` plants wrong labels among the probes and gallery images of a data set
(seed 0), in four ways:

random     5 % of the images get the identity of another person at random
similar    5 % of the images get the most similar other identity
tracklets  all images of an identity from one camera get another identity, until these are 5 % of the images
two labels the images of 20 identities are divided between two labels

and prints the precision among the first listed, at the number planted (for two labels: of the kind "near"; this is the
recall as well), the number of planted labels among all listed, and mAP: with the right labels, with the planted ones,
and after right decisions about as many suspicions as were planted. The labels of the data are taken to be right.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.data.datasets import read_dataset
from core.data.records import DISTRACTOR
from core.evaluation.label_check import LabelCheck
from core.evaluation.label_decisions import DIFFERENT, SAME, Decision
from core.evaluation.label_errors import FAR, NEAR, Suspicion
from core.galleries.label_check import check_dataset
from core.inference.model import load

SHARE, DIVIDED, SEED = 0.05, 20, 0
Planted = tuple[np.ndarray, set]  # the labels; the wrong images, or the pairs of identities that are one person


def plant_random(check: LabelCheck, labelled: np.ndarray, random: np.random.Generator) -> Planted:
    labels, people = check.identities.astype("<U32"), np.unique(check.identities[labelled])
    wrong = random.choice(labelled, round(SHARE * len(labelled)), replace=False)
    for image in wrong:
        labels[image] = random.choice(people[people != check.identities[image]])
    return labels, set(wrong.tolist())


def plant_similar(check: LabelCheck, labelled: np.ndarray, random: np.random.Generator) -> Planted:
    labels, people = check.identities.astype("<U32"), np.unique(check.identities[labelled])
    means = np.stack([check.descriptors[check.identities == name].mean(0) for name in people])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    wrong = random.choice(labelled, round(SHARE * len(labelled)), replace=False)
    for image in wrong:
        scores = np.where(people == check.identities[image], -np.inf, means @ check.descriptors[image])
        labels[image] = people[scores.argmax()]
    return labels, set(wrong.tolist())


def plant_tracklets(check: LabelCheck, labelled: np.ndarray, random: np.random.Generator) -> Planted:
    labels, people = check.identities.astype("<U32"), np.unique(check.identities[labelled])
    tracklets = sorted({(check.identities[image], check.cameras[image]) for image in labelled})
    wrong: set[int] = set()
    for number in random.permutation(len(tracklets)):
        if len(wrong) >= round(SHARE * len(labelled)):
            break
        identity, camera = tracklets[number]
        images = np.flatnonzero((check.identities == identity) & (check.cameras == camera))
        labels[images] = random.choice(people[people != identity])
        wrong |= set(images.tolist())
    return labels, wrong


def plant_two_labels(check: LabelCheck, labelled: np.ndarray, random: np.random.Generator) -> Planted:
    labels, pairs = check.identities.astype("<U32"), set()
    for identity in random.choice(np.unique(check.identities[labelled]), DIVIDED, replace=False).tolist():
        images = random.permutation(np.flatnonzero(check.identities == identity))
        labels[images[: len(images) // 2]] = identity + "b"
        pairs.add(frozenset((identity, identity + "b")))
    return labels, pairs


PLANTINGS: dict[str, Callable[..., Planted]] = {
    "random": plant_random,
    "similar": plant_similar,
    "tracklets": plant_tracklets,
    "two labels": plant_two_labels,
}


def decide(check: LabelCheck, truth: np.ndarray, one: Suspicion) -> list[Decision]:
    """Decide as a person who knows the right labels."""

    def same(first: int, second: int) -> bool:
        return truth[first] == truth[second]

    name = check.names
    own = Decision(name[one.image], name[one.other], SAME if same(one.image, one.other) else DIFFERENT)
    if one.kind == FAR and own.decision == DIFFERENT and same(one.image, one.nearest):
        return [own, Decision(name[one.image], name[one.nearest], SAME)]
    return [own]


def with_labels(check: LabelCheck, labels: np.ndarray) -> LabelCheck:
    """Return the same images and splits with other labels."""
    label_of = dict(zip((record.path for record in check.records), labels.tolist(), strict=True))

    def relabel(records):
        return [replace(record, identity=label_of.get(record.path, record.identity)) for record in records]

    splits = [replace(one, query=relabel(one.query), gallery=relabel(one.gallery)) for one in check.splits]
    return replace(check, records=relabel(check.records), splits=splits)


def measure(checkpoint: Path, data: Path) -> None:
    check = check_dataset(data, read_dataset(data), load(checkpoint), checkpoint)
    truth, right = check.identities, check.effect([]).before["mAP"]
    labelled = np.flatnonzero((truth != "") & (truth != DISTRACTOR))
    print(f"{len(labelled):,} images with identities; {len(check.suspicions):,} are listed without planted labels")
    print(f"{'':12}planted  precision  listed  found   mAP: right  planted  decided   probes")
    for name, plant in PLANTINGS.items():
        labels, wrong = plant(check, labelled, np.random.default_rng(SEED))
        planted = with_labels(check, labels)
        kind = NEAR if name == "two labels" else FAR
        listed = [one for one in planted.suspicions if one.kind == kind]
        hits = [
            (one.image if kind == FAR else frozenset((labels[one.image], labels[one.other]))) in wrong for one in listed
        ]
        count = len(wrong)
        decided = planted.suspicions if kind == FAR else listed
        effect = planted.effect([each for one in decided[:count] for each in decide(planted, truth, one)])
        print(
            f"{name:12}{count:7}{sum(hits[:count]) / count:11.1%}{len(listed):8}{sum(hits):7}{right:14.2f}"
            f"{effect.before['mAP']:9.2f}{effect.after['mAP']:9.2f}   {effect.before['probes']} -> "
            f"{effect.after['probes']}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path)
    measure(**vars(parser.parse_args()))
