"""The form for a new run: data, architecture, recipe, every field with its meaning, and what it will take."""

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import streamlit as st

from app.shared import cache, widgets
from app.shared.keys import WATCHED
from app.shared.settings import file_versions
from app.training.field_help import CHOICES, GROUPS
from core.config import ARCHITECTURES, PRESETS, NetworkConfig, TrainingConfig
from core.data.datasets import read_dataset
from core.errors import UserError
from core.evaluation.protocols import PROTOCOLS
from core.paper.published import ARCHITECTURE_NAMES
from core.training.run_table import format_duration

DATA_HELP = "A folder: Market-1501's layout, CUHK03, CUHK01, VIPeR, or one folder a person."
FRESH = "fresh weights"
DEFAULT_FIELDS = {
    "demo": "demo: a success within minutes",
    "fast": "fast: today's training of the same network",
    "paper": "paper: the authors' recipe to the letter, for a GPU",
}


def new_run(folder: Path) -> None:
    """Everything about a run that is to be begun; the button begins it."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        data = st.text_input("Data", str(cache.data_folder()), key="new_data", width=330, help=DATA_HELP)
        architecture = st.segmented_control(
            "Architecture",
            ARCHITECTURES,
            default="mr_bcnn",
            required=True,
            format_func=ARCHITECTURE_NAMES.get,
            key="new_architecture",
        )
        preset = st.selectbox("Recipe", DEFAULT_FIELDS, format_func=DEFAULT_FIELDS.get, key="new_preset", width=330)
    try:
        dataset = _dataset(data, file_versions(Path(data)))
    except UserError as error:
        st.error(str(error))
        return
    fitting = [name for name, protocol in PROTOCOLS.items() if dataset.layout in protocol.layouts]
    if not fitting:
        st.error(f"Nobody knows who is who in {data}: nothing can be learned from it.")
        return
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        protocol = st.selectbox("Protocol", fitting, key="new_protocol", width=200)
        splits = PROTOCOLS[protocol].splits
        split = st.number_input("Split", 1, splits, 1, key="new_split", width=110) if splits > 1 else 1
        start = st.selectbox(
            "Start from",
            [FRESH, *cache.list_models()],
            key="new_start",
            width=240,
            help="Weights of another model of the same network.",
        )
        key = f"new_name_{data}_{architecture}_{preset}_{len(list(folder.glob('*')))}"  # another one, another name
        name = st.text_input("Name", free_name(folder, f"{dataset.name}-{architecture}-{preset}"), key=key, width=280)
    configs = PRESETS[preset](architecture)
    try:
        network, training = _every_field(*configs, f"{architecture}_{preset}")
    except UserError as error:
        st.error(str(error))
        return
    settings = changed_settings(configs, (network, training))
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        begin = st.button("Begin", type="primary", icon=":material/play_arrow:", key="begin")
        if st.button("What will it take?", icon=":material/timer:", key="estimate"):
            with st.spinner("Timing a few steps"):
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
            st.caption(f"{training.steps:,} steps of {training.images_per_step} images")
    if begin:
        _begin(
            folder,
            name,
            network,
            training,
            {"folder": str(dataset.source), "protocol": protocol, "split": split},
            "" if start == FRESH else str(cache.list_models()[start]),
        )


def estimate(architecture: str, preset: str, settings: list[str]) -> str:
    """Parameters, memory and time, in a sentence; a process of its own measures them."""
    command = [sys.executable, "-m", "core", "estimate", "--json", "--architecture", architecture, "--preset", preset]
    done = subprocess.run([*command, *(["--set", *settings] if settings else [])], capture_output=True, text=True)
    if done.returncode:
        return widgets.as_plain_text(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "It failed.")
    found = json.loads(done.stdout)
    return (
        f"{found['parameters']:,} parameters, {found['memory']:.1f} GB of memory, {found['seconds_a_step']:.2f} s "
        f"a step: **about {format_duration(found['seconds'])}** for {found['steps']:,} steps here"
    )


def changed_settings(usual: tuple, chosen: tuple) -> list[str]:
    """What differs from the preset, as the command line writes it."""
    return [
        f"{name}={value}"
        for one, other in zip(usual, chosen, strict=True)
        for name, value in asdict(other).items()
        if value != asdict(one)[name]
    ]


def free_name(folder: Path, name: str) -> str:
    """A name that no run has yet: `name`, `name-2`, `name-3`, ..."""
    taken, number = {path.name for path in folder.glob("*")}, 1
    while (candidate := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return candidate


def _every_field(network: NetworkConfig, training: TrainingConfig, key: str) -> tuple[NetworkConfig, TrainingConfig]:
    """The recipe's fields with their meanings. Raises UserError for values that do not go together."""
    values: dict[str, Any] = {}
    with st.expander("Every field of the recipe", icon=":material/tune:"):
        for tab, meanings in zip(st.tabs(list(GROUPS)), GROUPS.values(), strict=True):
            columns = tab.columns(4)
            for place, (name, meaning) in enumerate(meanings.items()):
                usual = getattr(network, name, getattr(training, name, None))
                with columns[place % 4]:
                    values[name] = _field(name, usual, meaning, f"field_{key}_{name}")
    own = {name: value for name, value in values.items() if hasattr(network, name)}
    return replace(network, **own), replace(training, **{name: values[name] for name in values if name not in own})


def _field(name: str, usual: Any, meaning: str, key: str) -> Any:
    label = name.replace("_", " ")
    if name in CHOICES:
        return st.selectbox(label, CHOICES[name], CHOICES[name].index(usual), key=key, help=meaning)
    if isinstance(usual, bool):
        return st.toggle(label, usual, key=key, help=meaning)
    if isinstance(usual, int):
        return int(st.number_input(label, value=usual, min_value=0, key=key, help=meaning))
    return float(st.number_input(label, value=usual, key=key, help=meaning, format="%g", step=None))


def _begin(folder: Path, name: str, network: NetworkConfig, training: TrainingConfig, data: dict, init: str) -> None:
    from core.training.queue import launch
    from core.training.run_folder import Run

    if not name or Path(name).name != name or name.startswith("."):
        st.error("A run needs a name without slashes, which does not begin with a dot.")
        return
    try:
        run = Run.create(folder / name, network, training, data | ({"init": init} if init else {}))
        launch(run)
    except (UserError, OSError) as error:
        st.error(str(error))
        return
    st.session_state[WATCHED] = name
    st.rerun()


@st.cache_resource(max_entries=8, show_spinner="Reading the data set")
def _dataset(folder: str, changed: tuple):
    return read_dataset(folder)
