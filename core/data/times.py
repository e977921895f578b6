"""Times of images that a table gives as text: numbers or dates."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from core.errors import UserError

# A number of at least the limit has the unit: 1e11 seconds are the year 5138, 1e11 milliseconds the year 1973.
UNITS = ((1e17, 1e9, "nanoseconds"), (1e14, 1e6, "microseconds"), (1e11, 1e3, "milliseconds"), (0, 1, "seconds"))
DIGITS = re.compile(r"(?:19|20)\d{6}(?:\d{6})?")  # 20260301 or 20260301093000
FIRST_DATE_S = 1e8  # a smaller number of seconds has another zero than 1970


def read_times(texts: Sequence[str], where: Callable[[int], str]) -> tuple[list[float | None], list[str]]:
    """Read times as seconds.

    Args:
        texts: Numbers, ISO 8601 dates, or "" for an unknown time. A date without a time zone is UTC.
        where: Returns the place of a text for messages, such as "labels.csv, line 7".

    Returns:
        The seconds of each text, and notes for the user. The seconds of dates count from 1970.

    Raises:
        UserError: If a text is no time, or if the texts have different units.
    """
    given = [row for row, text in enumerate(texts) if text]
    times: list[float | None] = [None] * len(texts)
    if given and all(DIGITS.fullmatch(texts[row]) for row in given):
        read = [read_date(texts[row]) for row in given]
        if None not in read:
            for row, seconds in zip(given, read, strict=True):
                times[row] = seconds
            return times, [f"times like {texts[given[0]]} are read as dates"]
    numbers: list[int] = []
    dates: list[int] = []
    for row in given:
        try:
            times[row] = seconds = float(texts[row])
            numbers.append(row)
        except ValueError:
            times[row] = seconds = read_date(texts[row])
            dates.append(row)
        if seconds is None or not math.isfinite(seconds):
            raise UserError(
                f"{where(row)}: the time is {texts[row]!r}; expected a number of seconds or a date like "
                "2026-03-01T09:30:00."
            )
    return _in_seconds(texts, times, numbers, dates, where)


def _in_seconds(texts, times, numbers, dates, where) -> tuple[list[float | None], list[str]]:
    """Divide numbers by their unit, after a check that all have the same."""
    if not numbers:
        return times, []
    first = numbers[0]
    unit = _unit(times[first])
    for row in numbers:
        if _unit(times[row]) != unit:
            raise UserError(
                f"{where(row)}: the time {texts[row]} looks like {_unit(times[row])[2]}, but {texts[first]} in "
                f"{where(first)} looks like {unit[2]}; use one unit."
            )
    _, divisor, name = unit
    for date in dates if divisor > 1 or abs(times[first]) < FIRST_DATE_S else ():
        if divisor > 1 or times[date] >= FIRST_DATE_S:
            raise UserError(
                f"{where(date)}: the time {texts[date]} is a date, but {texts[first]} in {where(first)} is a number; "
                "use one of both."
            )
    if divisor == 1:
        return times, []
    for row in numbers:
        times[row] /= divisor
    return times, [f"times like {texts[first]} are read as {name} since 1970"]


def _unit(number: float) -> tuple[float, float, str]:
    return next(unit for unit in UNITS if abs(number) >= unit[0])


def read_date(text: str) -> float | None:
    """Return the seconds from 1970 to an ISO 8601 date or one of DIGITS, or None for a text that is no date."""
    try:
        moment = datetime.fromisoformat(f"{text[:8]}T{text[8:]}" if DIGITS.fullmatch(text) and text[8:] else text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
