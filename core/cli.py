"""The command line: `python -m core COMMAND`. Each command is one function; what it needs is imported when it runs."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from core.config import ARCHITECTURES, PRESETS, SCHEDULES
from core.errors import UserError

DEVICE_HELP = "cpu, cuda, or auto: the GPU where there is one (default)"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, 2 for bad input (one sentence on stderr), 130 after Ctrl-C."""
    options = parser().parse_args(arguments)
    try:
        options.command(options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {error.strerror or error}: {error.filename or ''}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m core", description="Multi-region bilinear person re-identification.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(function, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(function.__name__, help=help, description=help)
        sub.set_defaults(command=function)
        return sub

    data_help = "data set: Market-1501's layout, CUHK03 (folder or .mat), CUHK01, VIPeR, or one folder an identity"
    sub = command(train, "Train a network on a data set, in a run folder below runs/.")
    sub.add_argument("data", type=Path, metavar="DATA", help=data_help)
    sub.add_argument("--architecture", choices=ARCHITECTURES, default="mr_bcnn")
    sub.add_argument("--preset", choices=PRESETS, default="fast", help="recipe (default: fast)")
    _protocol(sub, "the split whose people are trained on (default: 1)")
    sub.add_argument("--schedule", choices=SCHEDULES, help="of the learning rate (default: the preset's)")
    sub.add_argument("--filters", type=_positive, help="filters of each convolution (default: the preset's)")
    sub.add_argument("--steps", type=_positive, help="training steps (default: the preset's)")
    sub.add_argument("--run", metavar="NAME", help="name of the run (default: made of data, architecture and preset)")
    sub.add_argument("--resume", action="store_true", help="go on with the run from its newest checkpoint")
    sub.add_argument("--init", type=Path, metavar="CHECKPOINT", help="start from these weights")
    sub.add_argument("--device", default="auto", help=DEVICE_HELP)
    sub.add_argument("--seed", type=int, default=0)

    sub = command(evaluate, "Rank a data set's gallery for each of its probes and report Recall@K, mAP and mINP.")
    _checkpoint(sub)
    sub.add_argument("data", type=Path, metavar="DATA", help=data_help)
    _protocol(sub, "score this split alone (default: the one that was trained for, else all)")
    sub.add_argument("--same-camera", action="store_true", help="let pictures from the probe's own camera count")
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, in percent")
    sub.add_argument("--device", default="auto", help=DEVICE_HELP)

    sub = command(embed, "Describe all pictures of a folder.")
    _checkpoint(sub)
    sub.add_argument("folder", type=Path, metavar="FOLDER", help="folder of pictures")
    sub.add_argument("--output", type=Path, metavar="FILE.npz", required=True,
                     help="arrays descriptors (N, D), paths, identities, cameras")  # fmt: skip
    sub.add_argument("--device", default="auto", help=DEVICE_HELP)

    sub = command(search, "Rank a gallery for one probe; several pictures are taken as one person.")
    _checkpoint(sub)
    sub.add_argument("gallery", type=Path, metavar="GALLERY", help="folder of pictures, or a file made by embed")
    sub.add_argument("probes", type=Path, nargs="+", metavar="PROBE", help="picture of the person to look for")
    sub.add_argument("--top", type=_positive, default=20, help="how many results (default: 20)")
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the ranking here")
    sub.add_argument("--device", default="auto", help=DEVICE_HELP)

    sub = command(info, "Say what a checkpoint is.")
    _checkpoint(sub)

    sub = command(pack, "Make a small checkpoint of a run: float16 weights, results on a data set, and a card.")
    _checkpoint(sub)
    sub.add_argument("data", type=Path, nargs="+", metavar="DATA", help="data sets whose results go into the card")
    sub.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="where the checkpoint is written")
    sub.add_argument("--galleries", action="store_true", help="add the descriptors of these data sets' galleries")
    sub.add_argument("--terms", default="As the terms of the training data.", help="a sentence for the card")
    return top


def train(options: argparse.Namespace) -> None:
    from core.data.layout import read_dataset
    from core.describe import choose_device
    from core.evaluation.protocols import choose_protocol
    from core.training.job import run_training, split_of_run
    from core.training.runs import RUNS, Run

    device = choose_device(options.device)
    dataset = read_dataset(options.data)
    print(dataset.report())
    network, training = PRESETS[options.preset](options.architecture)
    if options.filters:
        network = replace(network, filters=options.filters)
    training = replace(training, seed=options.seed, steps=options.steps or training.steps,
                       schedule=options.schedule or training.schedule)  # fmt: skip
    folder = RUNS / (options.run or f"{dataset.name}-{options.architecture}-{options.preset}")
    if options.resume:
        run = Run.open(folder)
        network, training = run.configs
    else:
        protocol = choose_protocol(dataset, options.protocol)
        division = {"protocol": protocol.name, "split": options.split or 1}
        run = Run.create(folder, network, training, {"folder": str(options.data)} | division)
    split = split_of_run(run, dataset)
    state = run_training(dataset, split, run, network, training, device, options.init)
    again = f"; go on with: python -m core train {options.data} --run {folder.name} --resume"
    print(f"{state}: {run.best()}{again if state == 'stopped' else ''}")


def evaluate(options: argparse.Namespace) -> None:
    from core.describe import load
    from core.training.runs import kept_in

    same_camera = {"same_camera_counts": True} if options.same_camera else {}
    report = _evaluate(load(options.checkpoint, options.device), options.data, options.protocol, options.split,
                       **same_camera)  # fmt: skip
    for name, value in report.figures.items():
        spread = f"  +- {report.result['spread'][name]:.2f}" if name in report.result["spread"] else ""
        print(f"{name:22}{value:8.2f} %{spread}" if isinstance(value, float) else f"{name:22}{value}")
    folder = kept_in(options.checkpoint, report)
    report.write(folder)
    print(f"kept in {folder}")
    if options.json:
        options.json.write_text(json.dumps(report.figures, indent=2) + "\n", encoding="utf-8")


def embed(options: argparse.Namespace) -> None:
    from core.describe import load

    gallery = _describe_folder(load(options.checkpoint, options.device), options.folder)
    gallery.save(options.output)
    print(f"{options.output}: descriptors {gallery.descriptors.shape} of {len(gallery):,} pictures")


def search(options: argparse.Namespace) -> None:
    from core.describe import load
    from core.search.gallery import Gallery

    model = load(options.checkpoint, options.device)
    probe = model.describe(options.probes)
    if options.gallery.is_dir():
        gallery = _describe_folder(model, options.gallery)
    else:
        gallery = Gallery.open(options.gallery)
    ranking = gallery.search(probe, options.top)
    print(ranking.to_string(index=False, float_format="{:.4f}".format))
    if options.json:
        options.json.write_text(ranking.to_json(orient="records", indent=2) + "\n", encoding="utf-8")


def info(options: argparse.Namespace) -> None:
    from core.card import write_card
    from core.checkpoint import CARD, find_checkpoint, load_checkpoint

    folder = find_checkpoint(options.checkpoint)
    checkpoint = load_checkpoint(folder)
    card = folder / CARD
    name = options.checkpoint.resolve().name
    print(card.read_text(encoding="utf-8") if card.exists() else write_card(name, checkpoint, "Not stated."))
    print(checkpoint.network.config)


def pack(options: argparse.Namespace) -> None:
    from core.card import write_card
    from core.checkpoint import CARD, Checkpoint, load_checkpoint, save_checkpoint
    from core.describe import Model
    from core.evaluation.report import EVALUATIONS
    from core.search.gallery import ship_gallery

    checkpoint = load_checkpoint(options.checkpoint)
    save_checkpoint(checkpoint, options.output, half=True)
    model = Model(load_checkpoint(options.output))  # what is shipped is what is measured
    reports = {data: _evaluate(model, data) for data in options.data}
    for report in reports.values():
        report.write(options.output / EVALUATIONS / report.name)
    results = {report.result["data"]: report.figures for report in reports.values()}
    checkpoint = Checkpoint(model.network, checkpoint.training, checkpoint.data,
                            checkpoint.metrics | {"results": results})  # fmt: skip
    save_checkpoint(checkpoint, options.output, half=True)
    card = write_card(options.output.resolve().name, checkpoint, options.terms)
    (options.output / CARD).write_text(card, encoding="utf-8")
    for data in options.data if options.galleries else ():
        ship_gallery(data, model, options.output)
    print(card)


def _evaluate(model, data: Path, protocol: str | None = None, split: int | None = None, **options):
    from tqdm import tqdm

    from core.data.layout import read_dataset
    from core.evaluation.measure import evaluate_model
    from core.evaluation.protocols import choose_protocol

    dataset = read_dataset(data)
    print(dataset.report())
    with tqdm(desc="describing", unit="picture") as bar:
        return evaluate_model(model, dataset, choose_protocol(dataset, protocol, model.checkpoint.data), split,
                              refused=lambda source, why: tqdm.write(f"left out: {why}"), advance=bar.update,
                              **options)  # fmt: skip


def _describe(model, records) -> tuple:
    from tqdm import tqdm

    with tqdm(total=len(records), desc="describing", unit="picture") as bar:
        return model.describe_records(records, refused=lambda source, why: tqdm.write(f"left out: {why}"),
                                      advance=bar.update)  # fmt: skip


def _describe_folder(model, folder: Path):
    from core.data.layout import read_dataset
    from core.search.gallery import Gallery

    dataset = read_dataset(folder)
    print(dataset.report())
    return Gallery.from_records(*_describe(model, dataset.searchable))


def _checkpoint(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="checkpoint or run folder")


def _protocol(sub: argparse.ArgumentParser, split_help: str) -> None:
    sub.add_argument("--protocol", metavar="NAME", help="market1501, cuhk03-classic, cuhk03-classic-all-pairs, "
                     "cuhk03-np, cuhk01 or viper (default: recognised from the data)")  # fmt: skip
    sub.add_argument("--split", type=_positive, metavar="N", help=split_help)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)
