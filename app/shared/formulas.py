"""The explanation below a figure: a formula, sentences, and the code in `core` that computes it."""

import inspect
from dataclasses import dataclass
from importlib import import_module

import streamlit as st

from app.shared import texts


@dataclass(frozen=True)
class Lesson:
    """A formula in LaTeX, its explanation, and its source: a module of core and a function or class in it."""

    formula: str
    sentence: str
    source: tuple[str, str]


def teach(lesson: Lesson) -> None:
    """Show formula and explanation, and the code in a popover."""
    module, name = lesson.source
    file = f"{module.replace('.', '/')}.py"
    st.latex(lesson.formula)
    st.caption(lesson.sentence)
    with st.popover(file, type="tertiary", icon=":material/code:", help=texts.SHOW_CODE):
        st.caption(texts.CODE_OF.format(name=name, file=file))
        st.code(inspect.getsource(getattr(import_module(module), name)), "python")
