"""The commands `evaluate`, `calibrate` and `reproduce`."""

import argparse
import json
from pathlib import Path

from core.cli.arguments import (
    CENTRE_HELP,
    SET_HELP,
    add_checkpoint,
    add_command,
    add_data,
    add_device,
    add_protocol,
    add_seed,
    add_size,
    positive,
)
from core.cli.describing import evaluate_data
from core.config import PRESETS
from core.folders import data_folder

EXPERIMENTS = ("table1", "table2", "table3", "table4", "figure3", "pooling", "demo", "zero-shot")


def add_evaluate(commands) -> None:
    sub = add_command(
        commands, evaluate, "Rank a gallery for each probe of a data set and report Recall@K, mAP and mINP."
    )
    add_checkpoint(sub)
    add_data(sub)
    add_protocol(sub, "score this split alone (default: the one that was trained for, else all)")
    sub.add_argument("--same-camera", action="store_true", help="let images from the probe's own camera count")
    sub.add_argument("--flip", action="store_true", help="describe each image together with its mirror image")
    sub.add_argument("--adapt", action="store_true", help="take each camera's normalisation from its own test images")
    sub.add_argument("--centre", action="store_true", help=f"{CENTRE_HELP} in the test")
    sub.add_argument("--rerank", action="store_true", help="re-rank by k-reciprocal neighbours, probes among them")
    sub.add_argument(
        "--expand",
        type=positive,
        default=0,
        metavar="N",
        help="average each probe with its first N answers, and ask again",
    )
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, in percent")
    add_device(sub)


def evaluate(options: argparse.Namespace) -> None:
    from core.inference.model import load
    from core.search.reranking import make_order
    from core.training.run_folder import kept_in

    same_camera = {"include_same_camera": True} if options.same_camera else {}
    model = load(options.checkpoint, options.device, options.flip)
    order = make_order(options.rerank, options.expand)
    report = evaluate_data(
        model,
        options.data,
        options.protocol,
        options.split,
        order=order,
        adapt=options.adapt,
        centre=options.centre,
        **same_camera,
    )
    for name, value in report.figures.items():
        if name in ("tested_identities", "test_people_trained_on"):
            continue  # the sentence below says it
        spread = f"  +- {report.result['spread'][name]:.2f}" if name in report.result["spread"] else ""
        print(f"{name:22}{value:8.2f} %{spread}" if isinstance(value, float) else f"{name:22}{value}")
    print(report.overlap.sentence)
    folder = kept_in(options.checkpoint, report)
    report.write(folder)
    print(f"kept in {folder}")
    if options.json:
        options.json.write_text(json.dumps(report.figures, indent=2) + "\n", encoding="utf-8")


def add_calibrate(commands) -> None:
    sub = add_command(
        commands,
        calibrate,
        "Say what scores mean: how likely two images show one person, from people whom the model was not trained on.",
    )
    add_checkpoint(sub)
    sub.add_argument(
        "data",
        type=Path,
        metavar="DATA",
        help="the data it was trained on, whose validation people are taken, or other data, whose training people are",
    )
    add_device(sub)


def calibrate(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from core.data.datasets import read_dataset
    from core.evaluation.calibration import About, fit, hold_out_records
    from core.evaluation.verification import count_scores
    from core.inference.checkpoint import CARD, find_checkpoint
    from core.inference.model import load
    from core.inference.model_card import read_terms, write_card

    model = load(options.checkpoint, options.device)
    dataset = read_dataset(options.data)
    people, words = hold_out_records(model.checkpoint, dataset)
    with tqdm(total=len(people), desc="describing", unit="image", leave=False) as bar:
        described = model.describe_records(
            people, on_error=lambda source, why: tqdm.write(f"left out: {why}"), on_progress=bar.update
        )
    # each image is searched with among all the others
    counts = count_scores(*described, *described)
    calibration = fit(counts, About(dataset.name, words, len(described[1]) - 1))
    folder = calibration.write(options.checkpoint)
    card = find_checkpoint(options.checkpoint) / CARD
    if card.exists():
        name, terms = options.checkpoint.resolve().name, read_terms(card.read_text(encoding="utf-8"))
        card.write_text(write_card(name, model.checkpoint, terms, calibration.sentence), encoding="utf-8")
    print(calibration.sentence)
    for one in (100, 1000, 10_000):
        threshold = calibration.threshold(1 / one)
        print(f"1 false match in {one:>6,}: score {threshold:.3f}, {counts.miss_rate(threshold):6.1%} missed")
    for share in (0.01, 0.1):
        threshold = calibration.alarm_threshold(share, calibration.about.gallery)
        print(
            f"{share:>4.0%} false alarms:       score {threshold:.3f}, {counts.detection_rate(threshold):6.1%} found "
            "first"
        )
    print(f"kept in {folder}")


def add_reproduce(commands) -> None:
    sub = add_command(commands, reproduce, "Repeat an experiment of the paper: train, measure, write its table.")
    sub.add_argument("experiment", choices=EXPERIMENTS, metavar="EXPERIMENT", help=", ".join(EXPERIMENTS))
    sub.add_argument(
        "--data",
        type=Path,
        nargs="+",
        metavar="DATA",
        default=[data_folder()],
        help="the benchmark's folder (default: the rendered pedestrians)",
    )
    sub.add_argument("--preset", choices=PRESETS, help="recipe (default: fast; demo: demo)")
    sub.add_argument("--splits", type=positive, metavar="N", help="only the first N of the protocol's splits")
    add_size(sub)
    add_seed(sub)
    sub.add_argument("--protocol", metavar="NAME", help="instead of the data's usual one, e.g. cuhk03-np")
    sub.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help=SET_HELP)
    sub.add_argument("--pretrain", type=Path, metavar="CUHK03", help="start networks for CUHK01 from ones trained here")
    sub.add_argument(
        "--init",
        metavar="CHECKPOINT",
        help="start from these weights; {architecture} in the path stands for each network's",
    )
    sub.add_argument(
        "--checkpoint",
        type=Path,
        nargs="+",
        default=[],
        metavar="CHECKPOINT",
        help="zero-shot: models to measure (default: the shipped ones)",
    )
    sub.add_argument("--flip", action="store_true", help="zero-shot: describe each image with its mirror image")
    sub.add_argument(
        "--adapt", action="store_true", help="zero-shot: take each camera's normalisation from its own test images"
    )
    sub.add_argument("--centre", action="store_true", help=f"zero-shot: {CENTRE_HELP} in the test")
    add_device(sub)


def reproduce(options: argparse.Namespace) -> None:
    from core.paper.reproduce import reproduce
    from core.paper.zero_shot import zero_shot

    if options.experiment == "zero-shot":
        zero_shot(options.data, options.checkpoint, options.device, options.flip, options.adapt, options.centre)
        return
    names = ("preset", "splits", "filters", "steps", "seed", "pretrain", "init", "protocol", "device")
    reproduce(
        options.experiment, options.data, settings=options.set, **{name: getattr(options, name) for name in names}
    )
