"""The commands `evaluate`, `calibrate` and `reproduce`."""

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
    SET_HELP,
    add_checkpoint,
    add_command,
    add_device,
    add_protocol,
    add_rules_options,
    add_seed,
    add_size,
    positive,
)
from core.cli.describing import evaluate_data, evaluate_stored, print_skipped, update_card
from core.config import PRESETS
from core.errors import UserError
from core.folders import cache_folder, data_folder

EXPERIMENTS = {  # name -> help; the first eight train networks
    **dict.fromkeys(("table1", "table2", "table3", "table4", "figure3"), "the paper's table or figure"),
    "pooling": "region sizes",
    "boxes": "labeled and detected boxes of the same people",
    "demo": "the architectures on the demo data",
    "zero-shot": "models on data that they were not trained on, beside published figures",
    "agreement": "whether data sets rank models in the same order (Kendall's tau)",
    "variants": "one model by each variant of the protocol and each definition of average precision",
    "baselines": "LOMO with XQDA and with the null space, which the paper compares with",
    "improved-deep": "the pair network of Ahmed et al., which the paper compares with",
}


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
    from core.galleries.catalog import stored_gallery
    from core.inference.camera_statistics import CAMERA_STATISTICS
    from core.inference.model import load
    from core.search.reranking import make_order
    from core.training.run_folder import results_folder

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
    folder = results_folder(options.checkpoint, report)
    report.write(folder)
    print(f"saved in {folder}")
    return folder, report


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


def add_reproduce(commands) -> None:
    """Add the command `reproduce`."""
    sub = add_command(commands, reproduce)
    sub.add_argument("experiment", choices=EXPERIMENTS, metavar="EXPERIMENT", help=_experiments_help())
    sub.add_argument(
        "--data",
        type=Path,
        nargs="+",
        metavar="DATA",
        default=[data_folder()],
        help="folder of the benchmark (default: the rendered pedestrians)",
    )
    add_rules_options(sub)
    sub.add_argument("--preset", choices=PRESETS, help="named configuration (default: fast; for demo: demo)")
    sub.add_argument("--splits", type=positive, metavar="N", help="use only the first N splits of the protocol")
    add_size(sub)
    add_seed(sub)
    sub.add_argument("--protocol", metavar="NAME", help="protocol, e.g. cuhk03-np (default: detected from the data)")
    sub.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help=SET_HELP)
    sub.add_argument(
        "--pretrain",
        type=Path,
        metavar="CUHK03",
        help="fine-tune networks for CUHK01 from ones trained on this data set",
    )
    sub.add_argument(
        "--init",
        metavar="CHECKPOINT",
        help="fine-tune: start from these weights; {architecture} in the path becomes each network's architecture",
    )
    sub.add_argument(
        "--checkpoint",
        type=Path,
        nargs="+",
        default=[],
        metavar="CHECKPOINT",
        help="models to evaluate: required by variants; zero-shot, agreement (default: the shipped ones)",
    )
    sub.add_argument(
        "--images", type=positive, metavar="N", help="baselines: maximum number of training images (default: all)"
    )
    sub.add_argument(
        "--minutes",
        type=positive,
        default=20,
        metavar="N",
        help="improved-deep: training time of the processor (default: 20)",
    )
    sub.add_argument(
        "--probes", type=positive, metavar="N", help="improved-deep: number of probes to test with (default: all)"
    )
    sub.add_argument("--flip", action="store_true", help=f"zero-shot: {FLIP_HELP}")
    sub.add_argument("--adapt", action="store_true", help=f"zero-shot: {ADAPT_HELP} from its test images")
    sub.add_argument("--centre", action="store_true", help=f"zero-shot: {CENTRE_HELP} in the test")
    add_device(sub)


def _experiments_help() -> str:
    """Return the names of the experiments with their help; names with the same help are joined."""
    by_help: dict[str, list[str]] = {}
    for name, text in EXPERIMENTS.items():
        by_help.setdefault(text, []).append(name)
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in by_help.items())


def reproduce(options: argparse.Namespace) -> None:
    """Repeat an experiment of the paper: train, evaluate, and write its table."""
    from core.paper.agreement import agreement
    from core.paper.baselines import baselines
    from core.paper.improved_deep import improved_deep
    from core.paper.reproduce import reproduce
    from core.paper.variants import variants
    from core.paper.zero_shot import zero_shot

    if options.experiment == "baselines":
        baselines(options.data, options.splits, options.protocol, options.images)
        return
    if options.experiment == "improved-deep":
        improved_deep(
            options.data, options.minutes, options.splits, options.protocol, options.probes, options.seed or 0
        )
        return
    if options.experiment == "zero-shot":
        zero_shot(options.data, options.checkpoint, options.device, options.flip, options.adapt, options.centre)
        return
    if options.experiment == "agreement":
        agreement(options.data, options.checkpoint, options.device)
        return
    if options.experiment == "variants":
        variants(options.data, options.checkpoint, options.device)
        return
    names = ("preset", "splits", "filters", "steps", "seed", "pretrain", "init", "protocol", "device")
    reproduce(
        options.experiment, options.data, settings=options.set, **{name: getattr(options, name) for name in names}
    )
