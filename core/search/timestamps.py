"""Times of images, as seconds since 1970 in UTC."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.data.times import DIGITS, read_date
from core.errors import UserError


def to_seconds(times: Sequence | np.ndarray) -> np.ndarray:
    """Convert times to seconds since 1970.

    Args:
        times: Numbers (seconds), or ISO 8601 texts. A text without a time zone is in UTC. As in tables, texts like
            20240517 and 20240517093000 are dates.

    Returns:
        float64 (N,), NaN for "" and None.

    Raises:
        UserError: If a value is neither a number nor ISO 8601.
    """
    if isinstance(times, np.ndarray) and times.dtype.kind in "fiu":
        return times.astype(np.float64, copy=False)
    given = pd.Series([_date_or_itself(time) for time in times], dtype=object).replace("", None)
    numbers = pd.to_numeric(given, errors="coerce").astype(np.float64)
    texts = given[numbers.isna() & given.notna()]
    moments = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
    if moments.isna().any():
        raise UserError(
            f"The time {texts[moments.isna()].iloc[0]!r} is neither a number of seconds nor ISO 8601; "
            "write it like 2024-05-17T09:30:00."
        )
    numbers[texts.index] = moments.astype("datetime64[us, UTC]").astype("int64") / 1e6  # in ns, 300 years are too many
    return numbers.to_numpy()


def _date_or_itself(time):
    """Return the seconds of a text like 20240517, and any other time as it is."""
    seconds = read_date(time) if isinstance(time, str) and DIGITS.fullmatch(time) else None
    return time if seconds is None else seconds
