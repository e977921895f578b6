"""The download of an explanation as a print figure."""

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app.compare import texts
from core.explain.region_names import BIAS, SHARED

if TYPE_CHECKING:
    from core.explain.activations import Regions
    from core.explain.attribution import Attribution

FORMATS = {".pdf": "application/pdf", ".svg": "image/svg+xml", ".png": "image/png"}  # with their media types


def show_download(
    model: str, baseline: str, names: tuple[str, str], attribution: "Attribution", both: "tuple[Regions, Regions]"
) -> None:
    """Show a button for each format. A click draws the figure.

    `names` are those of the probe, "" for an upload, and of the match.
    """
    about = texts.PRINT_FIGURE_ABOUT.format(model=model, baseline=baseline)
    probe, match = names
    c_name = SHARED if baseline == texts.MEAN_IMAGE else BIAS
    draw = partial(_encode, (probe or texts.UPLOADED, match, about, c_name), attribution, both)
    with st.container(horizontal=True, gap="small"):
        for format, media in FORMATS.items():
            st.download_button(
                texts.PRINT_FIGURE.format(format=format[1:].upper()),
                partial(draw, format),
                f"comparison{format}",
                media,
                key=f"print{format}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


def _encode(labels: tuple[str, ...], attribution: "Attribution", both: "tuple[Regions, Regions]", format: str) -> bytes:
    from core.explain.print_figure import Labels, encode_match

    return encode_match(format, attribution, both, Labels(*labels))
