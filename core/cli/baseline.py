"""The command `baseline`."""

import argparse
import shutil
from pathlib import Path

from core.cli.arguments import add_command, add_data, add_protocol, positive
from core.cli.describing import print_skipped
from core.cli.output_folder import check_output

METHODS = ("xqda", "null-space")
MOST_IMAGES = 2000  # of the null space, by default; each takes 54 kB in the file, and twice as much in memory


def add_baseline(commands) -> None:
    """Add the command `baseline`."""
    sub = add_command(commands, baseline)
    add_data(sub)
    sub.add_argument("--method", choices=METHODS, default="xqda", help="the method (default: xqda)")
    add_protocol(sub, "fit to the training identities of this split (default: 1)")
    sub.add_argument(
        "--images",
        type=positive,
        metavar="N",
        help="maximum number of training images; the others are not used. The null space stores each training image, "
        f"54 kB (default: {MOST_IMAGES:,} for null-space, all for xqda)",
    )
    sub.add_argument("--output", type=Path, metavar="FOLDER", help="default: lomo-xqda or lomo-null-space in runs")
    sub.add_argument("--terms", default="As the terms of the training data.", help="terms of use for the model card")


def baseline(options: argparse.Namespace) -> None:
    """Fit a comparison method of the paper: LOMO with XQDA or with the null space.

    The result can be used like a checkpoint, in the app on the page Search, and by search, evaluate, embed and gallery.
    """
    from tqdm import tqdm

    from core.data.datasets import read_dataset
    from core.evaluation.protocols import choose_protocol
    from core.evaluation.report import BASELINE_EVALUATIONS
    from core.folders import runs_folder
    from core.inference.baseline_fitting import fit_baseline
    from core.inference.checkpoint import CONFIG, WEIGHTS, is_baseline

    folder = options.output or runs_folder() / f"lomo-{options.method}"
    check_output(folder, may_replace=lambda folder: (folder / CONFIG).exists() and is_baseline(folder))
    dataset = read_dataset(options.data)
    print(dataset.report())
    protocol = choose_protocol(dataset, options.protocol)
    split = protocol.divide(dataset, options.split or 1)
    most = options.images or (MOST_IMAGES if options.method == "null-space" else None)
    with tqdm(total=min(len(split.train), most or len(split.train)), desc="describing", unit="image") as bar:
        fitted = fit_baseline(options.method, dataset, split, protocol.name, most, print_skipped, bar.update)
    shutil.rmtree(folder / BASELINE_EVALUATIONS, ignore_errors=True)  # results of the weights that are replaced
    fitted.save(folder, options.terms)
    data, size = fitted.checkpoint.data, (folder / WEIGHTS).stat().st_size
    print(f"fitted to {data['training']} in {fitted.checkpoint.metrics['training_seconds']:.0f} s")
    if data["images_not_used"]:
        print(f"{data['images_not_used']:,} training images were not used; --images changes this")
    print(f"{folder}: {size / 1e6:.0f} MB, points of {fitted.length - 1:,} numbers")
