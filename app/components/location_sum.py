"""The locations of a region one after another: receptive field, outer product and running sum (equations 1 and 2)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.components import heatmap, texts
from app.components.component_key import component_key
from app.components.region_images import parts_of
from core.config import MAP_SIZE

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


def show(regions: "Regions", region: int, entry: int, layers: "Sequence[Layer]", key: str) -> None:
    """Show the locations of a region; the browser steps and plays through them.

    `layers` are those of a stream (`core.explain.receptive_field`), `entry` the number of the entry to read out.
    """
    _sum(key=component_key(key), data=collect(regions, region, entry, list(layers)), height="content")


def collect(regions: "Regions", region: int, entry: int, layers: "list[Layer]") -> dict:
    """Collect the numbers of a region and of its receptive fields for the browser."""
    from core.explain.descriptor_steps import location_vectors
    from core.explain.receptive_field import PART_SIZE, receptive_spans

    a, b = location_vectors(regions, region)
    part, cell = divmod(region, regions.side**2)
    first = [regions.region_size * n for n in divmod(cell, regions.side)]
    pooled = regions.b.shape[1] > 1
    spans = [receptive_spans(layers, location) for location in range(MAP_SIZE)]
    return {
        "region": f"{regions.region_size}-{region}",
        "a": _numbers(a),
        "b": _numbers(b) if pooled else [],
        "columns": regions.matrices.shape[2],
        "entry": entry,
        "energy": float(regions.energy.ravel()[region]),
        "streams": 2 if pooled else 1,
        "size": regions.region_size,
        "first": first,
        "part": parts_of(regions)[part],
        "sizes": [PART_SIZE, *(layer.size for layer in layers)],
        "layers": [{"name": layer.name, "size": layer.size, "filters": layer.filters} for layer in layers],
        "spans": [list(of_layer) for of_layer in zip(*spans, strict=True)],
        "colours": heatmap.colours(),
        "texts": texts.LOCATION_SUM,
    }


def _numbers(values: "np.ndarray") -> list[list[float]]:
    """Return six significant digits of each value."""
    return [[float(f"{value:.6g}") for value in row] for row in values.tolist()]
