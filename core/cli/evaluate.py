"""The command `evaluate`."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.cli.arguments import (
    ADAPT_HELP,
    CENTRE_HELP,
    DATA_HELP,
    FLIP_HELP,
    add_checkpoint,
    add_command,
    add_device,
    add_protocol,
    add_rules_options,
    positive,
)
from core.cli.describing import evaluate_data, evaluate_stored
from core.errors import UserError
from core.folders import cache_folder


def add_evaluate(commands) -> None:
    """Add the command `evaluate`."""
    sub = add_command(commands, evaluate)
    add_checkpoint(sub)
    sub.add_argument("data", type=Path, nargs="+", metavar="DATA", help=f"{DATA_HELP}; or the name of a gallery")
    add_rules_options(sub)
    add_protocol(sub, "evaluate only this split (default: the one that the model was trained on, else all)")
    sub.add_argument("--same-camera", action="store_true", help="do not ignore gallery images from the probe's camera")
    sub.add_argument("--flip", action="store_true", help=FLIP_HELP)
    sub.add_argument("--adapt", action="store_true", help=f"also {ADAPT_HELP} from its test images")
    sub.add_argument("--centre", action="store_true", help=f"{CENTRE_HELP} in the test")
    sub.add_argument(
        "--rerank", action="store_true", help="apply k-reciprocal re-ranking; the neighbours include other probes"
    )
    sub.add_argument(
        "--expand",
        type=positive,
        default=0,
        metavar="N",
        help="query expansion: average each probe's descriptor with those of its first N results, and search again",
    )
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the metrics, in percent, to this file")
    sub.add_argument("--job", type=Path, metavar="FOLDER", help="record the progress in this folder, for the app")
    add_device(sub)


def evaluate(options: argparse.Namespace) -> None:
    """Measure a model on data sets or named galleries: recall@K (CMC), mAP and mINP."""
    from core.evaluation.evaluation_job import run_evaluation

    if options.job:
        [data] = options.data
        run_evaluation(options.job, lambda on_progress: _evaluate(options, data, options.adapt, on_progress)[0])
        return
    plain = [_evaluate(options, data, adapt=False)[1] for data in options.data]
    adapted = [_evaluate(options, data, adapt=True)[1] for data in options.data if options.adapt]
    if len(plain + adapted) > 1:
        print("\n" + _table(plain, adapted))
    if options.json:
        figures = {str(data): _figures(report) for data, report in zip(options.data, adapted or plain, strict=True)}
        for data, report in zip(options.data, plain, strict=True):
            figures[str(data)] |= {"without_adaptation": _figures(report)} if adapted else {}
        content = figures if len(figures) > 1 else figures[str(options.data[0])]
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _figures(report: Any) -> dict[str, Any]:
    """Return the figures of a report with the limits of their intervals."""
    return report.figures | {"intervals": {name: [one.low, one.high] for name, one in report.intervals.items()}}


def _table(plain: list, adapted: list) -> str:
    """Return the figures of several data sets as a table, in percent.

    With batch-norm adaptation, a data set has two rows: with the statistics of the training and of each camera.
    """
    import pandas as pd

    names = ("recall@1", "recall@5", "recall@10", "mAP", "mINP", "probes", "gallery")
    groups = {"of the training": plain, "of each camera": adapted}
    rows = [
        {"data": reports[number].task}
        | ({"statistics": statistics} if adapted else {})
        | {name: reports[number].figures[name] for name in names}
        for number in range(len(plain))
        for statistics, reports in groups.items()
        if reports
    ]
    return pd.DataFrame(rows).to_string(index=False, float_format="{:.2f}".format)


def _evaluate(
    options: argparse.Namespace,
    data: Path,
    adapt: bool,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Path, Any]:
    """Evaluate, print and store the result, and return its folder and the report."""
    from core.evaluation.protocols import EVERY_IMAGE
    from core.evaluation.stored_result import store_result
    from core.galleries.catalog import stored_gallery
    from core.inference.camera_statistics import CAMERA_STATISTICS
    from core.inference.model import load
    from core.search.reranking import make_order

    model = load(options.checkpoint, options.device, options.flip)
    order = make_order(options.rerank, options.expand)
    common: dict[str, Any] = {"order": order, "adapt": adapt, "centre": options.centre}
    common |= {"on_progress": on_progress, "statistics": cache_folder() / CAMERA_STATISTICS}
    common |= {"include_same_camera": True} if options.same_camera else {}
    if gallery := stored_gallery(data):
        if options.protocol not in (None, EVERY_IMAGE) or options.split:
            raise UserError(f"A named gallery is evaluated by the protocol {EVERY_IMAGE}. Omit --protocol and --split.")
        report = evaluate_stored(model, gallery, options.checkpoint, **common)
    else:
        report = evaluate_data(model, data, options.protocol, options.split, **common)
    for name, value in report.figures.items():
        if name in ("tested_identities", "test_people_trained_on"):
            continue  # printed as a sentence below
        interval = f"  {report.intervals[name]}" if name in report.intervals else ""
        spread = f"  +- {report.result['spread'][name]:.2f}" if name in report.result["spread"] else ""
        print(f"{name:22}{value:8.2f} %{interval}{spread}" if isinstance(value, float) else f"{name:22}{value}")
    print(f"[low, high]: 95 % interval.{' +-: standard deviation over splits.' if report.result['spread'] else ''}")
    if report.no_interval:
        print(f"{report.no_interval}.")
    print(report.overlap.sentence)
    folder = store_result(report, options.checkpoint, gallery.folder if gallery else data)
    print(f"saved in {folder}")
    return folder, report
