"""Functions that add a command to the parser, and the arguments that several commands share."""

import argparse
import inspect
from collections.abc import Callable
from pathlib import Path

from core.config import ARCHITECTURES
from core.data.addresses import add_rules
from core.data.file_names import encodable
from core.data.records import COMBINED_MARK
from core.data.rules import GUESS
from core.presets import PRESETS

DEFAULT_ARCHITECTURE = "mr_bcnn"
DEFAULT_PRESET = "fast"
ADAPT_HELP = "re-estimate the batch-norm statistics of each camera (AdaBN)"
CENTRE_HELP = "subtract the mean descriptor of each camera"
FLIP_HELP = "average the descriptors of each image and its mirror image"
SET_HELP = "set other fields of the configuration, e.g. schedule=plateau region_size=3"
NO_RESULT = "No image of the gallery fits --camera, --identity and --between."
DATA_HELP = (
    "data set: a folder of a known layout (see `data presets`), CUHK03 (folder or .mat), or one folder per identity"
)


def add_command(
    commands, function: Callable[[argparse.Namespace], None], name: str = "", aliases: tuple[str, ...] = ()
) -> argparse.ArgumentParser:
    """Add a command whose help is the docstring of its function.

    Args:
        commands: What `add_subparsers` returns.
        function: Runs the command with the parsed arguments. The first line of its docstring is the line in the list
            of commands.
        name: The command's name, by default the function's.
        aliases: Other names of the command.

    Returns:
        The command's parser.
    """
    text = inspect.getdoc(function) or ""
    sub = commands.add_parser(
        name or function.__name__,
        help=text.partition("\n")[0],
        description=" ".join(text.split()),
        aliases=aliases,
    )
    sub.set_defaults(command=function)
    return sub


def positive(text: str) -> int:
    """Parse a whole number above 0.

    Raises:
        argparse.ArgumentTypeError: The text is anything else.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def seed(text: str) -> int:
    """Parse a seed, a whole number from 0.

    Raises:
        argparse.ArgumentTypeError: The text is anything else.
    """
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)


def add_checkpoint(sub: argparse.ArgumentParser) -> None:
    """Add the argument `CHECKPOINT`."""
    sub.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="checkpoint or run folder")


def add_data(sub: argparse.ArgumentParser) -> None:
    """Add the argument `DATA`, one or several data sets that are combined."""
    sub.add_argument("data", type=Path, nargs="+", metavar="DATA", help=f"{DATA_HELP}; several are combined")
    sub.set_defaults(combined=True)
    add_rules_options(sub)


def add_rules_options(sub: argparse.ArgumentParser, argument: str = "data") -> None:
    """Add the arguments `--rules` and `--yes`, which say how the data set of another argument is read.

    Args:
        sub: The command's parser.
        argument: The name of the argument with the data set, or with several; "" if the command applies them itself.
    """
    sub.add_argument(
        "--rules",
        metavar="FILE",
        help="what folders and file names mean: a file like dataset.toml, a table (.csv, .tsv, .parquet), or the name "
        "of a preset (see `data presets`)",
    )
    sub.add_argument("--yes", action="store_true", help="accept the guess for a layout that is not known")
    sub.set_defaults(with_rules=argument)


def chosen_rules(options: argparse.Namespace) -> str:
    """Return what `--rules` or `--yes` say, "" for neither."""
    return getattr(options, "rules", None) or (GUESS if getattr(options, "yes", False) else "")


def apply_rules_options(options: argparse.Namespace) -> None:
    """Write the rules of `--rules` and `--yes` into the paths of the data sets, which `read_dataset` takes."""
    rules = chosen_rules(options)
    given = getattr(options, options.with_rules) if rules and options.with_rules else None
    if given:
        paths = [add_rules(path, rules) for path in (given if isinstance(given, list) else [given])]
        setattr(options, options.with_rules, paths if isinstance(given, list) else paths[0])
    if getattr(options, "combined", False):
        options.data = Path(COMBINED_MARK.join(map(str, options.data)))


def add_device(sub: argparse.ArgumentParser) -> None:
    """Add the argument `--device`."""
    sub.add_argument("--device", default="auto", help="cpu, cuda, mps or auto (default: auto, cuda if available)")


def add_seed(sub: argparse.ArgumentParser, default: int | None = 0) -> None:
    """Add the argument `--seed`."""
    sub.add_argument("--seed", type=seed, default=default, metavar="N", help="seed of the random numbers (default: 0)")


def add_protocol(sub: argparse.ArgumentParser, split_help: str) -> None:
    """Add the arguments `--protocol` and `--split`."""
    sub.add_argument(
        "--protocol",
        metavar="NAME",
        help="market1501, cuhk03-classic, cuhk03-classic-all-pairs, cuhk03-pair1, "
        "cuhk03-np, cuhk01 or viper (default: detected from the data)",
    )
    sub.add_argument("--split", type=positive, metavar="N", help=split_help)


def add_recipe(sub: argparse.ArgumentParser, default: str = DEFAULT_ARCHITECTURE) -> None:
    """Add the arguments that configure a network and its training; `default` describes the default architecture.

    An argument that is not given is None, except for `--set`.
    """
    sub.add_argument("--architecture", choices=ARCHITECTURES, help=f"network architecture (default: {default})")
    sub.add_argument("--preset", choices=PRESETS, help=f"named configuration (default: {DEFAULT_PRESET})")
    sub.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help=SET_HELP)
    add_size(sub)
    add_seed(sub, None)


def add_size(sub: argparse.ArgumentParser) -> None:
    """Add the arguments `--filters` and `--steps`."""
    sub.add_argument("--filters", type=positive, help="filters of each convolution (default: the preset's)")
    sub.add_argument("--steps", type=positive, help="training steps (default: the preset's)")


def add_search_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the probe, the filters of the gallery, and the output of a search."""
    sub.add_argument("probes", type=Path, nargs="+", metavar="PROBE", help="image of the person to search for")
    sub.add_argument("--top", type=positive, default=20, help="number of results (default: 20)")
    sub.add_argument("--camera", type=int, nargs="+", metavar="N", help="search only images of these cameras")
    sub.add_argument("--identity", nargs="+", metavar="NAME", help="search only images of these identities")
    sub.add_argument(
        "--between",
        nargs=2,
        metavar="TIME",
        help="search only images between two times, each in seconds or as 2024-05-17T09:30; '' leaves one end open",
    )
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the ranking to this file")
    sub.add_argument("--csv", type=Path, metavar="FILE", help="write the ranking to this file")
    add_device(sub)


def search_filters(options: argparse.Namespace) -> dict:
    """Return the filters of `add_search_arguments` as keyword arguments of `Gallery.search`."""
    return {"cameras": options.camera, "identities": options.identity, "between": options.between}


def show_ranking(ranking, options: argparse.Namespace, warning: str = "") -> None:
    """Print a ranking, and write it to the files asked for; a warning comes first, and is a field of each result."""
    if warning:
        print(warning)
    print(ranking.to_string(index=False, float_format="{:.4f}".format) if len(ranking) else NO_RESULT)
    write_ranking(ranking.assign(warning=warning) if warning else ranking, options)


def write_ranking(ranking, options: argparse.Namespace) -> None:
    """Write a ranking to the files of `--json` and `--csv`."""
    ranking = ranking.assign(path=[encodable(str(path)) for path in ranking["path"]])
    if options.json:
        options.json.write_text(ranking.to_json(orient="records", indent=2) + "\n", encoding="utf-8")
    if options.csv:
        ranking.to_csv(options.csv, index=False, float_format="%.6f")
