"""The command `reproduce`."""

import argparse
from pathlib import Path

from core.cli.arguments import (
    ADAPT_HELP,
    CENTRE_HELP,
    FLIP_HELP,
    SET_HELP,
    add_command,
    add_device,
    add_rules_options,
    add_seed,
    add_size,
    positive,
)
from core.config import PAPER_ARCHITECTURES
from core.folders import data_folder
from core.presets import PRESETS

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
    sub.add_argument(
        "--architecture",
        nargs="+",
        choices=PAPER_ARCHITECTURES,
        help="train and compare only these networks of the experiment (default: all)",
    )
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
        options.experiment,
        options.data,
        settings=options.set,
        architectures=options.architecture,
        **{name: getattr(options, name) for name in names},
    )
