"""The command `compare`."""

import argparse
from pathlib import Path

from core.cli.arguments import add_checkpoint, add_command, add_device
from core.cli.explain import add_baseline, check_output, write_explanation

FEWEST_PAIRS = 2  # N of the highest prior, 1 true match in N pairs


def add_compare(commands) -> None:
    """Add the command `compare`."""
    sub = add_command(commands, compare)
    add_checkpoint(sub)
    sub.add_argument("images", type=Path, nargs=2, metavar="IMAGE", help="image of one person")
    sub.add_argument(
        "--prior",
        type=_pairs,
        default=FEWEST_PAIRS,
        metavar="N",
        help="assume 1 true match in N pairs of images before the comparison (default: 2. The probability then rests "
        "on the score alone. If true matches are rarer among your pairs, use a larger N)",
    )
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the score and the verdict to this file")
    sub.add_argument(
        "--explain",
        type=Path,
        metavar="FILE",
        help="write the contributions of the regions to this file: a figure (.png, .pdf, .svg) or numbers (.json)",
    )
    add_baseline(sub)
    add_device(sub)


def compare(options: argparse.Namespace) -> None:
    """Judge whether two images show the same person.

    The verdict comes from the calibration of the checkpoint. There is none if no person is found in an image.
    """
    from core.evaluation.calibration import read_calibration
    from core.evaluation.person_check import name_no_person, read_person_check
    from core.evaluation.verdict import NO_CALIBRATION, judge_pair
    from core.inference.model import load
    from core.json_file import write_json

    if options.explain:
        check_output(options.explain)
    calibration, check = read_calibration(options.checkpoint), read_person_check(options.checkpoint)
    model = load(options.checkpoint, options.device)
    descriptors = model.describe(options.images)
    score = model.score(*descriptors)
    flags = check[0].flags(descriptors) if check else [False, False]
    names = [str(path) for path in options.images]
    sentences = name_no_person(names, flags)
    result = {"checkpoint": str(options.checkpoint), "images": names, "score": score}
    result["no_person"] = [name for name, flag in zip(names, flags, strict=True) if flag]
    if calibration and not any(flags):  # an image without a person has no verdict
        pair = judge_pair(calibration, score, options.prior)
        sentences += [f"{pair.answer} {pair.reasons}", f"Calibrated on {calibration.sentence}"]
        result |= {"prior": 1 / pair.prior, "probability": pair.probability, "verdict": pair.word}
        result |= {"false_match_rate": pair.false_match_rate, "miss_rate": pair.miss_rate}
    elif not calibration:
        sentences.append(NO_CALIBRATION)
    print("\n".join([f"score {score:.4f}", *sentences]))
    if options.json:
        write_json(options.json, result)
    if options.explain:
        write_explanation(model, options, tuple(options.images), options.explain)
        print(f"explanation saved in {options.explain}")


def _pairs(text: str) -> int:
    """Parse N of the prior.

    Raises:
        argparse.ArgumentTypeError: The text is not a whole number of 2 or more.
    """
    if not text.isdecimal() or int(text) < FEWEST_PAIRS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of {FEWEST_PAIRS} or more")
    return int(text)
