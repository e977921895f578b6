"""The section from the bilinear matrices to the score: equation (3), the last layer, the descriptor, the best match."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.components import heatmap, region_scene
from app.components.region_scene import Item, frame, grid, image, text
from app.regions import lessons, texts
from app.shared import cache, formulas, gallery_picker, true_matches, widgets
from app.shared.cache import of_galleries
from app.shared.images import Images
from app.shared.probe_picker import Chosen
from core.errors import UserError
from core.explain.region_names import region_name
from core.geometry import Geometry

if TYPE_CHECKING:
    from core.explain.activations import Regions
    from core.explain.descriptor_steps import DescriptorSteps
    from core.inference.model import Model

WIDTH, LEFT = 860, 122  # pixels of a heat map, and of the names at its left
ROW = 12  # pixels of a region in a heat map of all regions
MAX_HEIGHT = 340
STRIP, STEP = 26, 58  # pixels of a row of numbers, and from one row to the next


def show_descriptor(
    key: tuple, model: "Model", regions: "Regions", region: int, name: str, chosen: Chosen, images: Images
) -> None:
    """Show each step from the bilinear matrices of an image to the score of its best match."""
    steps = compute_steps(key, chosen.content, model, regions)
    rows, columns = steps.matrices.shape
    geometry = regions.geometry
    name_of_region = region_name(region, geometry)
    pooled = regions.b.shape[1] > 1
    title = (texts.ALL_MATRICES if pooled else texts.ALL_FEATURES).format(rows=rows, columns=columns)
    show_rows(title, steps.matrices, region, geometry, "matrices")
    formulas.teach(lessons.all_regions(name_of_region, steps.matrices.size, pooled))
    if pooled and model.network.config.normalise_regions:
        show_rows(texts.NORMALISED, steps.vectors, region, geometry, "vectors")
        formulas.teach(lessons.NORMALISED)
    show_strips(texts.LAST_LAYER.format(count=len(steps.embedding)), [("e", steps.embedding)], "embedding")
    formulas.teach(lessons.last_layer(len(steps.embedding)))
    show_strips(texts.DESCRIPTOR, [("d", steps.descriptor)], "descriptor")
    formulas.teach(lessons.DESCRIPTOR)
    if key[1]:  # random weights
        st.info(texts.RANDOM_HAS_NO_MATCH)
        return
    try:
        show_best_match(name, steps.descriptor, chosen, images)
    except UserError as error:
        st.info(str(error))


def show_best_match(name: str, descriptor: np.ndarray, chosen: Chosen, images: Images) -> None:
    """Show the score of the best match as a sum of products. Raises UserError if there is no gallery for the model."""
    searcher = widgets.wait_for(cache.loading(name, gallery_picker.chosen()))
    ranking = searcher.gallery.search(descriptor, 1, None, true_matches.asked_for(chosen.record, True))
    if ranking.empty:
        raise UserError(texts.NO_MATCH)
    best = ranking.iloc[0]
    other = searcher.gallery.descriptors[int(np.flatnonzero(searcher.gallery.paths == best["path"])[0])].astype(float)
    of_image, of_match, products = texts.BEST_MATCH_ROWS
    names = (of_image, of_match.format(name=images.names[Path(best["path"])]), products)
    values = (descriptor, other, descriptor * other)
    show_strips(texts.BEST_MATCH.format(score=best["score"]), list(zip(names, values, strict=True)), "score")
    formulas.teach(lessons.SCORE)


def show_rows(title: str, values: np.ndarray, region: int, geometry: Geometry, key: str) -> None:
    """Show the vectors of all regions (R, K), one row each, with a frame around one of them."""
    st.markdown(f"**{title}**")
    height, top = min(ROW * len(values), MAX_HEIGHT), float(values.max())
    row = height / len(values)
    box = (LEFT, 0, WIDTH, height)
    items: list[Item] = [image(box, heatmap.glow(values, top), pixelated=True), frame(box)]
    for part, part_name in enumerate(geometry.part_names):
        items.append(text((0, height * (part + 0.5) / geometry.parts + 4), part_name, tone=f"part-{part} strong"))
    items.append(text((LEFT - 4, row * (region + 0.5) + 5), "▸", 15, "end"))
    if row == ROW:
        items.append(frame((LEFT - 2, row * region - 1, WIDTH + 4, row + 2), "focus", 1))
    items += heatmap.scale((LEFT, height + 10, 150, 9), top)
    region_scene.show(items, (LEFT + WIDTH + 4, height + 36), texts.SCENE_OF.format(title=title), key)


def show_strips(title: str, strips: list[tuple[str, np.ndarray]], key: str) -> None:
    """Show vectors (D,) as rows of colours, each with its name and its scale."""
    st.markdown(f"**{title}**")
    items: list[Item] = []
    for n, (name, values) in enumerate(strips):
        y, top = n * STEP, float(np.abs(values).max())
        box = (0, y + 18, WIDTH, STRIP)
        titles = [texts.NUMBER.format(number=k + 1, value=value) for k, value in enumerate(values)]
        items += [
            text((0, y + 12), name, 12, tone="quiet"),
            image(box, heatmap.signed(values[None], top), pixelated=True),
            frame(box),
            grid(box, (1, len(values)), titles, lines=False),
            *heatmap.scale((WIDTH + 16, y + 22, LEFT - 16, 9), top, both=True),
        ]
    region_scene.show(items, (LEFT + WIDTH, len(strips) * STEP), texts.SCENE_OF.format(title=title), key)


@of_galleries
@st.cache_data(max_entries=40, show_spinner=False)
def compute_steps(model: tuple, content: tuple, _model: "Model", _regions: "Regions") -> "DescriptorSteps":
    """Compute the steps from the bilinear matrices to the descriptor."""
    from core.explain.descriptor_steps import describe_steps

    return describe_steps(_model, _regions)
