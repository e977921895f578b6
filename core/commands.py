"""The commands of `python -m core`, one function each; what a command needs is imported when it runs."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from core.config import PRESETS, set_fields
from core.errors import UserError


def train(options: argparse.Namespace) -> None:
    from core.data.layout import read_dataset
    from core.describe import choose_device
    from core.evaluation.protocols import choose_protocol
    from core.training.runs import RUNS, Run

    device = choose_device(options.device)
    dataset = read_dataset(options.data)
    print(dataset.report())
    network, training = _configs(options)
    folder = RUNS / (options.run or f"{dataset.name}-{options.architecture}-{options.preset}")
    if options.resume:
        run = Run.open(folder)
    else:
        protocol, number = choose_protocol(dataset, options.protocol), options.split or 1
        protocol.divide(dataset, number)  # what cannot be divided makes no run
        data = {"folder": str(dataset.source), "protocol": protocol.name, "split": number}
        data |= {"init": str(options.init)} if options.init else {}
        run = Run.create(folder, network, training, data)
    again = f"python -m core train {options.data} --run {folder.name} --resume"
    _train(run, dataset, device, again)


def estimate(options: argparse.Namespace) -> None:
    from core.describe import choose_device
    from core.training.estimate import estimate
    from core.training.progress import clock

    found = estimate(*_configs(options), choose_device(options.device))
    if options.json:
        print(json.dumps(found.to_json()))
        return
    print(f"{found.parameters:,} parameters, {found.memory:.1f} GB of memory and 28.8 kB a training picture, "
          f"{found.seconds_a_step:.2f} s a step: {clock(found.seconds)} for {found.steps:,} steps, "
          f"{found.pictures:,} pictures")  # fmt: skip


def resume(options: argparse.Namespace) -> None:
    from core.data.layout import read_dataset
    from core.describe import choose_device
    from core.training.launch import wait_for_turn
    from core.training.status import FAILED

    run = _run(options.run)
    if options.queue and not wait_for_turn(run):
        return
    try:
        device, dataset = choose_device(options.device), read_dataset(run.data.get("folder", ""))
    except UserError as error:
        run.process.log(f"failed: {error}")
        run.write_status(state=FAILED, message=str(error))
        raise
    _train(run, dataset, device, f"python -m core resume {run.folder.name}")


def runs(options: argparse.Namespace) -> None:
    from core.training.progress import table, watch

    if options.watch:
        watch(options.folder)
    else:
        print(table(options.folder))


def stop(options: argparse.Namespace) -> None:
    from core.training.launch import stop

    stop(_run(options.run))
    print(f"{options.run} stops after the step under way")


def _configs(options: argparse.Namespace) -> tuple:
    """The preset's configurations of network and training, with what the command line sets otherwise."""
    network, training = PRESETS[options.preset](options.architecture)
    if options.filters:
        network = replace(network, filters=options.filters)
    training = replace(training, seed=options.seed, steps=options.steps or training.steps)
    return tuple(set_fields((network, training), options.set))


def _run(name: Path):
    """A run by its name, or by its folder."""
    from core.training.runs import RUNS, Run

    return Run.open(name if (name / "config.json").exists() else RUNS / name)


def _train(run, dataset, device: str, again: str) -> None:
    from core.training.job import run_training, split_of_run
    from core.training.status import STOPPED

    network, training = run.configs
    init = Path(run.data["init"]) if run.data.get("init") else None
    state = run_training(dataset, split_of_run(run, dataset), run, network, training, device, init)
    print(f"{state}: {run.best()}{f'; go on with: {again}' if state == STOPPED else ''}")


def evaluate(options: argparse.Namespace) -> None:
    from core.describe import load
    from core.training.runs import kept_in

    same_camera = {"same_camera_counts": True} if options.same_camera else {}
    model = load(options.checkpoint, options.device, options.flip)
    report = _evaluate(model, options.data, options.protocol, options.split, **same_camera)
    for name, value in report.figures.items():
        spread = f"  +- {report.result['spread'][name]:.2f}" if name in report.result["spread"] else ""
        print(f"{name:22}{value:8.2f} %{spread}" if isinstance(value, float) else f"{name:22}{value}")
    folder = kept_in(options.checkpoint, report)
    report.write(folder)
    print(f"kept in {folder}")
    if options.json:
        options.json.write_text(json.dumps(report.figures, indent=2) + "\n", encoding="utf-8")


def reproduce(options: argparse.Namespace) -> None:
    from core.reproduce import reproduce
    from core.zero_shot import zero_shot

    if options.experiment == "zero-shot":
        zero_shot(options.data, options.checkpoint, options.device, options.flip)
        return
    names = ("preset", "splits", "filters", "steps", "seed", "pretrain", "init", "protocol", "device")
    reproduce(
        options.experiment, options.data, settings=options.set, **{name: getattr(options, name) for name in names}
    )


def convert(options: argparse.Namespace) -> None:
    from core.card import write_card
    from core.checkpoint import CARD, Checkpoint, save_checkpoint
    from core.models.caffe import read_caffemodel

    checkpoint = Checkpoint(read_caffemodel(options.weights), data={"name": f"the authors' {options.weights.name}"})
    save_checkpoint(checkpoint, options.output)
    card = write_card(options.output.resolve().name, checkpoint, "Those of the authors' release.")
    (options.output / CARD).write_text(card, encoding="utf-8")
    print(card)


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


def project(options: argparse.Namespace) -> None:
    from core.explain.faithfulness import faithfulness
    from core.explain.maps import make_map
    from core.explain.projection import Projector
    from core.search.gallery import read_descriptors

    descriptors = read_descriptors(options.descriptors)
    names = ("method", "dimensions", "neighbours", "min_distance", "seed")
    projector = Projector(**{name: getattr(options, name) for name in names})
    make_map(descriptors, projector, options.output)
    projector = Projector.open(options.output)
    print(f"{options.output}: {projector.method} map {projector.coordinates.shape}")
    for name, value in faithfulness(descriptors, projector.coordinates).items():
        print(f"{name:16}{value:6.3f}")


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
    from core.explain.maps import ship_maps
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
    for data in options.data:
        if options.galleries:
            ship_gallery(data, model, options.output)
        if options.maps:
            ship_maps(data, model, options.output)
    print(card)


def _evaluate(model, data: Path, protocol: str | None = None, split: int | None = None, **options):
    from tqdm import tqdm

    from core.data.layout import read_dataset
    from core.evaluation.measure import evaluate_model
    from core.evaluation.protocols import choose_protocol

    dataset = read_dataset(data)
    print(dataset.report())
    protocol = choose_protocol(dataset, protocol, model.checkpoint.data)
    with tqdm(desc="describing", unit="picture", leave=False) as bar:
        return evaluate_model(model, dataset, protocol, split,
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
