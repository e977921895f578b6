"""Two uploads on the page Compare: whether they show the same person."""

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.compare import texts
from app.shared import calibrations, each_upload, linked_uploads, linked_widgets, upload_list, widgets
from app.shared import texts as shared_texts
from app.shared.keys import PAIR_PRIOR
from app.shared.probe_picker import Chosen, upload_box
from app.shared.uploads import probe_images

if TYPE_CHECKING:
    from core.evaluation.calibration import Calibration

PRIORS = [2, 10, 100, 1000]  # N of 1 true match in N pairs


def choose(photographs: DeltaGenerator) -> tuple[Chosen, Chosen]:
    """Show the uploads and the controls to change them; return the two to compare. The run ends without two.

    A photograph is shown in the container `photographs`, to draw boxes on it.
    """
    uploads, boxes, gone = linked_uploads.current()
    found = [Chosen(each.name, None, each.image, each.content) for each in probe_images(uploads, boxes)]
    with photographs:
        widgets.warn([shared_texts.UPLOAD_GONE] if gone else [])
        widgets.choose_boxes(uploads, boxes)
    is_complete = len(found) > 1
    place = st.popover(texts.CHANGE_IMAGES, icon=":material/group:") if is_complete else st.container()
    with place:
        if not is_complete:
            st.markdown(texts.UPLOAD_TWO)
        upload_list.show(uploads, boxes)
        upload_box(shared_texts.UPLOAD)
        if not is_complete:
            st.button(
                texts.COMPARE_WITH_GALLERY, icon=":material/person_search:", on_click=each_upload.ask, args=(False,)
            )
            st.stop()
        each_upload.switch()
        first, second = 0, 1
        if len(found) > 2:
            first = _select(texts.FIRST_IMAGE, found, first, [*range(len(found))])
            others = [number for number in range(len(found)) if number != first]
            second = _select(texts.SECOND_IMAGE, found, others[0], others)
    return found[first], found[second]


def show_verdict(calibration: "Calibration | None", score: float, has_people: bool) -> None:
    """Show whether two images with a score show the same person, and what the verdict rests on."""
    from core.evaluation.verdict import judge_pair

    if calibration is None or not has_people:  # an image without a person has no verdict
        st.subheader(texts.SCORE_ALONE.format(score=score))
        if calibration is None:
            st.caption(calibrations.describe(None))
        return
    place = st.container()
    prior = linked_widgets.choose_one(
        st.segmented_control, texts.PAIR_PRIOR, PRIORS, PAIR_PRIOR, required=True, help=texts.PAIR_PRIOR_HELP
    )
    verdict = judge_pair(calibration, score, prior)
    with place:
        st.subheader(texts.PAIR_VERDICT.format(answer=verdict.answer, score=score))
        st.markdown(verdict.reasons)
    st.caption(calibrations.describe(calibration))


def _select(label: str, found: list[Chosen], default: int, numbers: list[int]) -> int:
    return st.selectbox(
        label, numbers, index=numbers.index(default), format_func=lambda number: f"{number + 1}. {found[number].name}"
    )
