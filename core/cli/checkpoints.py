"""The commands `info`, `pack`, `convert` and `export`."""

import argparse
from dataclasses import replace
from pathlib import Path

from core.cli.arguments import (
    add_checkpoint,
    add_command,
    positive,
)
from core.cli.describing import evaluate_data
from core.errors import UserError


def add_info(commands) -> None:
    sub = add_command(commands, info, "Say what a checkpoint is.")
    add_checkpoint(sub)


def info(options: argparse.Namespace) -> None:
    from core.inference.checkpoint import CARD, find_checkpoint, load_checkpoint
    from core.inference.model_card import write_card

    folder = find_checkpoint(options.checkpoint)
    checkpoint = load_checkpoint(folder)
    card = folder / CARD
    name = options.checkpoint.resolve().name
    print(card.read_text(encoding="utf-8") if card.exists() else write_card(name, checkpoint, "Not stated."))
    print(checkpoint.network.config)


def add_pack(commands) -> None:
    sub = add_command(commands, pack, "Make a small checkpoint of a run: float16 weights, results, and a card.")
    add_checkpoint(sub)
    sub.add_argument("data", type=Path, nargs="+", metavar="DATA", help="data sets whose results go into the card")
    sub.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="where the checkpoint is written")
    sub.add_argument(
        "--descriptor",
        type=positive,
        metavar="N",
        help="keep the first N numbers of descriptors that the training has concentrated",
    )
    sub.add_argument("--bytewise", action="store_true", help="one byte a weight of the last layer: half the size again")
    sub.add_argument("--galleries", action="store_true", help="add the descriptors of these data sets' galleries")
    sub.add_argument("--maps", action="store_true", help="add UMAP's maps of these data sets for the app")
    sub.add_argument("--terms", default="As the terms of the training data.", help="a sentence for the card")


def pack(options: argparse.Namespace) -> None:
    from core.evaluation.report import EVALUATIONS
    from core.galleries.cache import ship_gallery
    from core.inference.checkpoint import CARD, load_checkpoint, save_checkpoint
    from core.inference.model import Model
    from core.inference.model_card import write_card
    from core.models.descriptor_pca import truncate_descriptor
    from core.projection.cached_maps import ship_maps

    checkpoint = load_checkpoint(options.checkpoint)
    if options.descriptor:
        if "concentrated" not in checkpoint.metrics:
            raise UserError(
                f"{options.checkpoint} is not concentrated: no number of its descriptors comes before "
                "another. Train with --set pca_power=0.3."
            )
        checkpoint = replace(checkpoint, network=truncate_descriptor(checkpoint.network, options.descriptor))
    save_checkpoint(checkpoint, options.output, half=True, bytewise=options.bytewise)
    model = Model(load_checkpoint(options.output))  # what is shipped is what is measured
    reports = {data: evaluate_data(model, data) for data in options.data}
    for report in reports.values():
        report.write(options.output / EVALUATIONS / report.name)
    results = {report.result["data"]: report.figures for report in reports.values()}
    checkpoint = replace(checkpoint, network=model.network, metrics=checkpoint.metrics | {"results": results})
    save_checkpoint(checkpoint, options.output, half=True, bytewise=options.bytewise)
    card = write_card(options.output.resolve().name, checkpoint, options.terms)
    (options.output / CARD).write_text(card, encoding="utf-8")
    for data in options.data:
        if options.galleries:
            ship_gallery(data, model, options.output)
        if options.maps:
            ship_maps(data, model, options.output)
    print(card)


def add_convert(commands) -> None:
    sub = add_command(commands, convert, "Make a checkpoint of the authors' weights (.caffemodel).")
    sub.add_argument("weights", type=Path, metavar="FILE.caffemodel", help="the authors' weights")
    sub.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="where the checkpoint is written")


def convert(options: argparse.Namespace) -> None:
    from core.inference.checkpoint import CARD, Checkpoint, save_checkpoint
    from core.inference.model_card import write_card
    from core.inference.provenance import Provenance
    from core.models.caffe_import import read_caffemodel

    name = f"the authors' {options.weights.name}"
    checkpoint = Checkpoint(read_caffemodel(options.weights), data={"name": name}, provenance=Provenance((), (name,)))
    save_checkpoint(checkpoint, options.output)
    card = write_card(options.output.resolve().name, checkpoint, "Those of the authors' release.")
    (options.output / CARD).write_text(card, encoding="utf-8")
    print(card)


def add_export(commands) -> None:
    sub = add_command(commands, export, "Write a model as one file for programs without torch, and check it there.")
    add_checkpoint(sub)
    sub.add_argument("--format", choices=("onnx",), default="onnx", help="kind of file (default: onnx)")
    sub.add_argument("--output", type=Path, metavar="FILE", required=True, help="where it is written")
    sub.add_argument(
        "--preprocess",
        action="store_true",
        help="take images (B, H, W, 3) of any size, and resize "
        "them in the graph as Pillow does (default: take them resized, (B, 3, 160, 60))",
    )
    sub.add_argument("--flip", action="store_true", help="describe each image together with its mirror image")


def export(options: argparse.Namespace) -> None:
    from core.inference.checkpoint import CARD, find_checkpoint
    from core.inference.model import load
    from core.inference.model_card import read_terms
    from core.inference.onnx_export import export_onnx

    model = load(options.checkpoint, "cpu", options.flip)
    card = find_checkpoint(options.checkpoint) / CARD
    terms = read_terms(card.read_text(encoding="utf-8")) if card.exists() else ""
    about = {"name": options.checkpoint.resolve().name, "terms": terms or "Not stated."}
    difference = export_onnx(model, options.output, options.preprocess, about)
    size = options.output.stat().st_size / 1e6
    print(f"{options.output}: {size:.1f} MB; onnxruntime and torch differ by at most {difference:.1g}")
