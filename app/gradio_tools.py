"""Functions for scripts and agents: they take names of demo images, and return numbers and texts.

Gradio offers them over HTTP, and as tools of an MCP server if the package mcp is installed. Their docstrings are the
descriptions of the tools.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from app import gradio_texts as texts
from app.gradio_inputs import parse_results
from app.shared.images import Images, read_images
from app.shared.settings import EXPLAINED_MODEL, data_folder, list_models
from core.data.datasets import read_dataset
from core.data.records import Record
from core.errors import UserError


def tool(function: Callable) -> Callable:
    """Show a UserError as a sentence to the caller."""

    @wraps(function)
    def call(*arguments, **options):
        try:
            return function(*arguments, **options)
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from None

    return call


@tool
def search(probe: str, model: str = EXPLAINED_MODEL, results: int = 10) -> dict:
    """Rank the demo gallery for a demo image of a person. The first results have the most similar descriptors.

    The people are computer-generated. Images of the probe's identity from the probe's camera are ignored.

    Args:
        probe: name of an image of the demo data, such as 0521_c1s2_053164_00.jpg
        model: name of a model
        results: number of results, from 1 to 100
    """
    count = parse_results(results)
    images, record = _find(probe)
    loaded, checkpoint = _load(model)
    ranking = _gallery(loaded, checkpoint).search(loaded.describe(record.path)[0], count, probe=record)
    rows = ranking.assign(image=[images.names[Path(path)] for path in ranking["path"]])
    rows["true_match"] = rows["identity"] == record.identity
    return {"results": rows[["rank", "score", "image", "identity", "camera", "true_match"]].to_dict("records")}


@tool
def explain(probe: str, match: str, model: str = EXPLAINED_MODEL) -> dict:
    """Explain the score of two demo images by the exact contributions of their regions.

    The contributions of the regions of one image and what all images share add up to the score.

    Args:
        probe: name of an image of the demo data
        match: name of the image to compare it with
        model: name of a network
    """
    from core.data.subsample import REFERENCE_IMAGES, sample
    from core.explain.activations import look_inside
    from core.explain.attribution import explain_match
    from core.explain.mean_vectors import average_vectors
    from core.explain.region_names import region_name
    from core.inference.checkpoint import find_checkpoint, is_baseline

    (images, first), (_, second) = _find(probe), _find(match)
    loaded, checkpoint = _load(model)
    if is_baseline(find_checkpoint(checkpoint)):
        raise UserError(texts.NO_REGIONS.format(name=model))
    both = look_inside(loaded, first.path), look_inside(loaded, second.path)
    paths = sample([str(record.path) for record in images.gallery], REFERENCE_IMAGES)
    mean = average_vectors(loaded, paths, on_error=lambda path, reason: None)  # the mean of those that can be read
    found = explain_match(loaded, *both, mean)
    sides = {
        name: {
            "regions": {region_name(region, both[0].geometry): float(value) for region, value in enumerate(values)},
            "what_all_images_share": rest,
        }
        for name, values, rest in zip(("probe", "match"), found.of_regions, found.rest, strict=True)
    }
    return {"score": found.score} | sides


@tool
def describe(image: str, model: str = EXPLAINED_MODEL) -> dict:
    """Compute the descriptor of a demo image. The score of two images is the dot product of their descriptors.

    Args:
        image: name of an image of the demo data
        model: name of a model
    """
    _, record = _find(image)
    loaded, _ = _load(model)
    return {
        "identity": record.identity,
        "camera": record.camera,
        "descriptor": loaded.describe(record.path)[0].tolist(),
    }


@tool
def evaluate(model: str = EXPLAINED_MODEL) -> dict:
    """Measure rank-1, mAP and other metrics of a model on the demo data, in percent.

    Args:
        model: name of a model
    """
    from core.evaluation.evaluate import evaluate_model
    from core.evaluation.protocols import choose_protocol

    loaded, checkpoint = _load(model)
    galleries = [_gallery(loaded, checkpoint, probes) for probes in (True, False)]
    rows = {path: row for each in galleries for path, row in zip(each.paths, each.descriptors, strict=True)}

    def stored(records: list[Record], **_: Any) -> tuple[np.ndarray, list[Record]]:
        kept = [record for record in records if str(record.path) in rows]  # junk images, which do not count, have none
        return np.array([rows[str(record.path)] for record in kept], np.float32), kept

    dataset = read_dataset(data_folder())
    protocol = choose_protocol(dataset, None, loaded.checkpoint.data)
    return evaluate_model(loaded, dataset, protocol, describe=stored).figures


TOOLS = {"search_by_name": search, "explain": explain, "describe": describe, "evaluate": evaluate}


def _find(name: str) -> tuple[Images, Record]:
    images = read_images(data_folder())
    if not isinstance(name, str) or name not in images.records:
        raise UserError(texts.NO_DEMO_IMAGE.format(name=name, example=next(iter(images.records))))
    return images, images.records[name]


def _load(name: str):
    """Return the model and its folder."""
    from core.inference.model import load

    models = list_models()
    if not isinstance(name, str) or name not in models:
        raise UserError(texts.NO_MODEL.format(name=name, known=", ".join(models)))
    return load(models[name]), models[name]


def _gallery(model, checkpoint: Path, probes: bool = False):
    from core.galleries.cache import load_or_describe

    return load_or_describe(data_folder(), model, checkpoint, probes=probes)
