"""The choice of the initial weights of a run."""

from contextlib import suppress
from pathlib import Path

import streamlit as st

from app.shared import widgets
from app.shared.settings import list_models
from app.training import texts
from core.config import BACKBONE_FILE, MOBILE, NetworkConfig
from core.errors import UserError
from core.folders import checkpoints_folder, runs_folder
from core.inference.checkpoint import CONFIG, find_checkpoint
from core.json_file import read_json

WIDTH = 240
BACKBONE = "mobilenetv2"  # the folder that the instructions write to


def choose(architecture: str) -> str:
    """Show the box of the initial weights, and return their folder: "" for random weights, or if none is chosen."""
    networks = list_networks(architecture)
    if architecture != MOBILE:
        name = st.selectbox(
            texts.INITIAL_WEIGHTS,
            ["", *networks],
            format_func=lambda model: model or texts.RANDOM_WEIGHTS,
            key="new_start",
            width=WIDTH,
            help=texts.INITIAL_WEIGHTS_HELP,
        )
        return str(networks[name]) if name else ""
    known = {path.name: path for path in list_backbones()} | networks
    given = st.selectbox(
        texts.INITIAL_WEIGHTS,
        [*known],
        index=0 if known else None,
        key="new_backbone",
        width=WIDTH,
        placeholder=texts.BACKBONE_WEIGHTS_PLACEHOLDER,
        accept_new_options=True,
        help=texts.BACKBONE_WEIGHTS_HELP,
    )
    return str(known.get(given) or Path(given.strip()).expanduser()) if given else ""


def network_to_fine_tune(preset: NetworkConfig, start: str) -> NetworkConfig:
    """Return the network of the chosen model, or that of the preset if none is chosen. Say so if they differ.

    Raises:
        UserError: If the model is damaged.
    """
    if not start:
        return preset
    from core.training.initial_weights import network_to_fine_tune  # with torch, which takes seconds

    network = network_to_fine_tune(preset, Path(start))
    if network != preset:
        st.caption(texts.NETWORK_OF_START.format(name=widgets.as_plain_text(Path(start).name)))
    return network


def explain_missing(architecture: str, start: str) -> None:
    """Say where to get backbone weights, if a network needs them and none are chosen."""
    if architecture == MOBILE and not start:
        folders = " and ".join(f"`{folder}`" for folder in (runs_folder(), checkpoints_folder()))
        st.info(texts.NO_BACKBONE_WEIGHTS.format(folders=folders, output=runs_folder() / BACKBONE))


def list_networks(architecture: str) -> dict[str, Path]:
    """List the networks of an architecture by name. A training starts from no other model."""
    found = {}
    for name, place in list_models().items():
        with suppress(UserError, AttributeError):  # damaged
            config = read_json(find_checkpoint(place) / CONFIG)
            if config.get("network", {}).get("architecture") == architecture:
                found[name] = place
    return found


def list_backbones() -> list[Path]:
    """List the folders of backbone weights among the runs and the checkpoints."""
    places = (runs_folder(), checkpoints_folder())
    return sorted(file.parent for place in places for file in place.glob(f"*/{BACKBONE_FILE}"))
