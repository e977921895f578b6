"""The colours of points: by category, by number, or by the colours that a column names."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from app.components.scatter_map import Colouring
from app.embedding import texts
from app.embedding.table import FALSE_MATCH, TRUE_MATCH
from core.colours import CATEGORY_COLOURS, OTHER_COLOUR

AMOUNT_COLOURS = ("#b3362b", "#d0683f", "#dfa05f", "#d8cf8a", "#8fc08a", "#4f9f78", "#1d7a60")  # low to high
MATCH_COLOURS = {TRUE_MATCH: "#1d9a56", FALSE_MATCH: "#c8443c"}
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
    """Colours for a column. If there are too few colours, the `chosen` values get one, else the most frequent."""
    if pd.api.types.is_float_dtype(values):
        return colour_numbers(values)
    categories = values.value_counts()
    shown = [category for category in (chosen or categories.index) if category in categories.index]
    named = sum(category in NAMED_COLOURS for category in categories.index) > len(categories) / 2
    if not named:
        shown = shown[: len(CATEGORY_COLOURS)]
    if not chosen:
        shown = sorted(shown, key=_sort_key)
    colours = {category: _colour(category, position, named) for position, category in enumerate(shown)}
    position_of = {category: position for position, category in enumerate(colours, start=1)}
    numbers = values.map(position_of).fillna(0).astype(np.uint8).to_numpy()
    legend = [(str(category), colour) for category, colour in colours.items()]
    return Colouring(numbers, [OTHER_COLOUR, *colours.values()], legend + _rest(numbers, texts.OTHER_VALUES))


def colour_numbers(values: pd.Series) -> Colouring:
    """Colours for shares from 0 to 1 in equal steps; grey for unknown ones."""
    steps = (values.fillna(0).clip(0, 1) * len(AMOUNT_COLOURS)).astype(int).clip(0, len(AMOUNT_COLOURS) - 1)
    numbers = np.where(values.isna(), 0, steps + 1).astype(np.uint8)
    legend = [
        ("0 %", AMOUNT_COLOURS[0]),
        ("50 %", AMOUNT_COLOURS[len(AMOUNT_COLOURS) // 2]),
        ("100 %", AMOUNT_COLOURS[-1]),
    ]
    return Colouring(numbers, [OTHER_COLOUR, *AMOUNT_COLOURS], legend + _rest(numbers, texts.NO_PRECISION))


def _rest(numbers: np.ndarray, label: str) -> list[tuple[str, str]]:
    return [(label, OTHER_COLOUR)] if (numbers == 0).any() else []


def _colour(category: str, position: int, named: bool) -> str:
    if category in MATCH_COLOURS:
        return MATCH_COLOURS[category]
    return NAMED_COLOURS.get(category, OTHER_COLOUR) if named else CATEGORY_COLOURS[position % len(CATEGORY_COLOURS)]


def _sort_key(category: str) -> tuple[int, str]:
    """Sort numbers by value, then other texts alphabetically."""
    return (int(category), "") if str(category).isdecimal() else (10**9, str(category))
