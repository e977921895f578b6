"""Compare what is estimated from unlabelled images with what the labels say.

`python bench/unlabelled.py CHECKPOINT DATA` draws test images of a data set and prints, without and with labels:

- the false-match rate at the threshold for 1 in 100, 1 in 1,000 and 1 in 10,000, divided by the wanted rate, and the
  share of false alarms at the threshold for 10 %: with the thresholds of the model's calibration and with those
  estimated from the images;
- rank-1, rank-1 of the worst camera, and the change of rank-1 by camera centring and by batch-norm adaptation:
  predicted and measured.

A probe's gallery is all images of other cameras. Rank-1 is the share of the probes with a true match there. A false
alarm is a first result at or above the threshold in a gallery without the probe's identity.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.data.datasets import read_dataset
from core.data.records import DISTRACTOR, Dataset, Record
from core.evaluation.calibration import Calibration, read_calibration
from core.evaluation.camera_centring import Centring
from core.evaluation.false_scores import FalseScores, count_cross_camera
from core.evaluation.gallery_calibration import GalleryCalibration
from core.evaluation.prediction_report import draw_images, predict
from core.evaluation.protocols import choose_protocol
from core.inference.camera_adaptation import CameraModels, can_adapt
from core.inference.model import load

RATES = (1 / 100, 1 / 1000, 1 / 10000)
FALSE_ALARM_RATE = 0.1


def draw(dataset: Dataset, protocol: str | None, identities: int | None, distractors: int, seed: int) -> list[Record]:
    """Draw images of test identities of the first split, at most 2,000, and some distractors."""
    split = choose_protocol(dataset, protocol).divide(dataset, 1)
    records = list(dict.fromkeys([*split.query, *split.gallery]))
    random = np.random.default_rng(seed)
    names = sorted({record.identity for record in records} - {DISTRACTOR})
    chosen = set(random.permutation(names)[:identities].tolist())
    others = [record for record in records if record.identity == DISTRACTOR]
    kept = set(random.permutation(len(others))[:distractors].tolist())
    extra = [record for number, record in enumerate(others) if number in kept]
    return draw_images([record for record in records if record.identity in chosen] + extra, seed)


def rank_1(descriptors: np.ndarray, people: np.ndarray, cameras: np.ndarray) -> np.ndarray:
    """Return for each image whether its first result is a true match; NaN without a true match or for a distractor."""
    scores = np.where(cameras[:, None] == cameras, -np.inf, descriptors @ descriptors.T)
    possible = (people[:, None] == people) & (cameras[:, None] != cameras)
    right = (people[scores.argmax(1)] == people).astype(float)
    right[~possible.any(1) | (people == DISTRACTOR)] = np.nan
    return right


def transfer(calibration: Calibration, descriptors: np.ndarray, people: np.ndarray, cameras: np.ndarray) -> str:
    """Return the measured rates, divided by the wanted ones, before and after the transfer of the calibration."""
    counted = count_cross_camera(descriptors, cameras)
    false = FalseScores.fit(counted.counts)
    moved = GalleryCalibration.transfer(calibration, false, counted.images, counted.cameras)
    labelled = people != DISTRACTOR
    different = (people[:, None] != people) & (labelled[:, None] | labelled) & (cameras[:, None] != cameras)
    scores = descriptors @ descriptors.T
    wrong, first = scores[different], np.where(different, scores, -np.inf).max(1)[labelled]
    gallery = round(different[labelled].sum(1).mean())
    parts = []
    for rate in RATES:
        before, after = ((wrong >= one.threshold(rate)).mean() / rate for one in (calibration, moved))
        parts.append(f"1 in {round(1 / rate):,}: {before:.3g}, {after:.2f}")
    alarms = ((first >= one.alarm_threshold(FALSE_ALARM_RATE, gallery)).mean() for one in (calibration, moved))
    return "; ".join([*parts, "false alarms: {:.0%}, {:.0%}".format(*alarms)])


def measure(checkpoint: Path, records: Sequence[Record]) -> None:
    """Print the estimated and the measured rates."""
    model = load(checkpoint)
    descriptors, records = model.describe_records(records)
    people, cameras = (np.array([getattr(one, name) for one in records]) for name in ("identity", "camera"))
    print(
        f"{len(records):,} images, {len(set(people.tolist()) - {DISTRACTOR})} identities, {len(set(cameras))} cameras"
    )
    calibration = read_calibration(checkpoint)
    if calibration:
        print(f"measured / wanted, before and after: {transfer(calibration, descriptors, people, cameras)}")
    options = {"centre": Centring().fit(descriptors, cameras).transform(descriptors, cameras)}
    if can_adapt(model):
        options["adapt"] = CameraModels(model).fit(records).describe_records(records)[0]
    said = predict(descriptors, records, adapted=(lambda: options["adapt"]) if "adapt" in options else None)
    right = rank_1(descriptors, people, cameras)
    own = said["rank_1"]
    print(f"rank-1: predicted {own['value']:.0f} [{own['low']:.0f}, {own['high']:.0f}], measured", end=" ")
    print(f"{100 * np.nanmean(right):.1f} of {(~np.isnan(right)).sum():,} probes")
    shares = {int(camera): np.nanmean(right[cameras == camera]) for camera in np.unique(cameras)}
    print(f"worst camera: predicted {said['worst_camera']}, measured {min(shares, key=shares.__getitem__)}")
    for name, changed in options.items():
        expected = said["options"][name]["value"] - own["value"]
        found = 100 * (np.nanmean(rank_1(changed, people, cameras)) - np.nanmean(right))
        print(f"{name}: predicted {expected:+.1f}, measured {found:+.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--protocol", help="by default that of the data set")
    parser.add_argument("--identities", type=int, help="number of test identities to draw; by default all")
    parser.add_argument("--distractors", type=int, default=300, help="maximum number of distractors (default: 300)")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    drawn = draw(read_dataset(args.data), args.protocol, args.identities, args.distractors, args.seed)
    measure(args.checkpoint, drawn)
