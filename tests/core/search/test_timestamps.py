import numpy as np
import pytest

from core.data.times import read_times
from core.errors import UserError
from core.search.timestamps import to_seconds

MORNING = 1715938200.0  # 2024-05-17T09:30:00Z, by `date -u -d 2024-05-17T09:30 +%s`


def test_to_seconds():
    given = ["2024-05-17T09:30:00", "2024-05-17 11:30:00+02:00", "", None, 12.5, "13", float("nan"), "2024-05-17"]
    expected = [MORNING, MORNING, np.nan, np.nan, 12.5, 13, np.nan, MORNING - 9.5 * 3600]
    np.testing.assert_array_equal(to_seconds(given), expected)
    np.testing.assert_array_equal(to_seconds(np.arange(3)), [0.0, 1.0, 2.0])
    assert to_seconds([]).shape == (0,) and to_seconds(["2024-05-17"]).dtype == np.float64


def test_digits_are_dates_as_in_tables():
    given = ["20240517", "20240517093000", "20240599", "2024", 20240517]
    expected = [MORNING - 9.5 * 3600, MORNING, 20240599, 2024, 20240517]
    np.testing.assert_array_equal(to_seconds(given), expected)
    assert to_seconds(given[:2]).tolist() == read_times(given[:2], str)[0]


def test_years_far_from_1970():
    given = ["0001-01-01", "9999-12-31"]
    assert to_seconds(given).tolist() == read_times(given, str)[0]


def test_to_seconds_of_invalid_text_raises():
    with pytest.raises(UserError, match="'yesterday' is neither a number of seconds nor ISO 8601"):
        to_seconds(["2024-05-17", "yesterday"])
