"""The comparison of two models on the same probes: a table with both ranks, and the images of a selected probe."""

from pathlib import Path

import streamlit as st

from app.components.image_grid import EXCLUDED, RIGHT, UNKNOWN, crop, crop_grid
from app.data import evaluated, texts
from app.data.evaluated import Evaluated
from app.shared import widgets
from core.counts import counted
from core.data.records import UNKNOWN_CAMERA
from core.errors import UserError
from core.evaluation.comparison import FIRST, NEITHER, SECOND, compare_probes
from core.evaluation.report import Report
from core.evaluation.same_camera import cameras_of, same_camera_rule_applies


def show_comparison(target: Evaluated, reports: dict[str, Report]) -> None:
    """Show the choice of two models, who is better on how many probes, and the table of all probes."""
    st.markdown(f"**{texts.COMPARE_MODELS}**")
    names = list(reports)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        first = st.selectbox(
            texts.FIRST_MODEL, names, format_func=evaluated.shown, key=f"first_{target.key}", width=300
        )
        others = [name for name in names if name != first]
        second = st.selectbox(
            texts.SECOND_MODEL, others, format_func=evaluated.shown, key=f"second_{target.key}", width=300
        )
    try:
        table = compare_probes(reports[first], reports[second])
    except UserError as error:
        st.error(str(error))
        return
    counts = table["better"].value_counts()
    first_shown, second_shown = evaluated.shown(first), evaluated.shown(second)
    st.markdown(
        texts.COMPARISON.format(
            first=widgets.as_plain_text(first_shown),
            second=widgets.as_plain_text(second_shown),
            first_probes=counted(counts.get(FIRST, 0), "probe"),
            second_probes=counted(counts.get(SECOND, 0), "probe"),
            neither=counted(counts.get(NEITHER, 0), "probe"),
        )
    )
    st.caption(texts.SELECT_PROBE)
    table = table.sort_values("gain", key=abs, ascending=False, kind="stable", ignore_index=True)
    titles = {FIRST: first_shown, SECOND: second_shown, NEITHER: texts.NEITHER}
    event = st.dataframe(
        {
            texts.COLUMN_PROBE: [Path(path).name for path in table["path"]],
            texts.COLUMN_IDENTITY: table["identity"],
            texts.COLUMN_CAMERA: table["camera"],
            texts.COLUMN_RANK_OF.format(model=first_shown): table["first_rank"],
            texts.COLUMN_RANK_OF.format(model=second_shown): table["second_rank"],
            texts.COLUMN_GAIN: table["gain"],
            texts.COLUMN_BETTER: table["better"].map(titles),
        },
        hide_index=True,
        height=300,
        key=f"comparison_{target.key}_{first}_{second}",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            texts.COLUMN_RANK_OF.format(model=name): st.column_config.NumberColumn(format="%g")
            for name in (first_shown, second_shown)
        },
    )
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(table):
        _show_probe(target, table["path"][rows[0]], table["identity"][rows[0]])


def _show_probe(target: Evaluated, path: str, identity: str) -> None:
    """Show a probe and the images of its identity; those of the probe's camera are ignored in the evaluation."""
    probe, *matches = target.matches(path, identity)
    crops = []
    for record in (probe, *matches):
        is_ignored = same_camera_rule_applies(probe) and record.camera in cameras_of(probe)
        mark = UNKNOWN if record is probe else EXCLUDED if is_ignored else RIGHT
        below = texts.CAMERA_NUMBER.format(camera=record.camera) if record.camera != UNKNOWN_CAMERA else ""
        below = texts.PROBE if record is probe else texts.SAME_CAMERA if is_ignored else below
        if source := evaluated.thumbnail(record.path):
            crops.append(crop(source, record.path.name, mark, below=below))
    crop_grid(crops, "strip", texts.PROBE_AND_MATCHES, f"probe_{target.key}")
