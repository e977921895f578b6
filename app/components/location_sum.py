"""The locations of a region one after another: receptive field, outer product and running sum (equations 1 and 2)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.components import heatmap, texts
from app.components.component_key import component_key
from app.components.region_images import parts_of

if TYPE_CHECKING:
    import numpy as np

    from core.explain.activations import Regions
    from core.explain.receptive_field import Layer

HERE = Path(__file__).parent

_sum = st.components.v2.component(
    "location_sum",
    html='<div class="location-sum"></div>',
    css=(HERE / "location_sum.css").read_text(encoding="utf-8"),
    js=(HERE / "location_sum.js").read_text(encoding="utf-8"),
)


def show(regions: "Regions", region: int, entry: int, layers: "Sequence[Layer] | None", key: str) -> None:
    """Show the locations of a region; the browser steps and plays through them.

    `layers` are those of a stream (`core.explain.receptive_field`), or None to show the square of a location instead of
    its receptive field. `entry` is the number of the entry to read out.
    """
    _sum(key=component_key(key), data=collect(regions, region, entry, layers), height="content")


def collect(regions: "Regions", region: int, entry: int, layers: "Sequence[Layer] | None") -> dict:
    """Collect the numbers of a region and of its receptive fields for the browser."""
    from core.explain.descriptor_steps import location_vectors
    from core.explain.receptive_field import receptive_spans

    a, b = location_vectors(regions, region)
    geometry = regions.geometry
    (part, *first), pixels = geometry.place(region), geometry.pixels_per_location
    pooled = regions.b.shape[1] > 1
    if layers is None:
        spans = [[(location * pixels, (location + 1) * pixels)] for location in range(geometry.map_size)]
    else:
        spans = [receptive_spans(list(layers), location) for location in range(geometry.map_size)]
    layers = layers or ()
    return {
        "region": f"{geometry.region_size}-{region}",
        "a": _numbers(a),
        "b": _numbers(b) if pooled else [],
        "columns": regions.matrices.shape[2],
        "entry": entry,
        "energy": float(regions.energy.ravel()[region]),
        "streams": 2 if pooled else 1,
        "size": geometry.region_size,
        "first": [geometry.region_size * n for n in first],
        "part": parts_of(regions)[part],
        "sizes": [geometry.columns, *(layer.size for layer in layers)],
        "layers": [{"name": layer.name, "size": layer.size, "filters": layer.filters} for layer in layers],
        "spans": [list(of_layer) for of_layer in zip(*spans, strict=True)],
        "colours": heatmap.colours(),
        "texts": texts.LOCATION_SUM if layers else texts.LOCATION_SUM | texts.SQUARE_OF_LOCATION,
    }


def _numbers(values: "np.ndarray") -> list[list[float]]:
    """Return six significant digits of each value."""
    return [[float(f"{value:.6g}") for value in row] for row in values.tolist()]
