"""The commands of `python -m core`, but for those about runs; what a command needs is imported when it runs."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from core.cli.search_arguments import asked_for, show_ranking
from core.errors import UserError


def evaluate(options: argparse.Namespace) -> None:
    from core.inference.model import load
    from core.search.reranking import better_order
    from core.training.run_folder import kept_in

    same_camera = {"same_camera_counts": True} if options.same_camera else {}
    model = load(options.checkpoint, options.device, options.flip)
    order = better_order(options.rerank, options.expand)
    report = _evaluate(
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


def embed(options: argparse.Namespace) -> None:
    from core.inference.model import load

    gallery = _describe_folder(load(options.checkpoint, options.device), options.folder)
    gallery.save(options.output)
    print(f"{options.output}: descriptors {gallery.descriptors.shape} of {len(gallery):,} pictures")


def search(options: argparse.Namespace) -> None:
    import numpy as np
    from tqdm import tqdm

    from core.data.records import UNKNOWN_CAMERA
    from core.galleries.catalog import stored_gallery
    from core.inference.checkpoint import fingerprint
    from core.inference.model import load
    from core.search.gallery import Gallery
    from core.search.k_reciprocal import KReciprocal
    from core.search.reranking import WHOLE, adapted, centred, reorder

    model = load(options.checkpoint, options.device)
    probe = model.describe(options.probes)
    if stored := stored_gallery(options.gallery):
        gallery = stored.open(fingerprint(options.checkpoint), str(options.checkpoint))
    elif options.gallery.is_dir():
        gallery = _describe_folder(model, options.gallery)
    else:
        gallery = Gallery.open(options.gallery)
    better = options.rerank or options.expand or options.adapt or options.centre
    ranking = gallery.search(probe, len(gallery) if better else options.top, **asked_for(options))
    if better:
        if options.adapt:
            with tqdm(desc="adapting", unit="picture", leave=False) as bar:
                gallery, models = adapted(model, gallery, bar.update)
            probe = models.describe(options.probes, UNKNOWN_CAMERA)
        if options.centre:
            gallery, centring = centred(gallery)
            probe = centring.transform(probe, np.full(len(probe), UNKNOWN_CAMERA))
        fitted = KReciprocal().fit(gallery.descriptors) if options.rerank and len(gallery) <= WHOLE else None
        ranking = reorder(gallery, ranking, probe, options.expand, fitted, options.rerank).head(options.top)
    show_ranking(ranking, options)


def explain(options: argparse.Namespace) -> None:
    from core.data.subsample import AVERAGED, sample
    from core.explain.activations import look_inside
    from core.explain.as_json import match_numbers
    from core.explain.attribution import average_vectors, explain_match
    from core.explain.print_figure import FORMATS, Labels, save_match
    from core.explain.region_names import BIAS, SHARED
    from core.inference.model import load
    from core.json_file import write_json

    output = options.output
    if output.suffix.lower() not in (*FORMATS, ".json"):
        raise UserError(f"{output} should end in {', '.join(FORMATS)}, for a figure, or in .json, for its numbers.")
    if not output.parent.is_dir():
        raise UserError(f"There is no folder {output.parent} to write {output.name} to.")
    model = load(options.checkpoint, options.device)
    both = look_inside(model, options.probe), look_inside(model, options.match)
    averaged = sample(_searchable(options.gallery), AVERAGED) if options.gallery else ()
    why = explain_match(model, *both, average_vectors(model, averaged) if averaged else None)
    if output.suffix.lower() == ".json":
        reference = {"name": "average picture" if averaged else "nothing", "pictures": list(averaged)}
        paths = {name: str(getattr(options, name)) for name in ("checkpoint", "probe", "match")}
        write_json(output, paths | {"reference": reference} | match_numbers(model, why, both[0].side))
    else:
        measured = f"the average of {len(averaged)} pictures" if averaged else "nothing"
        labels = Labels(
            options.probe.name,
            options.match.name,
            f"{options.checkpoint.resolve().name}, terms measured from {measured}",
            SHARED if averaged else BIAS,
        )
        save_match(output, why, both, labels)
    print(f"{output}: score {why.score:.4f}")


def _searchable(folder: Path) -> list[str]:
    """Paths of a folder's pictures that can be ranked."""
    from core.data.datasets import read_dataset

    if found := [str(record.path) for record in read_dataset(folder).searchable]:
        return found
    raise UserError(f"{folder} has no gallery, so there are no pictures to average.")


def project(options: argparse.Namespace) -> None:
    from core.projection.cached_maps import make_map
    from core.projection.projector import Projector
    from core.projection.trustworthiness import faithfulness
    from core.search.gallery import read_descriptors

    descriptors = read_descriptors(options.descriptors)
    names = ("method", "dimensions", "neighbours", "min_distance", "seed")
    projector = Projector(**{name: getattr(options, name) for name in names})
    make_map(descriptors, projector, options.output)
    projector = Projector.open(options.output)
    print(f"{options.output}: {projector.method} map {projector.coordinates.shape}")
    for name, value in faithfulness(descriptors, projector.coordinates).items():
        print(f"{name:16}{value:6.3f}")


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


def info(options: argparse.Namespace) -> None:
    from core.inference.checkpoint import CARD, find_checkpoint, load_checkpoint
    from core.inference.model_card import write_card

    folder = find_checkpoint(options.checkpoint)
    checkpoint = load_checkpoint(folder)
    card = folder / CARD
    name = options.checkpoint.resolve().name
    print(card.read_text(encoding="utf-8") if card.exists() else write_card(name, checkpoint, "Not stated."))
    print(checkpoint.network.config)


def pack(options: argparse.Namespace) -> None:
    from core.evaluation.report import EVALUATIONS
    from core.galleries.cache import ship_gallery
    from core.inference.checkpoint import CARD, load_checkpoint, save_checkpoint
    from core.inference.model import Model
    from core.inference.model_card import write_card
    from core.models.descriptor_pca import shortened
    from core.projection.cached_maps import ship_maps

    checkpoint = load_checkpoint(options.checkpoint)
    if options.descriptor:
        if "concentrated" not in checkpoint.metrics:
            raise UserError(
                f"{options.checkpoint} is not concentrated: no number of its descriptors comes before "
                "another. Train with --set concentrate=0.3."
            )
        checkpoint = replace(checkpoint, network=shortened(checkpoint.network, options.descriptor))
    save_checkpoint(checkpoint, options.output, half=True, bytewise=options.bytewise)
    model = Model(load_checkpoint(options.output))  # what is shipped is what is measured
    reports = {data: _evaluate(model, data) for data in options.data}
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


def _evaluate(model, data: Path, protocol: str | None = None, split: int | None = None, **options):
    from tqdm import tqdm

    from core.data.datasets import read_dataset
    from core.evaluation.evaluate import evaluate_model
    from core.evaluation.protocols import choose_protocol

    dataset = read_dataset(data)
    print(dataset.report())
    protocol = choose_protocol(dataset, protocol, model.checkpoint.data)
    with tqdm(desc="describing", unit="picture", leave=False) as bar:
        return evaluate_model(
            model,
            dataset,
            protocol,
            split,
            refused=lambda source, why: tqdm.write(f"left out: {why}"),
            advance=bar.update,
            **options,
        )


def _describe(model, records) -> tuple:
    from tqdm import tqdm

    with tqdm(total=len(records), desc="describing", unit="picture") as bar:
        return model.describe_records(
            records, refused=lambda source, why: tqdm.write(f"left out: {why}"), advance=bar.update
        )


def _describe_folder(model, folder: Path):
    from core.data.datasets import read_dataset
    from core.search.gallery import Gallery

    dataset = read_dataset(folder)
    print(dataset.report())
    return Gallery.from_records(*_describe(model, dataset.searchable))
