"""The panel of the tour above a page: the step, its question, and links to other steps."""

from functools import partial

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app.components import arrow_keys, figure_link
from app.components.term_text import show_term_text
from app.glossary.terms import card
from app.shared import widgets
from app.shared.address import change_link, parameters, went_back
from app.shared.keys import DONE, GRADED, PRESENT, TOUR
from app.tour import loss_demo, page_state, texts
from app.tour.chapters import CHAPTERS, OWN, QUESTION, READ
from app.tour.links import Parameters, link_to, show_link
from app.tour.own_figures import FIGURES
from app.tour.progress import PLACES, Place, find_place, neighbours, read_done, write_done
from app.tour.questions import QUESTIONS, Question
from app.tour.style import PANEL, style
from core.errors import UserError
from core.explain.region_names import region_name

FILES = {"": "search"}  # the address of a page -> its file, where they differ
KEYS = {"ArrowRight": f"{PANEL}_next :is(a, button)", "ArrowLeft": f"{PANEL}_back :is(a, button)"}


def show(page: StreamlitPage) -> None:
    """Show the step that the link names."""
    value, address = st.query_params[TOUR], FILES.get(page.url_path, page.url_path)
    place = find_place(value)
    if place is None:
        widgets.warn([texts.UNKNOWN_STEP.format(value=value, last=PLACES[-1])])
        return
    if not set(parameters()) - {TOUR, DONE, PRESENT} and not went_back():  # a short link: open the step's page
        link = link_to(place)
        if link != parameters() or address != place.page:
            st.switch_page(_file(place), query_params=link)
    presents, is_here = st.query_params.get(PRESENT) == "1", address == place.page
    own = FIGURES.get((place.chapter, place.step)) if is_here else None
    st.html(style(place.of_step.figure if is_here else "", bool(own), presents))
    with st.container(key="tour", border=True, gap="small"):
        _show_head(place, address, presents)
        if not is_here:
            st.markdown(texts.OTHER_PAGE)
            show_link(texts.OPEN_STEP, place.page, link_to(place), address, "open")
            return
        try:
            question = None
            if place.of_step.kind == QUESTION:
                question = QUESTIONS[place.chapter - 1]()
            _show_text(place, question, presents)
            answer = partial(_grade, place, question) if question else lambda given: None
            if own:
                with st.container(key="tour_figure"):
                    own(question, answer)
            if question:
                _show_question(place, question)
        except UserError as error:
            st.info(texts.NO_QUESTION.format(reason=error))
        _show_foot(place, address, presents)
    if presents:
        arrow_keys.listen(KEYS)


def _show_head(place: Place, address: str, presents: bool) -> None:
    """Show the chapter, the progress, and links to chapters, to the presentation and out of the tour."""
    done = read_done(st.query_params.get(DONE, ""))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        title = texts.HEAD.format(chapter=place.chapter, count=len(CHAPTERS), title=place.of_chapter.title)
        kind = texts.KINDS[place.of_step.kind]
        st.markdown(f"**{title}** · {kind}", width="content")
        dots = "".join("●" if number in done else "○" for number in range(1, len(CHAPTERS) + 1))
        progress = texts.PROGRESS.format(done=len(done), count=len(CHAPTERS))
        st.markdown(dots, width="stretch", help=progress)
        with st.popover(texts.CHAPTERS, type="tertiary", icon=":material/list:"):
            for first in (each for each in PLACES if each.step == 1):
                label = texts.CHAPTER.format(number=first.chapter, title=first.of_chapter.title)
                icon = ":material/check:" if first.chapter in done else ":material/circle:"
                show_link(label, first.page, link_to(first), address, f"chapter_{first.chapter}", icon=icon)
        label = texts.STOP_PRESENTING if presents else texts.PRESENT
        kept = _without(PRESENT) if presents else parameters() | {PRESENT: ["1"]}
        show_link(label, address, kept, address, "present", icon=":material/slideshow:", help=texts.PRESENT_HELP)
        left = _without(TOUR, PRESENT)
        show_link(texts.LEAVE, address, left, address, "leave", icon=":material/close:", help=texts.LEAVE_HELP)


def _show_text(place: Place, question: Question | None, presents: bool) -> None:
    """Show the paragraphs of a step or its question, and the sentence of the paper that the chapter explains."""
    paragraphs = list(place.of_step.paragraphs)
    if any("{region}" in text for text in paragraphs):
        state = page_state.inside()
        name = region_name(state.region, state.regions.geometry)
        paragraphs = [text.replace("{region}", name) for text in paragraphs]
    if question:
        paragraphs.append(question.text)
    show_term_text(paragraphs, _Cards(), f"tour_text_{place}", presents)
    if place.of_step.kind == READ and place.step == 1:
        st.caption(texts.PAPER.format(sentence=widgets.as_plain_text(place.of_chapter.sentence)))


def _show_question(place: Place, question: Question) -> None:
    """Show the answers, the hint, and whether the last answer is right."""
    key = f"answer_{place}"
    given: str | None = question.given
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        is_grid = place.chapter == 1  # its images are the answers
        if question.options and not is_grid:
            given = st.pills(
                texts.ANSWERS,
                question.options,
                format_func=question.options.get,
                key=key,
                label_visibility="collapsed",
                on_change=lambda: _grade(place, question, st.session_state[key]),
                width="content",
            )
        elif not question.options:
            if question.shown:
                st.markdown(question.shown, width="content")
            st.button(texts.CHECK, key=key, type="primary", on_click=_grade, args=(place, question, question.given))
        with st.popover(texts.HINT, type="tertiary", icon=":material/lightbulb:"):
            st.markdown(place.of_chapter.hint.format(limit=loss_demo.LIMIT))
    graded = st.session_state.get(GRADED)
    if not graded or graded[:2] != (str(place), question.text):
        return
    if is_grid:
        given = graded[2]
    if graded[2] != given:
        return  # the page has changed since
    if question.accepts(given):
        st.success(texts.RIGHT.format(explanation=question.explanation), icon=":material/check:")
        done = read_done(st.query_params.get(DONE, ""))
        if len(done) == len(CHAPTERS):
            st.markdown(texts.FINISHED.format(count=len(CHAPTERS)))
    else:
        st.warning(texts.WRONG, icon=":material/refresh:")


def _show_foot(place: Place, address: str, presents: bool) -> None:
    """Show links to the step before and the next step."""
    before, after = neighbours(place)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if before:
            link = link_to(before, place, address)
            show_link(texts.BACK, before.page, link, address, "back", icon=":material/arrow_back:")
        count = len(place.of_chapter.steps)
        st.markdown(texts.STEP.format(step=place.step, count=count), width="stretch", text_alignment="center")
        figure = place.of_step.figure
        if figure not in ("", OWN) and not presents:
            with st.container(key="tour_figure_link", width="content"):
                figure_link.show(texts.SHOW_FIGURE, figure, PANEL, f"figure_{place}")
        show_link(texts.RESET, address, link_to(place), address, "reset", icon=":material/restart_alt:")
        if after:
            link, icon = link_to(after, place, address), ":material/arrow_forward:"
            show_link(texts.NEXT, after.page, link, address, "next", icon=icon, icon_position="right")
        else:
            show_link(texts.FINISH, address, _without(TOUR, PRESENT), address, "next", icon=":material/check:")


def _grade(place: Place, question: Question, given: str | None) -> None:
    """Remember an answer; a right one is put into the link."""
    st.session_state[GRADED] = (str(place), question.text, given)
    if question.accepts(given):
        done = read_done(st.query_params.get(DONE, "")) | {place.chapter}
        change_link({DONE: write_done(done)})
        st.toast(texts.RIGHT_TOAST, icon=":material/check:")


def _file(place: Place) -> str:
    return f"app_pages/{place.page}.py"


def _without(*names: str) -> Parameters:
    return {name: values for name, values in parameters().items() if name not in names}


class _Cards(dict):
    """The cards of terms, drawn when they are asked for."""

    def __missing__(self, term: str) -> dict[str, str]:
        return card(term)
