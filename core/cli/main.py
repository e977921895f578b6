"""The command line: `python -m core COMMAND`."""

import argparse
import os
import sys
from pathlib import Path

from core.cli import calibrate, commands, galleries, join, milvus, training
from core.cli.search_arguments import add_search_arguments
from core.config import ARCHITECTURES, PRESETS
from core.errors import UserError
from core.folders import data_folder, run_folder

EXPERIMENTS = ("table1", "table2", "table3", "table4", "figure3", "pooling", "demo", "zero-shot")
CENTRE_HELP = "measure descriptors from the mean of each camera's pictures"
DEVICE_HELP = "cpu, cuda, or auto: the GPU where there is one (default)"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status.

    0, 2 for bad input (one sentence on stderr), 130 after Ctrl-C, 1 if the output is not read to its end (`| head`).
    """
    options = parser().parse_args(arguments)
    try:
        options.command(options)
        sys.stdout.flush()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
        return 1
    except OSError as error:
        print(f"error: {error.strerror or error}: {error.filename or ''}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m core", description="Multi-region bilinear person re-identification.")
    subparsers = top.add_subparsers(required=True, metavar="COMMAND")

    def command(function, help: str) -> argparse.ArgumentParser:
        sub = subparsers.add_parser(function.__name__, help=help, description=help)
        sub.set_defaults(command=function)
        return sub

    set_help = "other fields of the configuration, e.g. schedule=plateau region_size=3"
    data_help = "data set: Market-1501's layout, CUHK03 (folder or .mat), CUHK01, VIPeR, or one folder an identity"
    sub = command(training.train, "Train a network on a data set, in a run folder below runs/.")
    sub.add_argument("data", type=Path, metavar="DATA", help=data_help)
    _recipe(sub, set_help)
    _protocol(sub, "the split whose people are trained on (default: 1)")
    sub.add_argument("--run", metavar="NAME", help="name of the run (default: made of data, architecture and preset)")
    sub.add_argument("--resume", action="store_true", help="go on with the run from its newest checkpoint")
    sub.add_argument("--init", type=Path, metavar="CHECKPOINT", help="start from these weights")
    sub.add_argument("--device", default="auto", help=DEVICE_HELP)

    sub = command(training.estimate, "Say what a training will take on this machine, from a few steps of it.")
    _recipe(sub, set_help)
    sub.add_argument("--device", default="auto", help=DEVICE_HELP)
    sub.add_argument("--json", action="store_true", help="print it as JSON")

    sub = command(training.resume, "Go on with a run: from its newest checkpoint, or from the start.")
    sub.add_argument("run", type=Path, metavar="RUN", help="its name, or its folder")
    sub.add_argument("--queue", action="store_true", help="wait while other runs are trained")
    sub.add_argument("--device", default="auto", help=DEVICE_HELP)

    sub = command(training.runs, "List runs: what they are doing, how far they are, how good.")
    sub.add_argument("--watch", action="store_true", help="go on showing it until Ctrl-C")
    sub.add_argument("--folder", type=Path, default=run_folder(), help="where the runs are (default: %(default)s)")

    sub = command(training.stop, "Ask a run to stop after the step under way, and to save.")
    sub.add_argument("run", type=Path, metavar="RUN", help="its name, or its folder")

    sub = command(training.film, "Make a film of a run's learning: its map at each checkpoint, and the loss.")
    sub.add_argument("run", type=Path, metavar="RUN", help="its name, or its folder")
    sub.add_argument(
        "--data",
        type=Path,
        metavar="DATA",
        help="show test people of this data set (default: people held out of the training)",
    )
    sub.add_argument("--output", type=Path, metavar="FILE.gif|FILE.html", help="default: both, in the run's folder")

    sub = command(commands.evaluate, "Rank a gallery for each probe of a data set and report Recall@K, mAP and mINP.")
    _checkpoint(sub)
    sub.add_argument("data", type=Path, metavar="DATA", help=data_help)
    _protocol(sub, "score this split alone (default: the one that was trained for, else all)")
    sub.add_argument("--same-camera", action="store_true", help="let pictures from the probe's own camera count")
    sub.add_argument("--flip", action="store_true", help="describe each picture together with its mirror image")
    sub.add_argument("--adapt", action="store_true", help="take each camera's normalisation from its own test pictures")
    sub.add_argument("--centre", action="store_true", help=f"{CENTRE_HELP} in the test")
    sub.add_argument("--rerank", action="store_true", help="re-rank by k-reciprocal neighbours, probes among them")
    sub.add_argument(
        "--expand",
        type=_positive,
        default=0,
        metavar="N",
        help="average each probe with its first N answers, and ask again",
    )
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, in percent")
    sub.add_argument("--device", default="auto", help=DEVICE_HELP)

    sub = command(
        calibrate.calibrate,
        "Say what scores mean: how likely two pictures show one person, from people whom the model was not trained on.",
    )
    _checkpoint(sub)
    sub.add_argument(
        "data",
        type=Path,
        metavar="DATA",
        help="the data it was trained on, whose validation people are taken, or other data, whose training people are",
    )
    sub.add_argument("--device", default="auto", help=DEVICE_HELP)

    sub = command(commands.reproduce, "Repeat an experiment of the paper: train, measure, write its table.")
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
    sub.add_argument("--splits", type=_positive, metavar="N", help="only the first N of the protocol's splits")
    sub.add_argument("--filters", type=_positive, help="filters of each convolution (default: the preset's)")
    sub.add_argument("--steps", type=_positive, help="training steps (default: the preset's)")
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--protocol", metavar="NAME", help="instead of the data's usual one, e.g. cuhk03-np")
    sub.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help=set_help)
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
    sub.add_argument("--flip", action="store_true", help="zero-shot: describe each picture with its mirror image")
    sub.add_argument(
        "--adapt", action="store_true", help="zero-shot: take each camera's normalisation from its own test pictures"
    )
    sub.add_argument("--centre", action="store_true", help=f"zero-shot: {CENTRE_HELP} in the test")
    sub.add_argument("--device", default="auto", help=DEVICE_HELP)

    sub = command(commands.convert, "Make a checkpoint of the authors' weights (.caffemodel).")
    sub.add_argument("weights", type=Path, metavar="FILE.caffemodel")
    sub.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="where the checkpoint is written")

    sub = command(commands.embed, "Describe all pictures of a folder.")
    _checkpoint(sub)
    sub.add_argument("folder", type=Path, metavar="FOLDER", help="folder of pictures")
    sub.add_argument(
        "--output",
        type=Path,
        metavar="FILE.npz",
        required=True,
        help="arrays descriptors (N, D), paths, identities, cameras",
    )
    sub.add_argument("--device", default="auto", help=DEVICE_HELP)

    galleries.add_parser(subparsers, DEVICE_HELP)
    milvus.add_parser(subparsers, DEVICE_HELP, _positive)

    sub = command(commands.search, "Rank a gallery for one probe; several pictures are taken as one person.")
    _checkpoint(sub)
    sub.add_argument(
        "gallery",
        type=Path,
        metavar="GALLERY",
        help="a gallery's name (see `gallery`), a folder of pictures, or a file of embed",
    )
    add_search_arguments(sub, _positive, DEVICE_HELP)
    sub.add_argument(
        "--adapt", action="store_true", help="take each camera's normalisation from its own pictures in the gallery"
    )
    sub.add_argument("--centre", action="store_true", help=f"{CENTRE_HELP} in the gallery")
    sub.add_argument("--rerank", action="store_true", help="re-rank by k-reciprocal neighbours")
    sub.add_argument(
        "--expand",
        type=_positive,
        default=0,
        metavar="N",
        help="average the probe with its first N answers, and ask again",
    )

    sub = command(commands.explain, "Say why two pictures match: a figure for print, or all its numbers.")
    _checkpoint(sub)
    sub.add_argument("probe", type=Path, metavar="PROBE", help="picture of the person who is looked for")
    sub.add_argument("match", type=Path, metavar="MATCH", help="picture that is compared with it")
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
        "pictures, as the page Compare does: what the two share that others do not (default: from "
        "nothing, so that the terms hold what all pictures share)",
    )
    sub.add_argument("--device", default="auto", help=DEVICE_HELP)

    sub = command(commands.project, "Put descriptors on a map: coordinates, and how far they may be trusted.")
    sub.add_argument("descriptors", type=Path, metavar="FILE", help="file made by embed, or a .npy array (N, D)")
    sub.add_argument("--output", type=Path, metavar="FILE.npz", required=True, help="where the map is written")
    sub.add_argument("--method", choices=("umap", "pca"), default="umap")
    sub.add_argument("--dimensions", type=int, choices=(2, 3), default=2)
    sub.add_argument("--neighbours", type=_positive, default=15, help="UMAP: nearest points that are kept together")
    sub.add_argument("--min-distance", type=float, default=0.5, help="UMAP: how close points may come, 0 to 1")
    sub.add_argument("--seed", type=int, default=0)

    sub = command(commands.export, "Write a model as one file for programs without torch, and check it there.")
    _checkpoint(sub)
    sub.add_argument("--format", choices=("onnx",), default="onnx", help="kind of file (default: onnx)")
    sub.add_argument("--output", type=Path, metavar="FILE", required=True, help="where it is written")
    sub.add_argument(
        "--preprocess",
        action="store_true",
        help="take pictures (B, H, W, 3) of any size, and resize "
        "them in the graph as Pillow does (default: take them resized, (B, 3, 160, 60))",
    )
    sub.add_argument("--flip", action="store_true", help="describe each picture together with its mirror image")

    sub = command(join.join, "Make one network of several, trained apart, each a group of its filters.")
    sub.add_argument("checkpoints", type=Path, nargs="+", metavar="CHECKPOINT", help="checkpoint or run folders")
    sub.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DATA",
        help="its training pictures tell how long descriptors are, and along which axes",
    )
    sub.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="where the checkpoint is written")
    sub.add_argument("--terms", default="As the terms of the training data.", help="a sentence for the card")

    sub = command(commands.info, "Say what a checkpoint is.")
    _checkpoint(sub)

    sub = command(commands.pack, "Make a small checkpoint of a run: float16 weights, results, and a card.")
    _checkpoint(sub)
    sub.add_argument("data", type=Path, nargs="+", metavar="DATA", help="data sets whose results go into the card")
    sub.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="where the checkpoint is written")
    sub.add_argument(
        "--descriptor",
        type=_positive,
        metavar="N",
        help="keep the first N numbers of descriptors that the training has concentrated",
    )
    sub.add_argument("--bytewise", action="store_true", help="one byte a weight of the last layer: half the size again")
    sub.add_argument("--galleries", action="store_true", help="add the descriptors of these data sets' galleries")
    sub.add_argument("--maps", action="store_true", help="add UMAP's maps of these data sets for the app")
    sub.add_argument("--terms", default="As the terms of the training data.", help="a sentence for the card")
    return top


def _checkpoint(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="checkpoint or run folder")


def _recipe(sub: argparse.ArgumentParser, set_help: str) -> None:
    sub.add_argument("--architecture", choices=ARCHITECTURES, default="mr_bcnn")
    sub.add_argument("--preset", choices=PRESETS, default="fast", help="recipe (default: fast)")
    sub.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help=set_help)
    sub.add_argument("--filters", type=_positive, help="filters of each convolution (default: the preset's)")
    sub.add_argument("--steps", type=_positive, help="training steps (default: the preset's)")
    sub.add_argument("--seed", type=int, default=0)


def _protocol(sub: argparse.ArgumentParser, split_help: str) -> None:
    sub.add_argument(
        "--protocol",
        metavar="NAME",
        help="market1501, cuhk03-classic, cuhk03-classic-all-pairs, "
        "cuhk03-np, cuhk01 or viper (default: recognised from the data)",
    )
    sub.add_argument("--split", type=_positive, metavar="N", help=split_help)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)
