"""Arguments that several commands have; and how a command is added to the parser."""

import argparse
from collections.abc import Callable
from pathlib import Path

from core.config import ARCHITECTURES, PRESETS

CENTRE_HELP = "measure descriptors from the mean of each camera's images"
SET_HELP = "other fields of the configuration, e.g. schedule=plateau region_size=3"
DATA_HELP = "data set: Market-1501's layout, CUHK03 (folder or .mat), CUHK01, VIPeR, or one folder an identity"


def add_command(
    commands, function: Callable[[argparse.Namespace], None], help: str, name: str = ""
) -> argparse.ArgumentParser:
    """Add a command to what `add_subparsers` gives; it has the function's name, if no other is given."""
    sub = commands.add_parser(name or function.__name__, help=help, description=help)
    sub.set_defaults(command=function)
    return sub


def positive(text: str) -> int:
    """A whole number above 0. Raises ArgumentTypeError for anything else."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def add_checkpoint(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="checkpoint or run folder")


def add_data(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("data", type=Path, metavar="DATA", help=DATA_HELP)


def add_device(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--device", default="auto", help="cpu, cuda, or auto: the GPU where there is one (default)")


def add_seed(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--seed", type=int, default=0, help="of the random numbers (default: 0)")


def add_protocol(sub: argparse.ArgumentParser, split_help: str) -> None:
    sub.add_argument(
        "--protocol",
        metavar="NAME",
        help="market1501, cuhk03-classic, cuhk03-classic-all-pairs, "
        "cuhk03-np, cuhk01 or viper (default: recognised from the data)",
    )
    sub.add_argument("--split", type=positive, metavar="N", help=split_help)


def add_recipe(sub: argparse.ArgumentParser) -> None:
    """What a training is configured by."""
    sub.add_argument(
        "--architecture", choices=ARCHITECTURES, default="mr_bcnn", help="of the network (default: mr_bcnn)"
    )
    sub.add_argument("--preset", choices=PRESETS, default="fast", help="recipe (default: fast)")
    sub.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help=SET_HELP)
    add_size(sub)
    add_seed(sub)


def add_size(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--filters", type=positive, help="filters of each convolution (default: the preset's)")
    sub.add_argument("--steps", type=positive, help="training steps (default: the preset's)")


def add_search_arguments(sub: argparse.ArgumentParser) -> None:
    """The probe, what is searched, and where the ranking goes."""
    sub.add_argument("probes", type=Path, nargs="+", metavar="PROBE", help="image of the person to look for")
    sub.add_argument("--top", type=positive, default=20, help="how many results (default: 20)")
    sub.add_argument("--camera", type=int, nargs="+", metavar="N", help="only images of these cameras")
    sub.add_argument("--identity", nargs="+", metavar="NAME", help="only images of these people")
    sub.add_argument(
        "--between",
        nargs=2,
        metavar="TIME",
        help="only images of this time: seconds, or like 2024-05-17T09:30; '' leaves an end open",
    )
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the ranking here")
    add_device(sub)


def asked_for(options: argparse.Namespace) -> dict:
    """Arguments of `Gallery.search`."""
    return {"cameras": options.camera, "identities": options.identity, "between": options.between}


def show_ranking(ranking, options: argparse.Namespace) -> None:
    print(ranking.to_string(index=False, float_format="{:.4f}".format))
    if options.json:
        options.json.write_text(ranking.to_json(orient="records", indent=2) + "\n", encoding="utf-8")
