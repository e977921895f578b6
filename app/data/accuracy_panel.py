"""Predicted rank-1 and false-match rates on unlabelled images: the form, the job and the figures."""

import hashlib
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from app.data import texts
from app.shared import cache, charts, gallery_picker, job_progress, model_cards, model_picker, widgets
from app.shared.settings import described_key, file_versions
from core.errors import UserError
from core.evaluation.prediction_job import FIRST_RESULTS, RESULT, find_prediction, start_prediction
from core.galleries.gallery_folder import StoredGallery
from core.jobs.progress import ALIVE
from core.json_file import read_json
from core.read_only import is_read_only

PIXELS_PER_ROW, MARGIN_PIXELS = 30, 70


def show_prediction(key: str, folder: Path, gallery: StoredGallery | None = None) -> None:
    """Show the form, the state of the job and the result of a data set's folder or of a named gallery."""
    st.caption(texts.PREDICTION_HELP)
    models = cache.list_models()
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        name = st.selectbox(
            texts.PREDICTED_MODEL,
            models,
            index=list(models).index(model_picker.default(models, gallery)),
            format_func=model_cards.name_of,
            key=f"predict_{key}",
            width=420,
        )
        if name is None:
            return
        job = find_prediction(models[name], folder)
        try:
            versions, has_batch_norm = _versions(models[name], gallery or folder), _has_batch_norm(models[name])
        except UserError as error:  # the model is damaged, or was deleted meanwhile
            st.error(str(error))
            return
        if not is_read_only():
            adapt = has_batch_norm and st.toggle(
                texts.PREDICT_ADAPTED, key=f"predict_adapted_{key}", help=texts.PREDICT_ADAPTED_HELP
            )
            st.button(
                texts.PREDICT,
                type="primary",
                icon=":material/troubleshoot:",
                key=f"predict_start_{key}",
                disabled=job.state in ALIVE,
                on_click=gallery_picker.attempt,
                args=(start_prediction, models[name], folder, adapt, versions),
            )
    shown = widgets.as_plain_text(model_cards.name_of(name))
    if job.state not in ALIVE and job.read().get("predicted_on") != versions:
        if (job.folder / RESULT).exists():
            st.caption(texts.PREDICTION_OUTDATED)
        return
    alive = job_progress.show_progress(
        lambda: job.progress, lambda state: texts.PREDICTION_STATES.get(state, "").format(model=shown)
    )
    if alive:
        if not is_read_only():
            st.button(
                texts.STOP_PREDICTION,
                icon=":material/stop:",
                key=f"predict_stop_{key}",
                on_click=gallery_picker.attempt,
                args=(job.stop,),
            )
    elif (job.folder / RESULT).exists():
        try:
            show_figures(_result(job.folder, file_versions(job.folder / RESULT)), key)
        except (UserError, KeyError) as error:
            st.error(str(error))
            return
        _offer_first_results(job.folder, key)


def show_figures(result: dict[str, Any], key: str) -> None:
    """Show the predicted rank-1 as a sentence and a chart, and the false-match rates as a table."""
    rank_1 = result["rank_1"]
    st.markdown(texts.PREDICTED.format(**rank_1, level=result["level"]))
    st.plotly_chart(
        rank_1_figure(result), key=f"predicted_{key}", alt=texts.PREDICTION_ALT, config={"displayModeBar": False}
    )
    st.caption(texts.PREDICTION_OF.format(images=result["images"], cameras=result["cameras"], level=result["level"]))
    rows = [
        {
            texts.COLUMN_RATE: texts.ONE_IN.format(number=row["one_in"]),
            texts.COLUMN_THRESHOLD: row["threshold"],
            texts.COLUMN_CALIBRATED: row.get("calibration_threshold"),
            texts.COLUMN_PREDICTED_RATE: _rate(row.get("rate_at_calibration_threshold")),
        }
        for row in result["false_match_rates"]
    ]
    st.markdown(f"**{texts.FALSE_MATCH_RATES}**", help=texts.FALSE_MATCH_RATES_HELP)
    st.dataframe(rows, hide_index=True, key=f"predicted_rates_{key}")


def rank_1_figure(result: dict[str, Any]) -> go.Figure:
    """Draw the predicted rank-1 with its interval: of all probes, with adaptations, and by the probe's camera."""
    worst = str(result["worst_camera"])
    rows = [(texts.ALL_PROBES, result["rank_1"])]
    rows += [(texts.WITH_OPTION[name], rates) for name, rates in result["options"].items()]
    rows += [
        ((texts.WORST_CAMERA if camera == worst else texts.OF_CAMERA).format(camera=camera), rates)
        for camera, rates in result["rank_1_by_camera"].items()
    ]
    values = [rates["value"] for _, rates in rows]
    figure = go.Figure(
        go.Scatter(
            x=values,
            y=[name for name, _ in rows],
            mode="markers+text",
            text=[f"{value:.0f} %" for value in values],
            textposition="top center",
            marker={"size": 9},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [rates["high"] - rates["value"] for _, rates in rows],
                "arrayminus": [rates["value"] - rates["low"] for _, rates in rows],
                "thickness": 1.5,
            },
            hovertemplate=texts.PREDICTION_HOVER,
        )
    )
    figure.update_xaxes(title=texts.PREDICTED_RANK_1, range=[0, 115], tickvals=[0, 25, 50, 75, 100], ticksuffix=" %")
    figure.update_yaxes(autorange="reversed", showgrid=True)
    figure.update_layout(height=MARGIN_PIXELS + PIXELS_PER_ROW * len(rows), margin=charts.MARGIN, showlegend=False)
    return figure


def _offer_first_results(folder: Path, key: str) -> None:
    """Offer the table of first results to check, if there is one."""
    file = folder / FIRST_RESULTS
    if file.exists():
        st.download_button(
            texts.DOWNLOAD_FIRST_RESULTS,
            file.read_bytes(),
            "first_results.csv",
            "text/csv",
            help=texts.FIRST_RESULTS_HELP,
            on_click="ignore",
            icon=":material/download:",
            key=f"first_results_{key}",
        )


def _rate(rates: dict[str, float] | None) -> str:
    return texts.RATE.format(**rates) if rates else ""


def _has_batch_norm(checkpoint: Path) -> bool:
    """Return whether a model can be adapted to cameras; its weights are not read."""
    from core.inference.checkpoint import CONFIG, find_checkpoint

    return bool(read_json(find_checkpoint(checkpoint) / CONFIG).get("network", {}).get("batch_norm"))


def _versions(checkpoint: Path, source: Path | StoredGallery) -> str:
    """Return a hash of the versions of the model, its calibration and the data; results of other versions are old."""
    from core.evaluation.calibration import CALIBRATION, FOLDER
    from core.inference.checkpoint import CONFIG, WEIGHTS, find_checkpoint

    found = find_checkpoint(checkpoint)
    model = file_versions(*(found / name for name in (WEIGHTS, CONFIG, f"{FOLDER}/{CALIBRATION}")))
    facts = repr((found, model, described_key(source, checkpoint)[0]))
    return hashlib.blake2b(facts.encode(errors="surrogateescape"), digest_size=16).hexdigest()


@st.cache_data(max_entries=50, show_spinner=False)
def _result(folder: Path, changed: tuple) -> dict[str, Any]:
    return read_json(folder / RESULT)
