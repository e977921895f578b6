"""The command `calibrate`."""

import argparse
from pathlib import Path

from core.cli.arguments import (
    add_checkpoint,
    add_command,
    add_device,
    add_rules_options,
)
from core.cli.describing import print_skipped, update_card
from core.errors import UserError


def add_calibrate(commands) -> None:
    """Add the command `calibrate`."""
    sub = add_command(commands, calibrate)
    add_checkpoint(sub)
    sub.add_argument(
        "data",
        type=Path,
        metavar="DATA",
        help="the data set that the model was trained on (its validation identities are used), or another one (its "
        "training identities are used)",
    )
    add_rules_options(sub)
    sub.add_argument(
        "--unlabelled",
        action="store_true",
        help="estimate the thresholds from the scores of DATA's images without their identities, and change nothing. "
        "DATA can be any images from several cameras, or a named gallery",
    )
    add_device(sub)


def calibrate(options: argparse.Namespace) -> None:
    """Fit the probability of a true match to the scores of identities that the model was not trained on."""
    from tqdm import tqdm

    from core.data.datasets import read_dataset
    from core.evaluation.calibration import CalibrationData, fit, hold_out_records
    from core.evaluation.verification import count_scores
    from core.inference.model import load

    if options.unlabelled:
        _print_unlabelled_thresholds(options)
        return
    model = load(options.checkpoint, options.device)
    if model.lifts:
        raise UserError("A calibration is of cosine similarities. This model is a comparison method, not a network.")
    dataset = read_dataset(options.data)
    records, identities = hold_out_records(model.checkpoint, dataset)
    with tqdm(total=len(records), desc="describing", unit="image", leave=False) as bar:
        described = model.describe_records(records, on_error=print_skipped, on_progress=bar.update)
    counts = count_scores(*described, *described)  # each image is a probe; all other images are its gallery
    calibration = fit(counts, CalibrationData(dataset.name, identities, len(described[1]) - 1))
    folder = calibration.write(options.checkpoint)
    update_card(options.checkpoint)
    print(calibration.sentence)
    for one in (100, 1000, 10_000):
        threshold = calibration.threshold(1 / one)
        print(
            f"false-match rate 1 in {one:>6,}: score {threshold:.3f}, "
            f"false non-match rate {counts.miss_rate(threshold):6.1%}"
        )
    for share in (0.01, 0.1):
        threshold = calibration.alarm_threshold(share, calibration.about.gallery)
        print(
            f"false-alarm rate {share:>4.0%}:        score {threshold:.3f}, "
            f"detection rate       {counts.detection_rate(threshold):6.1%}"
        )
    print(f"saved in {folder}")


def _print_unlabelled_thresholds(options: argparse.Namespace) -> None:
    """Print the thresholds of false-match rates that are estimated from unlabelled images."""
    from core.cli.predict_accuracy import describe_unlabelled
    from core.evaluation.false_scores import FalseScores, count_cross_camera

    descriptors, cameras = describe_unlabelled(options)
    scores = count_cross_camera(descriptors, cameras)
    false = FalseScores.fit(scores.counts)
    source = f"{scores.cameras} cameras" if scores.cameras else "unknown cameras"
    print(f"Estimated from the scores of {scores.images:,} images from {source}, without identities.")
    for one in (100, 1000, 10_000):
        print(f"false-match rate 1 in {one:>6,}: score {false.threshold(1 / one):.3f}")
