"""The form of a new run: data set, architecture, preset, all settings, and an estimate of time and memory."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import streamlit as st

from app.shared import cache, datasets, widgets
from app.shared.address import change_link
from app.shared.keys import WATCHED
from app.training import initial_weights, texts
from app.training.architectures import run_names, start_all
from core.config import ARCHITECTURES, CHOICES, MOBILE, PAPER_ARCHITECTURES, NetworkConfig, TrainingConfig
from core.errors import UserError, explain
from core.evaluation.protocols import PROTOCOLS, fitting_protocols
from core.jobs.durations import format_duration
from core.paper.published import ARCHITECTURE_NAMES
from core.presets import PRESETS

SET_ABOVE = ("architecture", "preset")  # fields of the first row of the form
FIELD_CHOICES = {"image_columns": (64, 96, 128, 160)} | CHOICES
NOT_SHOWN = {  # fields of NetworkConfig that have no effect on an architecture, or one possible value
    MOBILE: ("batch_norm", "normalise_images", "instance_norm", "bgr", "mean", "scale", "groups"),
    **dict.fromkeys(PAPER_ARCHITECTURES, ("image_columns", "frozen_layers")),
}


def new_run(folder: Path) -> None:
    """Show the form of a new run. Its button starts the run."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        data = datasets.choose(texts.DATA, "new_data", str(cache.data_folder()), help=texts.DATA_HELP)
        architecture = st.segmented_control(
            texts.ARCHITECTURE,
            ARCHITECTURES,
            default="mr_bcnn",
            required=True,
            format_func=ARCHITECTURE_NAMES.get,
            key="new_architecture",
        )
        preset = st.selectbox(texts.PRESET, texts.PRESETS, format_func=texts.PRESETS.get, key="new_preset", width=330)
    if not data:
        return
    try:
        dataset = datasets.read(Path(data))
    except UserError as error:
        datasets.show_problem(error, data)
        return
    protocols = [protocol.name for protocol in fitting_protocols(dataset)]
    if not protocols:
        st.error(texts.NO_LABELS.format(data=widgets.as_plain_text(data)))
        return
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        protocol = st.selectbox(texts.PROTOCOL, protocols, key="new_protocol", width=200)
        splits = PROTOCOLS[protocol].splits
        split = st.number_input(texts.SPLIT, 1, splits, 1, key="new_split", width=110) if splits > 1 else 1
        start = initial_weights.choose(architecture)
        # a new default name after each run
        key = f"new_name_{data}_{architecture}_{preset}_{len(list(folder.glob('*')))}"
        default = free_name(folder, f"{dataset.name}-{architecture}-{preset}")
        name = st.text_input(texts.NAME, default, key=key, width=280)
    initial_weights.explain_missing(architecture, start)
    configs = PRESETS[preset](architecture)
    try:
        network = initial_weights.network_to_fine_tune(configs[0], start)
        # widgets of its own for the network of a model, because a widget keeps its first default
        key = f"{architecture}_{preset}" + (f"_{start}" if network != configs[0] else "")
        network, training = _all_settings(network, configs[1], key)
    except UserError as error:
        st.error(str(error))
        return
    settings = changed_settings(configs, (network, training))
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        started = st.button(texts.START, type="primary", icon=":material/play_arrow:", key="begin")
        all_started = architecture in PAPER_ARCHITECTURES and st.button(
            texts.START_ALL,
            icon=":material/stacked_line_chart:",
            key="begin_all",
            disabled=bool(start),
            help=texts.START_ALL_HELP,
        )
        if st.button(texts.ESTIMATE, icon=":material/timer:", key="estimate"):
            with st.spinner(texts.ESTIMATING):
                st.session_state["estimated"] = (
                    architecture,
                    preset,
                    settings,
                    estimate(architecture, preset, settings),
                )
        known = st.session_state.get("estimated")
        if known and known[:3] == (architecture, preset, settings):
            st.markdown(known[3])
        else:
            st.caption(texts.SIZE.format(steps=training.steps, images=training.images_per_step))
    about = {"folder": str(dataset.source), "protocol": protocol, "split": split}
    if started:
        _start(folder, name, network, training, about, start)
    if all_started:
        names = {one: free_name(folder, run) for one, run in run_names(name, architecture).items()}
        _start_all(folder, names, preset, settings, about)


def estimate(architecture: str, preset: str, settings: list[str]) -> str:
    """Return the number of parameters, memory and time, in a sentence. A separate process measures them."""
    command = [sys.executable, "-m", "core", "estimate", "--json", "--architecture", architecture, "--preset", preset]
    done = subprocess.run([*command, *(["--set", *settings] if settings else [])], capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [texts.ESTIMATE_FAILED]
        return widgets.as_plain_text(lines[-1])
    found = json.loads(done.stdout)
    return texts.ESTIMATED.format(**found, duration=format_duration(found["seconds"]))


def changed_settings(preset: tuple, chosen: tuple) -> list[str]:
    """Fields that differ from the preset, as arguments of `--set`."""
    return [
        f"{name}={value}"
        for one, other in zip(preset, chosen, strict=True)
        for name, value in asdict(other).items()
        if value != asdict(one)[name]
    ]


def free_name(folder: Path, name: str) -> str:
    """Return the first of `name`, `name-2`, `name-3`, ... that no run has."""
    used, number = {path.name for path in folder.glob("*")}, 1
    while (candidate := name if number == 1 else f"{name}-{number}") in used:
        number += 1
    return candidate


def _all_settings(network: NetworkConfig, training: TrainingConfig, key: str) -> tuple[NetworkConfig, TrainingConfig]:
    """Show a widget for each field. Raises UserError for values that do not fit together."""
    values: dict[str, Any] = {}
    with st.expander(texts.ALL_SETTINGS, icon=":material/tune:"):
        for tab, fields in zip(st.tabs(list(texts.FIELD_HELP)), texts.FIELD_HELP.values(), strict=True):
            columns = tab.columns(4)
            shown = {name: text for name, text in fields.items() if name not in NOT_SHOWN[network.architecture]}
            for position, (name, help_text) in enumerate(shown.items()):
                default = getattr(network, name, getattr(training, name, None))
                choices = FIELD_CHOICES.get(name)
                if name == "region_size":  # the sizes depend on the columns of the image
                    choices = replace(network, **values).geometry.region_sizes[::-1]
                with columns[position % 4]:
                    values[name] = _field(name, default, choices, help_text, f"field_{key}_{name}")
    own = {name: value for name, value in values.items() if hasattr(network, name)}
    return replace(network, **own), replace(training, **{name: values[name] for name in values if name not in own})


def _field(name: str, default: Any, choices: Sequence | None, help_text: str, key: str) -> Any:
    label = name.replace("_", " ")
    if choices:
        return st.selectbox(label, choices, choices.index(default), key=key, help=help_text)
    if isinstance(default, str):
        return st.text_input(label, default, key=key, help=help_text)
    if isinstance(default, bool):
        return st.toggle(label, default, key=key, help=help_text)
    if isinstance(default, int):
        return int(st.number_input(label, value=default, min_value=0, key=key, help=help_text))
    return float(st.number_input(label, value=default, key=key, help=help_text, format="%g", step=None))


def _start(folder: Path, name: str, network: NetworkConfig, training: TrainingConfig, data: dict, init: str) -> None:
    from core.training.initial_weights import check_initial_weights
    from core.training.queue import launch
    from core.training.run_folder import Run, run_folder

    try:
        check_initial_weights(network, Path(init) if init else None)
        run = Run.create(run_folder(folder, name), network, training, data | ({"init": init} if init else {}))
        launch(run)
    except (UserError, OSError) as error:
        st.error(explain(error))
        return
    change_link({WATCHED: name})
    st.rerun()


def _start_all(folder: Path, names: dict[str, str], preset: str, settings: list[str], data: dict) -> None:
    try:
        start_all(folder, names, preset, settings, data)
    except (UserError, OSError) as error:
        st.error(explain(error))
        return
    st.rerun()
