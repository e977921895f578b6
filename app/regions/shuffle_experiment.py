"""The shuffle experiment: the descriptors of the three architectures before and after patterns are moved."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from app.components import heatmap, region_scene
from app.components.data_url import pixels_url
from app.components.region_scene import Item, frame, image, text
from app.regions import lessons, texts
from app.shared import cache, formulas
from app.shared.cache import of_galleries
from app.shared.images import Images
from app.shared.model_cards import short_name_of
from app.shared.probe_picker import Chosen
from app.shared.settings import file_versions, list_models
from core.evaluation.report import EVALUATIONS, RESULT
from core.geometry import PAPER

if TYPE_CHECKING:
    from core.inference.model import Model

MODELS = ("pedestrians-cnn", "pedestrians-b_cnn", "pedestrians-mr_bcnn")  # trained alike; only architectures differ
INVARIANT = 1 - 1e-5  # a cosine above it is 1 up to rounding errors
HEIGHT, STEP, HEAD = 200, 170, 24  # pixels of an image, from one image to the next, and of the title


def show_shuffles(models: list[str], chosen: Chosen, images: Images) -> None:
    """Show the changes, and the cosine similarities before and after them for each architecture."""
    names = [name for name in MODELS if name in models]
    if not names:
        st.info(texts.ONE_MODEL_MISSING.format(names=", ".join(map(short_name_of, MODELS))))
        return
    st.markdown(texts.SHUFFLES_INTRODUCTION)
    key, model = cache.model(names[-1])
    items, extent = changes_scene(*draw_changes(key, chosen.content, model, chosen.image))
    region_scene.show(items, extent, texts.SHUFFLED_IMAGES, "shuffled")
    st.caption(texts.PERMUTED_MAP)
    cosines = {}
    for name in names:
        key, model = cache.model(name)
        cosines[name] = compute_cosines(key, chosen.content, model, chosen.image)
    st.table(make_table(cosines, *read_rank_1(names, images.data)).rename(columns=short_name_of))
    formulas.teach(lessons.SHUFFLES)


def make_table(cosines: dict[str, dict[str, float]], data: str, rank_1: dict[str, float]) -> pd.DataFrame:
    """Return the cosines, one row for each change and one column for each model, and the rank-1 below them."""
    table = pd.DataFrame(cosines).map(
        lambda value: texts.UNCHANGED if value > INVARIANT else f"{value:.3f}".replace("-", "−")
    )
    table.index = pd.Index([shuffle_name(name) for name in table.index], name=texts.CHANGE)
    measured = [
        texts.PERCENT.format(value=rank_1[name]) if name in rank_1 else texts.NOT_MEASURED for name in table.columns
    ]
    table.loc[texts.RANK_1.format(data=data)] = measured
    return table


def shuffle_name(name: str) -> str:
    """Return the text for one of `core.explain.shuffles.SHUFFLES`."""
    from core.explain.shuffles import SHIFT

    return texts.SHUFFLE_NAMES[name].format(pixels=SHIFT)


def read_rank_1(names: list[str], data: str) -> tuple[str, dict[str, float]]:
    """Return the data that most of the models are evaluated on, `data` before others, and the rank-1 of each model."""
    checkpoints, found, data_of = list_models(), {}, {}
    for name in names:
        for file in sorted(checkpoints[name].glob(f"{EVALUATIONS}/*/{RESULT}")):
            own_data, task, recall = _rank_1(file, file_versions(file))
            found.setdefault(task, {})[name] = recall
            data_of[task] = own_data
    if not found:
        return data, {}
    task = max(found, key=lambda task: (len(found[task]), data_of[task] == data))
    return data_of[task], found[task]


def changes_scene(pixels: dict[str, np.ndarray], maps: dict[str, np.ndarray]) -> tuple[list[Item], tuple[float, float]]:
    """Draw the image and the maps of its locations (P, 15, 15), before and after each change."""
    items: list[Item] = []
    n, width, top = 0, HEIGHT * PAPER.columns / PAPER.rows, max(float(each.max()) for each in maps.values())
    for name, shown in pixels.items():
        box = (n * STEP, HEAD, width, HEIGHT)
        items += [
            text((n * STEP, 15), texts.SHUFFLE_TITLES[name], 12, tone="strong"),
            image(box, pixels_url(shown)),
            frame(box),
        ]
        n += 1
    size = (HEIGHT - 12) / PAPER.parts
    for name, values in maps.items():
        items.append(text((n * STEP, 15), texts.SHUFFLE_TITLES[name], 12, tone="strong"))
        for part, of_part in enumerate(values):
            box = (n * STEP, HEAD + part * (size + 6), size, size)
            items += [image(box, heatmap.glow(of_part, top), pixelated=True), frame(box)]
        n += 1
    items += heatmap.scale(((n - 1) * STEP, HEAD + HEIGHT + 8, size * 1.5, 8), top)
    return items, (n * STEP, HEAD + HEIGHT + 32)


@of_galleries
@st.cache_data(max_entries=20, show_spinner=False)
def compute_cosines(model: tuple, content: tuple, _model: "Model", _image: Image.Image) -> dict[str, float]:
    """Compute the cosine similarity of the descriptors before and after each change."""
    from core.explain.shuffles import compare_shuffles

    return compare_shuffles(_model, _image)


@of_galleries
@st.cache_data(max_entries=20, show_spinner=False)
def draw_changes(model: tuple, content: tuple, _model: "Model", _image: Image.Image) -> tuple[dict, dict]:
    """Return the pixels (160, 60, 3) and the maps |a(l)| |b(l)| (P, 15, 15), before and after the changes of each."""
    import torch

    from core.explain.activations import look_inside
    from core.explain.shuffles import SHUFFLES

    regions = look_inside(_model, _image)
    rows = np.ascontiguousarray(regions.image.transpose(2, 0, 1))
    strength = torch.from_numpy(np.linalg.norm(regions.a, axis=1) * np.linalg.norm(regions.b, axis=1))
    pixels, maps = {"image": regions.image}, {"maps": strength.numpy()}
    for name, shuffle in SHUFFLES.items():
        if shuffle.of_image:
            pixels[name] = shuffle.of_image(rows).transpose(1, 2, 0)
        if shuffle.of_maps:
            maps[name] = shuffle.of_maps(strength).numpy()
    return pixels, maps


@st.cache_data(max_entries=100, show_spinner=False)
def _rank_1(file: Path, changed: tuple) -> tuple[str, str, float]:
    """Return the data, the name and the rank-1 of a result."""
    from core.evaluation.report import read_report

    report = read_report(file.parent)
    return report.result["data"], report.name, float(report.result["summary"]["recall@1"])
