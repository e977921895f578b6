"""The command `explain`."""

import argparse
from pathlib import Path

from core.cli.arguments import (
    add_checkpoint,
    add_command,
    add_device,
)
from core.errors import UserError


def add_explain(commands) -> None:
    sub = add_command(commands, explain, "Say why two images match: a figure for print, or all its numbers.")
    add_checkpoint(sub)
    sub.add_argument("probe", type=Path, metavar="PROBE", help="image of the person who is looked for")
    sub.add_argument("match", type=Path, metavar="MATCH", help="image that is compared with it")
    sub.add_argument(
        "--output",
        type=Path,
        metavar="FILE.png|.pdf|.svg|.json",
        required=True,
        help="a figure, 7 inches wide; or the terms, places and filter pairs",
    )
    sub.add_argument(
        "--gallery",
        type=Path,
        metavar="FOLDER",
        help="measure terms from the average of 64 of its "
        "images, as the page Compare does: what the two share that others do not (default: from "
        "nothing, so that the terms hold what all images share)",
    )
    add_device(sub)


def explain(options: argparse.Namespace) -> None:
    from core.data.subsample import REFERENCE_IMAGES, sample
    from core.explain.activations import look_inside
    from core.explain.as_json import match_to_json
    from core.explain.attribution import average_vectors, explain_match
    from core.explain.print_figure import FORMATS, Labels, save_match
    from core.explain.region_names import BIAS, SHARED
    from core.inference.model import load
    from core.json_file import write_json

    output = options.output
    if output.suffix.lower() not in (*FORMATS, ".json"):
        raise UserError(f"{output} should end in {', '.join(FORMATS)}, for a figure, or in .json, for its numbers.")
    if not output.parent.is_dir():
        raise UserError(f"There is no folder {output.parent} to write {output.name} to.")
    model = load(options.checkpoint, options.device)
    both = look_inside(model, options.probe), look_inside(model, options.match)
    averaged = sample(_searchable(options.gallery), REFERENCE_IMAGES) if options.gallery else ()
    why = explain_match(model, *both, average_vectors(model, averaged) if averaged else None)
    if output.suffix.lower() == ".json":
        reference = {"name": "average image" if averaged else "nothing", "images": list(averaged)}
        paths = {name: str(getattr(options, name)) for name in ("checkpoint", "probe", "match")}
        write_json(output, paths | {"reference": reference} | match_to_json(model, why, both[0].side))
    else:
        measured = f"the average of {len(averaged)} images" if averaged else "nothing"
        labels = Labels(
            options.probe.name,
            options.match.name,
            f"{options.checkpoint.resolve().name}, terms measured from {measured}",
            SHARED if averaged else BIAS,
        )
        save_match(output, why, both, labels)
    print(f"{output}: score {why.score:.4f}")


def _searchable(folder: Path) -> list[str]:
    """Paths of a folder's images that can be ranked."""
    from core.data.datasets import read_dataset

    if found := [str(record.path) for record in read_dataset(folder).searchable]:
        return found
    raise UserError(f"{folder} has no gallery, so there are no images to average.")
