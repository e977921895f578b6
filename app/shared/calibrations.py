"""The calibrations of checkpoints, read once."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.shared import texts, widgets
from app.shared.settings import checkpoint_key, file_versions
from core.errors import UserError

if TYPE_CHECKING:  # it imports torch, which takes seconds: the first page does not wait for it
    from core.evaluation.calibration import Calibration


def read_or_warn(checkpoint: Path) -> "Calibration | None":
    """Return a checkpoint's calibration; show a warning if it is damaged."""
    try:
        return read(checkpoint)
    except UserError as error:
        widgets.warn([str(error)])
        return None


def read(checkpoint: Path) -> "Calibration | None":
    """Read the calibration of a checkpoint, if there is one. Raises UserError if it is damaged."""
    from core.evaluation.calibration import CALIBRATION, FOLDER, SCORES
    from core.inference.checkpoint import find_checkpoint

    found = find_checkpoint(checkpoint)
    files = (found / FOLDER / name for name in (CALIBRATION, SCORES))
    return _calibration(checkpoint_key(found), file_versions(*files), found)


def describe(calibration: "Calibration | None") -> str:
    """Describe the data of a calibration, or how to create one."""
    if calibration is None:
        from core.evaluation.calibration import HOW_TO_CALIBRATE

        return texts.NO_CALIBRATION.format(how=HOW_TO_CALIBRATE)
    return texts.CALIBRATED_ON.format(data=calibration.about.data, people=calibration.about.people)


@st.cache_resource(max_entries=20, show_spinner=False)
def _calibration(key: tuple, changed: tuple, _checkpoint: Path) -> "Calibration | None":
    from core.evaluation.calibration import read_calibration

    return read_calibration(_checkpoint)
