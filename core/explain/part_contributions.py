"""The contributions of the parts to a score, and two sentences about them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.explain.region_names import format_signed

if TYPE_CHECKING:
    from core.explain.attribution import Attribution

SMALLEST = 0.005  # a contribution below it reads 0.00


def sum_parts(attribution: "Attribution") -> np.ndarray:
    """Return the contributions of the probe's parts, (P,): the sums over their regions."""
    return attribution.of_regions[0].reshape(len(attribution.locations[0]), -1).sum(1)


def summarise_parts(contributions: np.ndarray, names: Sequence[str]) -> str:
    """Return two sentences: which part raises the score most, and which parts lower it.

    Args:
        contributions: The contributions of the parts, (P,), from `sum_parts`.
        names: The names of the parts.
    """
    order = np.argsort(-contributions, kind="stable")
    named = [(names[part], float(contributions[part])) for part in order]
    raising = [(name, value) for name, value in named if value >= SMALLEST]
    lowering = [(name, value) for name, value in reversed(named) if value <= -SMALLEST]
    if raising:
        first = f"{_capital(raising[0])} {_verb(raising[0], 'contribute')} most to the score ({_number(raising[0])})."
    else:
        first = "No part raises the score."
    if len(lowering) > 1:
        listed = " and ".join(f"the {name} ({_number((name, value))})" for name, value in lowering[:2])
        second = f"{listed[0].upper()}{listed[1:]} lower it{' most' * (len(lowering) > 2)}."
    elif lowering:
        second = f"{_capital(lowering[0])} {_verb(lowering[0], 'lower')} it ({_number(lowering[0])})."
    elif len(raising) > 1:
        second = f"{_capital(raising[-1])} {_verb(raising[-1], 'contribute')} least ({_number(raising[-1])})."
    else:
        second = "No part lowers it."
    return f"{first} {second}"


def _capital(term: tuple[str, float]) -> str:
    return f"The {term[0]}"


def _verb(term: tuple[str, float], verb: str) -> str:
    """Return the verb in the singular or in the plural, by the name of a part."""
    is_plural = term[0].endswith("s") or " and " in term[0]
    return verb if is_plural else f"{verb}s"


def _number(term: tuple[str, float]) -> str:
    return format_signed(term[1], 2)
