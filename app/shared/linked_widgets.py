"""Widgets whose values are in the page's address.

The address is the state: a widget shows the value there, or its default if the address has none or an invalid one. A
change writes the value to the address, or removes the parameter if the value is the default.

Streamlit's `bind="query-params"` adds entries of its own to the browser's history when the user changes the page, so
that Back needs several clicks.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import streamlit as st

from app.shared.address import change_link, settle, went_back

SWITCH = {"true": True, "false": False}


def linked(
    key: str, value: Any, write: Callable[[Any], str | list[str] | None], forgets: Iterable[str] = ()
) -> dict[str, Any]:
    """Give a widget its value; return the arguments by which it writes changes to the address.

    Args:
        key: The key of the widget, and the name of its parameter.
        value: The value of the widget according to the address.
        write: Returns the text for a value, a text for each of several values, or None for no parameter.
        forgets: Parameters that a change removes.
    """
    if st.session_state.get(key) != value:
        st.session_state[key] = value

    def put_into_link() -> None:
        if not went_back():
            change_link({key: write(st.session_state[key])} | dict.fromkeys(forgets))

    return {"key": key, "on_change": put_into_link}


def toggle(label: str, key: str, default: bool = False, **rest: Any) -> bool:
    """Show `st.toggle`."""
    return st.toggle(label, **_switch(key, default), **rest)


def expander(label: str, key: str, **rest: Any):
    """Show `st.expander`, closed by default; its `open` says whether it is open."""
    return st.expander(label, **_switch(key, False), **rest)


def choose_one(
    widget: Callable,
    label: str,
    options: Iterable,
    key: str,
    default: Any = None,
    format_func: Callable[[Any], str] = str,
    forgets: Iterable[str] = (),
    shown: Callable[[Any], str] | None = None,
    **rest: Any,
) -> Any:
    """Show `st.selectbox` or `st.segmented_control`; the first option is the default if none is given.

    `format_func` gives the text of an option in the address, and `shown` that on the page if it is another one.
    """
    options = list(options)
    default = options[0] if default is None else default
    value = _one({format_func(option): option for option in options}, key, default)
    link = linked(key, value, lambda chosen: None if chosen == default else format_func(chosen), forgets)
    return widget(label, options, format_func=shown or format_func, **link, **rest)


def choose_several(
    widget: Callable, label: str, options: Iterable, key: str, default: Collection = (), **rest: Any
) -> list:
    """Show `st.multiselect` or `st.pills`; no value at all is an empty text, unless it is the default."""
    options, default, texts = list(options), list(default), _asked(key)
    known = {str(option): option for option in options}
    found = [known[text] for text in dict.fromkeys(texts) if text in known][: rest.get("max_selections")]
    value = found if found or texts == [""] else default
    link = linked(key, value, lambda chosen: None if chosen == default else [str(each) for each in chosen] or "")
    return widget(label, options, **link, **rest)


def number(widget: Callable, label: str, low: float, high: float, key: str, default: float, **rest: Any) -> float:
    """Show `st.number_input` or `st.slider` for one number; ints if `low` is one."""
    [value] = _numbers(_asked(key)[-1:], low, high, (default,))
    link = linked(key, value, lambda chosen: None if chosen == default else _text(chosen))
    return widget(label, low, high, **link, **rest)


def range_slider(label: str, low: float, high: float, key: str, **rest: Any) -> tuple[float, float]:
    """Show `st.slider` for a range, by default from `low` to `high`."""
    value = _numbers(_asked(key), low, high, (low, high))
    link = linked(key, value, lambda chosen: None if tuple(chosen) == (low, high) else [*map(_text, chosen)])
    return st.slider(label, low, high, **link, **rest)


def _asked(key: str) -> list[str]:
    settle()  # a fragment may run alone
    return st.query_params.get_all(key)


def _switch(key: str, default: bool) -> dict[str, Any]:
    return linked(key, _one(SWITCH, key, default), lambda on: None if on == default else str(on).lower())


def _one(known: dict[str, Any], key: str, default: Any) -> Any:
    return known.get(next(reversed(_asked(key)), ""), default)


def _numbers(texts: list[str], low: float, high: float, default: tuple) -> tuple:
    try:
        found = tuple(sorted(type(low)(text) for text in texts))
    except ValueError:
        return default
    return found if len(found) == len(default) and all(low <= each <= high for each in found) else default


def _text(number: float) -> str:
    return f"{number:.10g}"  # 5 for 5.0, and 0.15 for 0.15000000000000002
