"""Check the settings in a link."""

from collections.abc import Callable, Collection

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app.shared import texts

Link = dict[str, list[str]]  # name -> values


def follow_earlier_link(page: str | StreamlitPage, update: Callable[[Link], Link]) -> None:
    """Reopen a page if its link has names or values of earlier versions; `update` replaces them."""
    link = {name: st.query_params.get_all(name) for name in st.query_params}
    if (current := update(link)) != link:
        st.switch_page(f"app_pages/{page}.py" if isinstance(page, str) else page, query_params=current)


def rename_parameter(link: Link, earlier: str, name: str) -> Link:
    """Rename a parameter of earlier versions in a link; its value does not replace a value of the present name."""
    present = {one: values for one, values in link.items() if one != earlier}
    return {name: link[earlier]} | present if earlier in link else link


def rename_values(link: Link, earlier: dict[str, dict[str, str]]) -> Link:
    """Replace values of earlier versions in a link; `earlier` has old and new values for each name."""
    return {name: [earlier.get(name, {}).get(value, value) for value in values] for name, values in link.items()}


def unknown_in_link(allowed: dict[str, Collection], asked: Callable[[str], list[str]]) -> list[str]:
    """Return a sentence for each value in the link that is not among the `allowed` values of its name."""
    sentences = []
    for name, values in allowed.items():
        known = [str(value) for value in values]
        for value in asked(name):
            if value not in known:
                valid = ", ".join(known) or texts.NO_VALUES
                sentences.append(texts.UNKNOWN_VALUE.format(name=name, value=value, known=valid))
    return sentences


def number_in_link(name: str, count: int, default: int, asked: Callable[[str], str | None]) -> int:
    """Return the number in the link if it is from 0 to `count` - 1, else the default."""
    value = asked(name) or ""
    return int(value) if value.isdecimal() and int(value) < count else default


def unknown_numbers(counts: dict[str, int], asked: Callable[[str], str | None]) -> list[str]:
    """Return a sentence for each number in the link that is not below its count."""
    return [
        texts.UNKNOWN_NUMBER.format(name=name, value=value, last=count - 1)
        for name, count in counts.items()
        if (value := asked(name)) and number_in_link(name, count, -1, asked) < 0
    ]
