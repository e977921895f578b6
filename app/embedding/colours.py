"""The colours of points: by kind, by amount, by the very colour that a column names; few enough to be told apart."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from app.components.scatter_map import Colouring
from core.colours import CATEGORY_COLOURS, OTHER_COLOUR

AMOUNT_COLOURS = ("#b3362b", "#d0683f", "#dfa05f", "#d8cf8a", "#8fc08a", "#4f9f78", "#1d7a60")  # low to high
MATCH_COLOURS = {"right": "#1d9a56", "wrong": "#c8443c"}
NAMED_COLOURS = {
    "black": "#1b1b1e",
    "darkgrey": "#55565c",
    "grey": "#8d8f96",
    "lightgrey": "#c3c5ca",
    "white": "#f4f4f2",
    "navy": "#22305e",
    "blue": "#2f5fc4",
    "lightblue": "#8fb9e8",
    "denim": "#4d6d9a",
    "lightdenim": "#8aa5c9",
    "teal": "#1d8a8a",
    "turquoise": "#3db8b0",
    "green": "#2f8a47",
    "darkgreen": "#1f5234",
    "olive": "#6f7340",
    "khaki": "#a59a6a",
    "yellow": "#e0c22f",
    "mustard": "#c9982a",
    "orange": "#e07b2a",
    "red": "#c2332c",
    "darkred": "#7c1f24",
    "burgundy": "#6d1f33",
    "maroon": "#6b2233",
    "pink": "#e39ab5",
    "purple": "#7a4aa0",
    "violet": "#8b5fbf",
    "brown": "#6e4a2f",
    "lightbrown": "#96714a",
    "darkbrown": "#46301f",
    "beige": "#d3bf9c",
    "cream": "#ece2c6",
    "tan": "#bd9a6c",
    "blond": "#d8b869",
}


def colouring(values: pd.Series, chosen: Sequence[str] = ()) -> Colouring:
    """Colours for a column. Of more kinds than there are colours the `chosen` ones get one, else the most frequent."""
    if pd.api.types.is_float_dtype(values):
        return by_amount(values)
    kinds = values.value_counts()
    shown = [kind for kind in (chosen or kinds.index) if kind in kinds.index]
    named = sum(kind in NAMED_COLOURS for kind in kinds.index) > len(kinds) / 2
    if not named:
        shown = shown[: len(CATEGORY_COLOURS)]
    if not chosen:
        shown = sorted(shown, key=_in_order)
    colours = {kind: _colour(kind, place, named) for place, kind in enumerate(shown)}
    place_of = {kind: place for place, kind in enumerate(colours, start=1)}
    numbers = values.map(place_of).fillna(0).astype(np.uint8).to_numpy()
    legend = [(str(kind), colour) for kind, colour in colours.items()]
    return Colouring(numbers, [OTHER_COLOUR, *colours.values()], legend + _rest(numbers, "others"))


def by_amount(values: pd.Series) -> Colouring:
    """Shares 0..1 in equal steps; what is not known is grey."""
    steps = (values.fillna(0).clip(0, 1) * len(AMOUNT_COLOURS)).astype(int).clip(0, len(AMOUNT_COLOURS) - 1)
    numbers = np.where(values.isna(), 0, steps + 1).astype(np.uint8)
    legend = [
        ("0 %", AMOUNT_COLOURS[0]),
        ("50 %", AMOUNT_COLOURS[len(AMOUNT_COLOURS) // 2]),
        ("100 %", AMOUNT_COLOURS[-1]),
    ]
    return Colouring(numbers, [OTHER_COLOUR, *AMOUNT_COLOURS], legend + _rest(numbers, "no right answer to find"))


def _rest(numbers: np.ndarray, words: str) -> list[tuple[str, str]]:
    return [(words, OTHER_COLOUR)] if (numbers == 0).any() else []


def _colour(kind: str, place: int, named: bool) -> str:
    if kind in MATCH_COLOURS:
        return MATCH_COLOURS[kind]
    return NAMED_COLOURS.get(kind, OTHER_COLOUR) if named else CATEGORY_COLOURS[place % len(CATEGORY_COLOURS)]


def _in_order(kind: str) -> tuple[int, str]:
    """Numbers by size, then words by letters."""
    return (int(kind), "") if str(kind).isdecimal() else (10**9, str(kind))
