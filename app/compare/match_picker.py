"""The choice of the match that the page Compare explains, and of a second result to compare it with."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.compare import matches, texts
from app.components.image_grid import crop_grid
from app.shared import linked_widgets, true_matches, widgets
from app.shared import texts as shared_texts
from app.shared.address import change_link
from app.shared.images import Images
from app.shared.keys import AFTER, BESIDE, MATCH, PAIR
from core.data.records import Record
from core.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from core.search.gallery import Gallery

MAX_MATCHES = 12  # results to choose the match from


def choose(
    gallery: "Gallery",
    descriptors: np.ndarray,
    probe: Record | None,
    images: Images,
    places: tuple[DeltaGenerator, DeltaGenerator],
) -> tuple[matches.Result, matches.Result | None]:
    """Show the controls in two places, and return the match and the second result, if there is one.

    Args:
        gallery: The gallery.
        descriptors: The descriptors of the probe, (N, D).
        probe: The record of the probe; None for an upload.
        images: The images of the gallery.
        places: Where the match and the second result are chosen.

    Raises:
        UserError: If the probe has no results.
    """
    ranking = _rank(gallery, descriptors, probe, images)
    if ranking.empty:
        raise UserError(texts.NO_RESULTS)
    first, named = widgets.ranking_crops(ranking.head(MAX_MATCHES), probe, images), st.query_params.get(MATCH, "")
    match = matches.find_result(named if named in images.records else first[0]["id"], ranking, probe, images)
    with places[0].popover(texts.CHANGE_MATCH, icon=":material/group:"), st.container(width=560):
        st.caption(texts.FIRST_RESULTS)
        crop_grid(first, "ranking", shared_texts.RANKING, "other_matches", _pick)
    if not true_matches.is_known(probe):
        return match, None
    choice = linked_widgets.choose_one(
        places[1].segmented_control,
        texts.COMPARE_WITH,
        matches.CHOICES,
        BESIDE,
        default=matches.default_choice(match),
        required=True,
    )
    other = matches.find_other(choice, match, ranking, probe, images)
    if other is None and choice != texts.NONE:
        mark = true_matches.RIGHT if choice == texts.BEST_TRUE_MATCH else true_matches.WRONG
        is_match = matches.find_best(ranking, probe, mark, images) == match.name
        places[1].caption((texts.ALREADY_COMPARED if is_match else texts.NOTHING_TO_COMPARE_WITH)[choice])
    return match, other


def _rank(gallery: "Gallery", descriptors: np.ndarray, probe: Record | None, images: Images) -> "pd.DataFrame":
    """Return the first results, and those with the identity of the probe or with the name in the link."""
    named, shown = st.query_params.get(MATCH, ""), np.zeros(len(gallery), bool)
    if probe and true_matches.is_known(probe):
        shown |= gallery.identities == probe.identity
    top = max(MAX_MATCHES, np.count_nonzero(shown) + 1)  # with the best false match
    if named in images.records:
        shown |= gallery.paths == str(images.records[named].path)
    return gallery.search(descriptors, top, None, true_matches.asked_for(probe, True), also=shown)


def _pick(name: str) -> None:
    """Write the chosen match to the link."""
    change_link({MATCH: name, PAIR: None, AFTER: None})
