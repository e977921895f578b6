"""The command `explain`."""

import argparse
from pathlib import Path

from core.cli.arguments import (
    add_checkpoint,
    add_command,
    add_device,
    add_rules_options,
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
    add_baseline(sub)
    add_device(sub)


def add_baseline(sub: argparse.ArgumentParser) -> None:
    """Add the argument `--gallery`, the baseline of an explanation."""
    sub.add_argument(
        "--gallery",
        type=Path,
        metavar="FOLDER",
        help="use the mean of 64 images of this folder as the baseline, as the page Compare does. The contributions "
        "then show what the two images share and others do not (default: the baseline is zero, and the contributions "
        "include what all images share)",
    )
    add_rules_options(sub, "gallery")


def explain(options: argparse.Namespace) -> None:
    """Explain the score of two images by the contributions of their regions."""
    from core.inference.model import load

    check_output(options.output)
    model = load(options.checkpoint, options.device)
    score = write_explanation(model, options, (options.probe, options.match), options.output)
    print(f"{options.output}: score {score:.4f}")


def check_output(output: Path) -> None:
    """Check that an explanation can be written to a file.

    Raises:
        UserError: If the name of the file has no known ending, or if its folder does not exist.
    """
    from core.explain.print_figure import FORMATS

    if output.suffix.lower() not in (*FORMATS, ".json"):
        raise UserError(f"{output} should end in {', '.join(FORMATS)} for a figure, or in .json for the numbers.")
    if not output.parent.is_dir():
        raise UserError(f"There is no folder {output.parent} to write {output.name} to.")


def write_explanation(model, options: argparse.Namespace, pair: tuple[Path, Path], output: Path) -> float:
    """Write the contributions to the score of two images, and return the score.

    Args:
        model: The model.
        options: The parsed arguments with the checkpoint, and the gallery of the baseline.
        pair: The probe and the match.
        output: The file, from `check_output`.
    """
    from core.data.subsample import REFERENCE_IMAGES, sample
    from core.explain.activations import look_inside
    from core.explain.as_json import match_to_json
    from core.explain.attribution import explain_match
    from core.explain.mean_vectors import average_vectors
    from core.explain.print_figure import Labels, save_match
    from core.explain.region_names import BIAS, SHARED
    from core.json_file import write_json

    both = look_inside(model, pair[0]), look_inside(model, pair[1])
    averaged = sample(_searchable(options.gallery), REFERENCE_IMAGES) if options.gallery else ()
    attribution = explain_match(model, *both, average_vectors(model, averaged) if averaged else None)
    if output.suffix.lower() == ".json":
        reference = {"name": "average image" if averaged else "nothing", "images": list(averaged)}
        paths = {"checkpoint": str(options.checkpoint), "probe": str(pair[0]), "match": str(pair[1])}
        write_json(output, paths | {"reference": reference} | match_to_json(model, attribution))
    else:
        baseline = f"mean of {len(averaged)} images" if averaged else "zero"
        labels = Labels(
            pair[0].name,
            pair[1].name,
            f"{options.checkpoint.resolve().name}, baseline: {baseline}",
            SHARED if averaged else BIAS,
        )
        save_match(output, attribution, both, labels)
    return attribution.score


def _searchable(folder: Path) -> list[str]:
    """Return the paths of a folder's images that can be searched."""
    from core.data.datasets import read_dataset

    if found := [str(record.path) for record in read_dataset(folder).searchable]:
        return found
    raise UserError(f"{folder} has no gallery images for the baseline.")
