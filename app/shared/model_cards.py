"""Names of the models to show, and a dialog with a card for each model: architecture, data, results, terms."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from app.components.drawing import show_drawing
from app.shared import cache, texts, widgets
from app.shared.architecture_drawing import draw_architecture
from app.shared.settings import DEFAULT_MODEL, EXPLAINED_MODEL, checkpoint_key, file_versions, list_models
from core.config import NetworkConfig
from core.config_values import from_json
from core.errors import UserError, explain
from core.folders import checkpoints_folder
from core.json_file import read_json

COLUMNS = 3
SENTENCES_OF_TERMS = 2  # the others say how to train the model again
START_HERE = {DEFAULT_MODEL: texts.START_SEARCH, EXPLAINED_MODEL: texts.START_EXPLAIN}


@dataclass(frozen=True)
class ModelCard:
    """What a card shows of a model. Values that are not recorded are None or ""."""

    network: NetworkConfig | None  # None for a baseline
    method: str
    training_data: str
    identities: int | None  # training identities of the model and its ancestors
    recall: float | None  # rank-1 on the demo data, percent
    mean_precision: float | None  # mAP on the demo data, percent
    megabytes: float
    terms: str


def name_of(model: str) -> str:
    """Return the name to show for a model: a shipped model with its size, a run as it was named."""
    name = texts.MODEL_NAMES.get(model)
    if name is None:
        return model
    try:
        size = _size_of(model)
    except (UserError, KeyError):  # deleted meanwhile, or damaged
        return name
    return texts.MODEL_WITH_SIZE.format(name=name, size=size)


def short_name_of(model: str) -> str:
    """Return the name to show without its size, for a narrow place."""
    return texts.MODEL_NAMES.get(model, model)


def size_of(network: NetworkConfig) -> str:
    """Return the number of filters, of an ensemble the number of its networks."""
    if network.groups == 1:
        return texts.FILTERS.format(filters=network.filters)
    return texts.NETWORKS.format(members=network.groups)


def filters_of(network: NetworkConfig) -> str:
    """Return the number of filters, of an ensemble that of each of its networks."""
    if network.groups == 1:
        return str(network.filters)
    return texts.ENSEMBLE_FILTERS.format(members=network.groups, filters=network.filters // network.groups)


def read_card(checkpoint: Path, data: str) -> ModelCard:
    """Read a card from a checkpoint or run; `data` is the data set of the results. Raises UserError if damaged."""
    from core.inference.checkpoint import (
        CONFIG,
        WEIGHTS,
        find_checkpoint,
        is_baseline,
    )  # with torch, which takes seconds
    from core.inference.model_card import read_terms
    from core.inference.provenance import read_provenance

    folder = find_checkpoint(checkpoint)
    config = read_json(folder / CONFIG)
    network = None if is_baseline(folder) else from_json(NetworkConfig, config["network"], str(folder / CONFIG))
    provenance, card = read_provenance(folder), folder / "card.md"
    summary = _summary(checkpoint, data)
    terms = read_terms(card.read_text(encoding="utf-8")) if card.exists() else ""
    return ModelCard(
        network,
        texts.ARCHITECTURES[network.architecture] if network else texts.BASELINES[config["baseline"]["method"]],
        _training_data(config.get("data", {})),
        len({one.content or one.name for one in provenance.trained}) if provenance else None,
        summary.get("recall@1"),
        summary.get("mAP"),
        (folder / WEIGHTS).stat().st_size / 1e6,
        " ".join(re.split(r"(?<=\.)\s+", terms)[:SENTENCES_OF_TERMS]),
    )


@st.dialog(texts.ABOUT_MODELS, width="large", icon=":material/info:")
def show(models: list[str]) -> None:
    """Show the cards of models."""
    st.markdown(texts.ABOUT_MODELS_INTRODUCTION)
    try:
        data = cache.images().data
    except UserError:
        data = ""
    folders = list_models()
    for start in range(0, len(models), COLUMNS):
        for column, model in zip(st.columns(COLUMNS), models[start : start + COLUMNS], strict=False):
            with column.container(border=True, height="stretch"):
                _show_card(model, folders.get(model), data)


def _show_card(model: str, checkpoint: Path | None, data: str) -> None:
    start = f" :blue-badge[{START_HERE[model]}]" if model in START_HERE else ""
    st.markdown(f"**{widgets.as_plain_text(name_of(model))}**{start}")
    try:
        if checkpoint is None:
            raise UserError(texts.MODEL_GONE)
        card = _card((checkpoint_key(checkpoint), file_versions(*_results(checkpoint))), data, checkpoint)
    except (UserError, OSError) as error:
        st.warning(widgets.as_plain_text(explain(error)))
        return
    if card.network:
        show_drawing(draw_architecture(card.network), f"drawing_{model}")
    st.markdown("  \n".join(f"{name}: {widgets.as_plain_text(value)}" for name, value in _lines(model, card)))
    if card.terms:
        st.caption(widgets.as_plain_text(card.terms))


def _lines(model: str, card: ModelCard) -> list[tuple[str, str]]:
    """Return names and values of the facts that are recorded."""
    known = {
        texts.CARD_NAME: model,
        texts.CARD_ARCHITECTURE if card.network else texts.CARD_METHOD: card.method,
        texts.CARD_FILTERS: filters_of(card.network) if card.network else "",
        texts.CARD_DATA: card.training_data,
        texts.CARD_IDENTITIES: "" if card.identities is None else f"{card.identities:,}",
        texts.CARD_RECALL: "" if card.recall is None else f"{card.recall:.1f} %",
        texts.CARD_PRECISION: "" if card.mean_precision is None else f"{card.mean_precision:.1f} %",
        texts.CARD_SIZE: texts.MEGABYTES.format(size=card.megabytes),
    }
    return [(name, value) for name, value in known.items() if value]


def _training_data(data: dict) -> str:
    """Return the data sets of a training, or of the members of an ensemble, with their numbers of images."""
    members = data.get("joined") or [data]
    described = (": ".join(filter(None, (one.get("name"), one.get("training")))) for one in members)
    return "; ".join(described).replace("pictures", "images")  # the word of earlier versions


def _summary(checkpoint: Path, data: str) -> dict[str, float]:
    """Return the metrics of the plainest evaluation on a data set: no mirror images, no post-processing."""
    for file in _results(checkpoint):
        result = read_json(file)
        if isinstance(result, dict) and result.get("data") == data:
            return result.get("summary", {})
    return {}


def _results(checkpoint: Path) -> list[Path]:
    """Return the files of the evaluations, the plainest first."""
    return sorted(checkpoint.glob("*evaluations/*/result.json"), key=lambda file: len(file.parent.name))


def _size_of(model: str) -> str:
    file = checkpoints_folder() / model / "config.json"
    return _read_size(file, file_versions(file))


@lru_cache(maxsize=100)  # quicker than a cache of Streamlit, which hashes each argument
def _read_size(file: Path, changed: tuple) -> str:
    return size_of(from_json(NetworkConfig, read_json(file)["network"], str(file)))


@st.cache_data(max_entries=100, show_spinner=False)
def _card(key: tuple, data: str, _checkpoint: Path) -> ModelCard:
    return read_card(_checkpoint, data)
