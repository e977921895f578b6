"""The commands `info`, `pack`, `export` and `convert`."""

import argparse
from dataclasses import replace
from pathlib import Path

from core.cli.arguments import (
    FLIP_HELP,
    add_checkpoint,
    add_command,
    add_rules_options,
    positive,
)
from core.cli.describing import evaluate_data
from core.cli.output_folder import check_output
from core.errors import UserError


def add_info(commands) -> None:
    """Add the command `info`."""
    sub = add_command(commands, info)
    add_checkpoint(sub)


def info(options: argparse.Namespace) -> None:
    """Print the model card and the network configuration of a checkpoint."""
    from core.inference.checkpoint import CARD, find_checkpoint, is_baseline, load_checkpoint
    from core.inference.model_card import write_card

    folder = find_checkpoint(options.checkpoint)
    card = folder / CARD
    if is_baseline(folder):
        print(card.read_text(encoding="utf-8"))
        return
    checkpoint = load_checkpoint(folder)
    name = options.checkpoint.resolve().name
    print(card.read_text(encoding="utf-8") if card.exists() else write_card(name, checkpoint, "Not stated."))
    print(checkpoint.network.config)


def add_pack(commands) -> None:
    """Add the command `pack`."""
    sub = add_command(commands, pack)
    add_checkpoint(sub)
    sub.add_argument("data", type=Path, nargs="+", metavar="DATA", help="data sets to evaluate for the model card")
    add_rules_options(sub)
    sub.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="write the checkpoint to this folder")
    sub.add_argument(
        "--descriptor",
        type=positive,
        metavar="N",
        help="keep only the first N principal axes of the descriptor; needs a checkpoint with PCA power scaling, or "
        "an ensemble",
    )
    sub.add_argument(
        "--int8", "--bytewise", action="store_true", help="store the last layer as int8 weights: about half the size"
    )
    sub.add_argument("--galleries", action="store_true", help="add the descriptors of these data sets' galleries")
    sub.add_argument("--maps", action="store_true", help="add UMAP maps of these data sets for the app")
    sub.add_argument("--terms", default="As the terms of the training data.", help="terms of use for the model card")


def pack(options: argparse.Namespace) -> None:
    """Write a small checkpoint of a run: float16 weights, results and a model card."""
    from core.evaluation.report import EVALUATIONS
    from core.galleries.cache import ship_gallery
    from core.inference.checkpoint import CARD, load_checkpoint, save_checkpoint
    from core.inference.model import Model
    from core.inference.model_card import write_card
    from core.models.descriptor_pca import truncate_descriptor
    from core.projection.cached_maps import ship_maps

    check_output(options.output)
    checkpoint = load_checkpoint(options.checkpoint)
    if options.descriptor:
        if "concentrated" not in checkpoint.metrics:
            raise UserError(
                f"The descriptors of {options.checkpoint} are not sorted by variance, so --descriptor cannot shorten "
                "them. Use a checkpoint that was trained with --set pca_power=0.3, or an ensemble."
            )
        checkpoint = replace(checkpoint, network=truncate_descriptor(checkpoint.network, options.descriptor))
    save_checkpoint(checkpoint, options.output, half=True, int8=options.int8)
    model = Model(load_checkpoint(options.output))  # measures the rounded weights that are shipped
    reports = {data: evaluate_data(model, data) for data in options.data}
    for report in reports.values():
        report.write(options.output / EVALUATIONS / report.name)
    results = {report.result["data"]: report.figures for report in reports.values()}
    checkpoint = replace(checkpoint, network=model.network, metrics=checkpoint.metrics | {"results": results})
    save_checkpoint(checkpoint, options.output, half=True, int8=options.int8)
    card = write_card(options.output.resolve().name, checkpoint, options.terms)
    (options.output / CARD).write_text(card, encoding="utf-8")
    for data in options.data:
        if options.galleries:
            ship_gallery(data, model, options.output)
        if options.maps:
            ship_maps(data, model, options.output)
    print(card)


def add_export(commands) -> None:
    """Add the command `export`."""
    sub = add_command(commands, export)
    add_checkpoint(sub)
    sub.add_argument("--format", choices=("onnx",), default="onnx", help="file format (default: onnx)")
    sub.add_argument("--output", type=Path, metavar="FILE", required=True, help="write the model to this file")
    sub.add_argument(
        "--preprocess",
        action="store_true",
        help="accept images (B, H, W, 3) of any size and resize them in the graph as Pillow does (default: accept "
        "images (B, 3, H, W) of the size of the network)",
    )
    sub.add_argument("--flip", action="store_true", help=FLIP_HELP)


def export(options: argparse.Namespace) -> None:
    """Export a model to ONNX, and compare its output with that of torch."""
    from core.inference.checkpoint import CARD, find_checkpoint
    from core.inference.model import load
    from core.inference.model_card import read_terms
    from core.inference.onnx_export import export_onnx

    model = load(options.checkpoint, "cpu", options.flip)
    card = find_checkpoint(options.checkpoint) / CARD
    terms = read_terms(card.read_text(encoding="utf-8")) if card.exists() else ""
    metadata = {"name": options.checkpoint.resolve().name, "terms": terms or "Not stated."}
    difference = export_onnx(model, options.output, options.preprocess, metadata)
    size = options.output.stat().st_size / 1e6
    print(f"{options.output}: {size:.1f} MB; onnxruntime and torch differ by at most {difference:.1g}")


def add_convert(commands) -> None:
    """Add the command `convert`."""
    sub = add_command(commands, convert)
    sub.add_argument(
        "weights",
        type=Path,
        metavar="FILE",
        help="the authors' weights (.caffemodel), or with --backbone a file of torch",
    )
    sub.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="write the result to this folder")
    sub.add_argument(
        "--backbone",
        choices=("mobilenetv2",),
        help="convert the ImageNet weights of this network to initial weights for "
        "`train --architecture mobile_bcnn --init FOLDER`",
    )


def convert(options: argparse.Namespace) -> None:
    """Convert the weights of the paper's authors to a checkpoint, or ImageNet weights to backbone weights."""
    check_output(options.output)
    if options.backbone:
        from core.inference.backbone import convert_backbone

        count = convert_backbone(options.weights, options.output, options.backbone)
        print(f"{options.output}: {count:,} weights of {options.backbone} up to stride 16")
        return
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
