"""The command `labels`: suspicious labels, the decisions about them, and the corrected labels."""

import argparse
from pathlib import Path

from core.cli.arguments import DATA_HELP, add_checkpoint, add_command, add_device, add_rules_options, positive
from core.cli.describing import print_skipped
from core.counts import counted
from core.errors import UserError

SHOWN = 20  # suspicions that are printed by default


def add_labels(commands) -> None:
    """Add the command `labels`."""
    sub = add_command(commands, labels)
    add_checkpoint(sub)
    sub.add_argument("data", type=Path, metavar="DATA", help=f"{DATA_HELP}; or the name of a gallery")
    add_rules_options(sub)
    sub.add_argument("--train", action="store_true", help="check the training images instead of probes and gallery")
    sub.add_argument("--camera", type=int, nargs="+", default=[], metavar="N", help="list images of these cameras only")
    sub.add_argument(
        "--top", type=positive, metavar="N", help=f"list the first N (default: print {SHOWN}, write all to --output)"
    )
    sub.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write the list to this CSV table; with its column decision filled in, it is a table for --decisions",
    )
    sub.add_argument(
        "--decisions",
        type=Path,
        metavar="FILE",
        help="table of decisions: path, other, decision (same, different or skip). What is decided is not listed, and "
        "the effect on mAP is printed (default for a named gallery: the decisions made in the app)",
    )
    sub.add_argument(
        "--save-labels", type=Path, metavar="FILE", help="write the corrected labels of all images to this CSV table"
    )
    sub.add_argument("--relabel", action="store_true", help="apply the decisions to the named gallery")
    add_device(sub)


def labels(options: argparse.Namespace) -> None:
    """List suspicious labels, the worst first, and apply decisions about them.

    An image is suspicious if it is more similar to another identity than to its own. Two identities are suspicious if
    they are as similar to each other as the images of one identity.
    """
    from core.data.datasets import read_dataset
    from core.evaluation.label_decisions import correct_records, read_decisions, write_label_table
    from core.galleries.catalog import stored_gallery
    from core.galleries.changes import set_identities
    from core.galleries.gallery_folder import LABEL_DECISIONS
    from core.galleries.label_check import check_gallery, records_by_split

    gallery = stored_gallery(options.data)
    if gallery is None and options.relabel:
        raise UserError(f"{options.data} is not a named gallery. Write corrected labels with --save-labels FILE.")
    if options.decisions and not options.decisions.exists():
        raise UserError(f"There is no table {options.decisions}; its columns are path, other and decision.")
    if gallery:
        check = check_gallery(gallery, options.checkpoint)
        parts = {"": list(check.records)}
    else:
        dataset = read_dataset(options.data)
        print(dataset.report())
        check, parts = _check_dataset(options, dataset), records_by_split(dataset)
    file = options.decisions or (gallery.folder / LABEL_DECISIONS if gallery else None)
    decisions = read_decisions(file) if file else []
    suspicions = check.undecided(decisions, options.camera)
    table = check.table(suspicions)
    for row in table.head(options.top or SHOWN).itertuples():
        print(f"{row.score:6.2f}  {row.path}  {row.reason}")
    print(f"{len(suspicions):,} suspicious labels among {len(check.records):,} images")
    if options.output:
        (table.head(options.top) if options.top else table).to_csv(options.output, index=False)
        print(f"saved in {options.output}")
    if decisions:
        print(check.effect(decisions).sentence if check.protocol else check.problem)
    new = check.changes(decisions)
    if options.save_labels:
        corrected = {split: correct_records(records, new, check.folder) for split, records in parts.items()}
        write_label_table(options.save_labels, check.folder, corrected)
        print(f"saved in {options.save_labels}: {counted(len(new), 'image has', 'images have')} another identity")
    if gallery and options.relabel:
        set_identities(gallery, new)
        print(
            f"{counted(len(new), 'image')} of {gallery.name} will have another identity after the next update: "
            f"`python -m core gallery update {gallery.name}`"
        )


def _check_dataset(options: argparse.Namespace, dataset):
    from tqdm import tqdm

    from core.galleries.label_check import check_dataset
    from core.inference.model import load

    model = load(options.checkpoint, options.device)
    with tqdm(desc="describing", unit="image", leave=False) as bar:
        return check_dataset(
            options.data,
            dataset,
            model,
            options.checkpoint,
            options.train,
            on_error=print_skipped,
            on_progress=bar.update,
        )
