"""The introduction on the page Search before a search: what re-identification is, three drawn steps, and links."""

import re

import streamlit as st

from app.components.drawing import show_drawing
from app.search import texts
from app.shared import context
from app.shared.address import change_link, parameters
from app.shared.keys import DONE, EACH, MODEL, TOUR
from core.folders import CHECKOUT

WIDTH, HEIGHT = 260, 84
TALL, SMALL = 68, 54  # heights of a framed person
LESSON = CHECKOUT / "docs" / "lesson.md"
EXERCISES = "## Exercises"  # the heading below the plans of the lesson
RELATIVE_LINK = re.compile(r"\[([^\]]+)\]\((?!https?://)[^)]*\)")
TOUR_CHAPTERS = 7  # app/tour/chapters.py
PAPER = "https://arxiv.org/abs/1512.05300"


def show_introduction(model: str) -> None:
    """Show the three steps of a search, with links to the paper, to the page Data, to a comparison and to a lesson.

    Args:
        model: The model that the comparison opens with.
    """
    steps = ((_describe(), *texts.DESCRIBE), (_compare(), *texts.COMPARE), (_rank(), *texts.RANK))
    with st.container(key="introduction"):
        for number, (column, (shapes, name, text)) in enumerate(
            zip(st.columns(len(steps), gap="medium"), steps, strict=True), start=1
        ):
            with column:
                show_drawing(_svg(shapes, text), f"step_{number}")
                st.markdown(texts.STEP.format(number=number, name=name, text=text))
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            _link_tour()
            st.page_link(PAPER, label=texts.PAPER, icon=":material/article:")
            st.page_link(
                "app_pages/data.py",
                label=texts.USE_OWN_IMAGES,
                icon=":material/photo_library:",
                query_params=context.link(),
            )
            st.page_link(
                "app_pages/compare.py",
                label=texts.SAME_PERSON,
                icon=":material/compare_arrows:",
                query_params=context.link() | {EACH: "true", MODEL: model},
            )
            if LESSON.exists():  # it is part of the checkout, not of the installed package
                with st.popover(texts.FOR_TEACHERS, type="tertiary", icon=":material/school:"):
                    plans = LESSON.read_text(encoding="utf-8").partition(EXERCISES)[0]
                    plans = RELATIVE_LINK.sub(r"\1", plans)  # the app has no such pages
                    st.markdown(re.sub("^#", "####", plans, flags=re.M))


def _link_tour() -> None:
    """Link to the tour, at the first chapter that is not answered. After the last one it starts again."""
    done = st.query_params.get(DONE, "")
    left = [number for number in range(1, TOUR_CHAPTERS + 1) if str(number) not in done]
    chapter, done = (left[0], done) if left else (1, "")
    label = texts.RESUME_TOUR if done else texts.TAKE_TOUR
    link = dict.fromkeys(parameters()) | {TOUR: f"{chapter}.1", DONE: done or None}
    st.button(label, icon=":material/explore:", key="take_tour", on_click=change_link, args=(link,))


def _svg(shapes: str, label: str) -> str:
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round">{shapes}</svg>'
    )


def _describe() -> str:
    """Draw a person, an arrow, and a descriptor."""
    return _person(20) + _arrow(70) + _descriptor(120)


def _compare() -> str:
    """Draw two descriptors and their score."""
    left, right = _person(20) + _descriptor(66), _descriptor(152) + _person(178)
    return left + _arrow(98, both=True) + _text(116, 28, "0.91") + right


def _rank() -> str:
    """Draw three results with falling scores; the first one is a true match."""
    shapes = []
    for number, (score, mark) in enumerate((("0.91", "true"), ("0.64", ""), ("0.35", ""))):
        left = 20 + 74 * number
        shapes.append(f'<g class="{mark}">{_person(left, SMALL)}{_text(left + SMALL / 4, HEIGHT - 6, score)}</g>')
    return "".join(shapes)


def _person(left: float, height: float = TALL) -> str:
    """Draw a framed person of a height."""
    width, top = height / 2, 6
    middle, head = left + width / 2, height * 0.1
    shoulder, hip, foot = top + height * 0.34, top + height * 0.6, top + height * 0.92
    reach = width * 0.26
    return (
        f'<rect x="{left:g}" y="{top}" width="{width:g}" height="{height:g}" rx="4"/>'
        f'<circle cx="{middle:g}" cy="{top + height * 0.2:g}" r="{head:g}"/>'
        f'<path d="M{middle - reach:g} {hip:g}V{shoulder:g}h{2 * reach:g}V{hip:g}M{middle - reach / 2:g} {foot:g}'
        f'V{shoulder:g}M{middle + reach / 2:g} {foot:g}V{shoulder:g}"/>'
    )


def _descriptor(left: float) -> str:
    """Draw a column of numbers as cells of different darkness."""
    size = TALL / 8
    cells = (
        f'<rect x="{left:g}" y="{6 + n * size:g}" width="14" height="{size:g}" fill="currentColor" '
        f'fill-opacity="{shade}" stroke-width="1"/>'
        for n, shade in enumerate((0.1, 0.7, 0.3, 0.5, 0, 0.8, 0.2, 0.4))
    )
    return "".join(cells)


def _arrow(left: float, both: bool = False) -> str:
    start = "m5 -4l-5 4l5 4m-5 -4" if both else ""
    return f'<path d="M{left:g} 40{start}h36m-5 -4l5 4l-5 4"/>'


def _text(x: float, y: float, text: str) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="middle" font-size="12" fill="currentColor" stroke="none">{text}</text>'
    )
