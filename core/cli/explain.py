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
    """Add the command `explain`."""
    sub = add_command(commands, explain)
    add_checkpoint(sub)
    sub.add_argument("probe", type=Path, metavar="PROBE", help="image of the person to search for")
    sub.add_argument("match", type=Path, metavar="MATCH", help="image to compare with the probe")
    sub.add_argument(
        "--output",
        type=Path,
        metavar="FILE.png|.pdf|.svg|.json",
        required=True,
        help="write a figure, 7 inches wide, or as .json the contributions of regions, locations and filter pairs",
    )
    sub.add_argument(
        "--gallery",
        type=Path,
        metavar="FOLDER",
        help="use the mean of 64 images of this folder as the baseline, as the page Compare does. The contributions "
        "then show what the two images share and others do not (default: the baseline is zero, and the contributions "
        "include what all images share)",
    )
    add_device(sub)


def explain(options: argparse.Namespace) -> None:
    """Explain the score of two images by the contributions of their regions."""
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
        raise UserError(f"{output} should end in {', '.join(FORMATS)} for a figure, or in .json for the numbers.")
    if not output.parent.is_dir():
        raise UserError(f"There is no folder {output.parent} to write {output.name} to.")
    model = load(options.checkpoint, options.device)
    both = look_inside(model, options.probe), look_inside(model, options.match)
    averaged = sample(_searchable(options.gallery), REFERENCE_IMAGES) if options.gallery else ()
    attribution = explain_match(model, *both, average_vectors(model, averaged) if averaged else None)
    if output.suffix.lower() == ".json":
        reference = {"name": "average image" if averaged else "nothing", "images": list(averaged)}
        paths = {name: str(getattr(options, name)) for name in ("checkpoint", "probe", "match")}
        write_json(output, paths | {"reference": reference} | match_to_json(model, attribution, both[0].side))
    else:
        baseline = f"mean of {len(averaged)} images" if averaged else "zero"
        labels = Labels(
            options.probe.name,
            options.match.name,
            f"{options.checkpoint.resolve().name}, baseline: {baseline}",
            SHARED if averaged else BIAS,
        )
        save_match(output, attribution, both, labels)
    print(f"{output}: score {attribution.score:.4f}")


def _searchable(folder: Path) -> list[str]:
    """Return the paths of a folder's images that can be searched."""
    from core.data.datasets import read_dataset

    if found := [str(record.path) for record in read_dataset(folder).searchable]:
        return found
    raise UserError(f"{folder} has no gallery images for the baseline.")
