"""The figures that the tour draws itself: hard cases, the equations with live numbers, and the histogram loss."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from app.components.image_grid import UNKNOWN, crop, crop_grid
from app.shared import widgets
from app.tour import loss_demo, page_state, texts
from app.tour.chapters import LATE_MATCH, PAIR_OF_LOOKS
from app.tour.questions import Question
from core.data.records import Record
from core.explain.region_names import entry_name

SHOWN_FILTERS = 3  # of each stream, in the equations
SHOWN_TERMS = 3  # of the sum

Answer = Callable[[str], None]


def show_looks(question: Question | None, answer: Answer) -> None:
    """Show a probe, a true match that looks different, and a false match that looks similar."""
    case = page_state.hard_case(PAIR_OF_LOOKS, 1)
    crops = [_crop(case.probe, texts.PAIR_PROBE), _crop(case.same[0], texts.PAIR_SAME.format(score=case.same[1]))]
    crops += [_crop(record, texts.PAIR_OTHER.format(score=score)) for record, score in case.others]
    crop_grid(crops, "row", texts.HARD_PAIRS, "looks")


def show_guess(question: Question | None, answer: Answer) -> None:
    """Show the probe, and the images of the question to click."""
    if not question or not question.options:
        return
    images = page_state.images()
    case = page_state.hard_case(LATE_MATCH, 1)
    crops = [_crop(case.probe, texts.PAIR_PROBE)]
    crops += [
        crop(widgets.thumbnail_or_blank(images.records[name].path), label, UNKNOWN, id=name, below=label)
        for name, label in question.options.items()
    ]
    crop_grid(crops, "row", texts.GUESS, "guess", answer)


def show_equations(question: Question | None, answer: Answer) -> None:
    """Show equations (1) and (2) with the numbers of the selected region and entry."""
    state = page_state.inside()
    a, b, products = state.regions.filter_pair(state.region, state.i, state.j)
    location = int(products.argmax())
    if question is None:
        of_region = [state.regions.cells(maps, state.region) for maps in (state.regions.a, state.regions.b)]
        one, two = (maps.reshape(len(maps), -1)[:, location] for maps in of_region)
        rows = sorted({state.i, *_strongest(one)}, key=lambda n: (n != state.i, -one[n]))[:SHOWN_FILTERS]
        met = state.regions.met(state.i, state.j)
        columns = sorted({met, *_strongest(two)}, key=lambda n: (n != met, -two[n]))[:SHOWN_FILTERS]
        st.caption(texts.EQUATIONS_FIGURE.format(number=location + 1, count=products.size))
        st.latex(_outer_product(one[rows], two[columns]))
    entry = entry_name(state.i, state.j, state.regions.matrices.shape[2])
    st.caption(texts.EQUATIONS_SUM.format(entry=entry, count=products.size))
    st.latex(_sum(products.ravel(), a.ravel(), b.ravel()))


def show_loss(question: Question | None, answer: Answer) -> None:
    """Show the histograms at the distance of the slider, and the loss."""
    loss_demo.show(loss_demo.margin())


FIGURES: dict[tuple[int, int], Callable[[Question | None, Answer], None]] = {  # by chapter and step
    (1, 1): show_looks,
    (1, 2): show_guess,
    (4, 1): show_equations,
    (4, 3): show_equations,
    (6, 1): show_loss,
    (6, 2): show_loss,
    (6, 3): show_loss,
}


def _crop(record: Record, below: str) -> dict:
    return crop(widgets.thumbnail_or_blank(str(record.path)), below, UNKNOWN, below=below)


def _strongest(values: np.ndarray) -> list[int]:
    from core.explain.activations import find_strongest

    return [n for (n,) in find_strongest(values, SHOWN_FILTERS)]


def _outer_product(a: np.ndarray, b: np.ndarray) -> str:
    """Return equation (1) with numbers."""
    column = r" \\ ".join(f"{value:.2f}" for value in a)
    row = " & ".join(f"{value:.2f}" for value in b)
    table = r" \\ ".join(" & ".join(f"{value:.2f}" for value in line) for line in np.outer(a, b))
    return (
        rf"\underbrace{{\begin{{pmatrix}} {column} \end{{pmatrix}}}}_{{a(l)}}"
        rf"\underbrace{{\begin{{pmatrix}} {row} \end{{pmatrix}}}}_{{b(l)^{{\mathsf T}}}}"
        rf" = \begin{{pmatrix}} {table} \end{{pmatrix}} \quad \text{{(1)}}"
    )


def _sum(products: np.ndarray, a: np.ndarray, b: np.ndarray) -> str:
    """Return equation (2) for one entry with its largest terms."""
    order = np.argsort(-products)[:SHOWN_TERMS]
    terms = " + ".join(rf"{a[n]:.2f} \cdot {b[n]:.2f}" for n in order)
    more = products.sum() - products[order].sum()
    others = rf"+ \underbrace{{{more:.2f}}}_{{\text{{{len(products) - len(order)} more}}}}"
    total = rf"{others} = {products.sum():.2f} \quad \text{{(2)}}"
    return rf"\begin{{aligned}} & {terms} \\ & {total} \end{{aligned}}"  # two lines, for narrow windows
