"""Three runs with the same settings, one for each architecture."""

from pathlib import Path
from typing import Any

from app.shared.address import change_link
from app.shared.keys import BESIDE_RUNS, WATCHED
from core.config import PAPER_ARCHITECTURES, NetworkConfig, TrainingConfig
from core.config_values import set_fields
from core.presets import PRESETS


def configs_of(architecture: str, preset: str, settings: list[str]) -> tuple[NetworkConfig, TrainingConfig]:
    """Return the preset of an architecture with changed settings. Raises UserError if it does not have one."""
    network, training = set_fields(PRESETS[preset](architecture), settings)
    return network, training


def run_names(name: str, architecture: str) -> dict[str, str]:
    """Return the name of each architecture's run: `name` with the architecture in place of that of the form."""
    if architecture in name:
        before, _, after = name.rpartition(architecture)
        return {one: f"{before}{one}{after}" for one in PAPER_ARCHITECTURES}
    return {one: f"{name}-{one}" for one in PAPER_ARCHITECTURES}


def start_all(folder: Path, names: dict[str, str], preset: str, settings: list[str], data: dict[str, Any]) -> None:
    """Create the runs and queue them; the page then shows the last one, compared with the others.

    Raises:
        UserError: If a setting does not fit an architecture. No run is started then.
    """
    from core.training.queue import launch
    from core.training.run_folder import Run, run_folder

    folders = {architecture: run_folder(folder, name) for architecture, name in names.items()}
    configs = {architecture: configs_of(architecture, preset, settings) for architecture in names}
    for architecture, place in folders.items():
        launch(Run.create(place, *configs[architecture], data))
    *others, watched = names.values()
    # the last one in the queue is watched: the curves are read until all are finished
    change_link({WATCHED: watched, BESIDE_RUNS: others})
