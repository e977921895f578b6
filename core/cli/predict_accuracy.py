"""The command `predict-accuracy`: rank-1 and false-match rates on unlabelled images."""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.arguments import ADAPT_HELP, DATA_HELP, add_checkpoint, add_command, add_device, add_rules_options
from core.cli.describing import print_skipped
from core.errors import UserError

if TYPE_CHECKING:  # numpy takes a moment to import, and --help does not need it
    import numpy as np

    from core.data.records import Record


def add_predict_accuracy(commands) -> None:
    """Add the command `predict-accuracy`."""
    sub = add_command(commands, predict_accuracy, "predict-accuracy")
    add_checkpoint(sub)
    sub.add_argument("data", type=Path, metavar="DATA", help=f"{DATA_HELP}; or the name of a gallery")
    add_rules_options(sub)
    sub.add_argument(
        "--pairs",
        type=Path,
        metavar="FILE",
        help="table of --ask with the column decision filled in: same or different. It narrows the interval",
    )
    sub.add_argument(
        "--ask", type=Path, metavar="FILE", help="write 50 probes with their first results to this table, to be checked"
    )
    sub.add_argument("--adapt", action="store_true", help=f"also predict rank-1 with: {ADAPT_HELP}")
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the figures, in percent, to this file")
    sub.add_argument("--job", type=Path, metavar="FOLDER", help="record the progress in this folder, for the app")
    add_device(sub)


def predict_accuracy(options: argparse.Namespace) -> None:
    """Predict rank-1 and false-match rates on unlabelled images from several cameras. Identities are not used."""
    from core.evaluation.evaluation_job import run_evaluation
    from core.evaluation.prediction_job import FIRST_RESULTS, RESULT
    from core.json_file import write_json

    if options.job:

        def work(on_progress: Callable[[int, int], None]) -> Path:
            options.ask = options.job / FIRST_RESULTS
            write_json(options.job / RESULT, _predict(options, on_progress))
            return options.job / RESULT

        run_evaluation(options.job, work)
        return
    result = _predict(options, lambda done, total: None)
    print(format_result(result))
    if options.ask:
        print(f"saved in {options.ask}")
    if options.json:
        write_json(options.json, result)


def _predict(options: argparse.Namespace, on_progress: Callable[[int, int], None]) -> dict[str, Any]:
    import numpy as np
    from tqdm import tqdm

    from core.evaluation.calibration import read_calibration
    from core.evaluation.prediction_report import first_results, predict, read_pairs
    from core.inference.camera_adaptation import CameraModels
    from core.inference.model import load

    pairs = read_pairs(options.pairs) if options.pairs else None
    model = load(options.checkpoint, options.device)
    if model.lifts:
        raise UserError("The prediction is of cosine similarities. This model is a comparison method, not a network.")
    models = CameraModels(model) if options.adapt else None  # refuses a model without batch normalisation
    records, folder = _read_images(options.data)
    passes = 3 if options.adapt else 1  # the statistics of the cameras are estimated, and the images described again
    with tqdm(total=passes * len(records), desc="describing", unit="image", leave=False) as bar:

        def on_described(count: int) -> None:
            bar.update(count)
            on_progress(min(int(bar.n), int(bar.total)), int(bar.total))

        descriptors, records = model.describe_records(records, on_error=print_skipped, on_progress=on_described)

        def adapted(models: CameraModels) -> np.ndarray:
            return models.fit(records, on_described).describe_records(records, on_progress=on_described)[0]

        calibration = read_calibration(options.checkpoint)
        result = predict(descriptors, records, calibration, partial(adapted, models) if models else None, pairs)
    if options.ask:
        first_results(descriptors, records, folder).to_csv(options.ask, index=False)
    return result


def describe_unlabelled(options: argparse.Namespace) -> "tuple[np.ndarray, np.ndarray]":
    """Return the descriptors and the cameras of at most 2,000 images of `options.data`."""
    import numpy as np

    from core.inference.model import load

    model = load(options.checkpoint, options.device)
    described, records = model.describe_records(_read_images(options.data)[0], on_error=print_skipped)
    return described, np.array([record.camera for record in records])


def _read_images(data: Path) -> "tuple[list[Record], Path]":
    """Return the records of at most 2,000 images of a data set or a named gallery, and its folder."""
    from core.data.datasets import read_dataset
    from core.data.records import Record
    from core.evaluation.prediction_report import draw_images
    from core.galleries.catalog import stored_gallery

    if gallery := stored_gallery(data):
        indexed = gallery.open()
        pairs = zip(indexed.paths, indexed.cameras.tolist(), strict=True)
        return draw_images([Record(Path(path), "", camera) for path, camera in pairs]), gallery.folder
    dataset = read_dataset(data)
    return draw_images(list(dict.fromkeys([*dataset.query, *dataset.searchable]))), dataset.root


def format_result(result: dict[str, Any]) -> str:
    """Format the figures as text."""
    lines = [
        f"{result['images']:,} images from {result['cameras']} cameras. [low, high]: {result['level']} % interval.",
        f"rank-1, predicted          {_interval(result['rank_1'])}",
    ]
    if checked := result.get("checked"):
        lines.append(f"rank-1, {checked['correct']} of {checked['checked']} correct   {_interval(checked['rank_1'])}")
    for camera, rates in result["rank_1_by_camera"].items():
        worst = "  the worst camera" if camera == str(result["worst_camera"]) else ""
        lines.append(f"  probes from camera {camera:6} {_interval(rates)}{worst}")
    names = {"centre": "camera centring", "adapt": "batch-norm adaptation"}
    lines += [f"with {names[name]:22}{_interval(rates)}" for name, rates in result["options"].items()]
    for row in result["false_match_rates"]:
        line = f"1 false match in {row['one_in']:,} pairs: threshold {row['threshold']:.3f}"
        if "calibration_threshold" in row:
            rate = row["rate_at_calibration_threshold"]
            line += (
                f"; the calibration's threshold {row['calibration_threshold']:.3f} gives "
                f"{rate['value']:.2f} % [{rate['low']:.2f}, {rate['high']:.2f}]"
            )
        lines.append(line)
    return "\n".join(lines)


def _interval(rates: dict[str, float]) -> str:
    return f"{rates['value']:5.1f} % [{rates['low']:.0f}, {rates['high']:.0f}]"
