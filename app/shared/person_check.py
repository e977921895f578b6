"""The person check: whether the images of a probe are unlike a person."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app.shared.settings import checkpoint_key, file_versions
from core.errors import UserError

if TYPE_CHECKING:  # it imports torch, which takes seconds: the first page does not wait for it
    from core.evaluation.person_check import PersonCheck


def flag_images(checkpoint: Path, descriptors: np.ndarray, names: Sequence[str] = ()) -> tuple[np.ndarray, list[str]]:
    """Check the images of a probe; with `names`, the sentences name images.

    Returns:
        For each descriptor (N, D) whether its image is unlike a person, and sentences to show: about these images, or
        the error of a damaged check. There is none if the model has no check.
    """
    from core.evaluation.person_check import describe_flags, name_no_person

    none = np.zeros(len(descriptors), bool)
    try:
        check = _find_check(checkpoint)
    except UserError as error:
        return none, [str(error)]
    flags = check.flags(descriptors) if check else none
    if names:
        return flags, name_no_person(names, flags)
    return flags, [sentence] if (sentence := describe_flags(flags)) else []


def _find_check(checkpoint: Path) -> "PersonCheck | None":
    from core.evaluation.person_check import FILE, FOLDER
    from core.inference.checkpoint import find_checkpoint

    found = find_checkpoint(checkpoint)
    return _check(checkpoint_key(found), file_versions(found / FOLDER / FILE), found)


@st.cache_resource(max_entries=20, show_spinner=False)
def _check(key: tuple, changed: tuple, _checkpoint: Path) -> "PersonCheck | None":
    from core.evaluation.person_check import read_person_check

    found = read_person_check(_checkpoint)
    return found and found[0]
