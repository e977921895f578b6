import numpy as np
import pytest

from core.errors import UserError
from core.search.timestamps import to_seconds

MORNING = 1715938200.0  # 2024-05-17T09:30:00Z, by `date -u -d 2024-05-17T09:30 +%s`


def test_to_seconds():
    given = ["2024-05-17T09:30:00", "2024-05-17 11:30:00+02:00", "", None, 12.5, "13", float("nan"), "2024-05-17"]
    expected = [MORNING, MORNING, np.nan, np.nan, 12.5, 13, np.nan, MORNING - 9.5 * 3600]
    np.testing.assert_array_equal(to_seconds(given), expected)
    np.testing.assert_array_equal(to_seconds(np.arange(3)), [0.0, 1.0, 2.0])
    assert to_seconds([]).shape == (0,) and to_seconds(["2024-05-17"]).dtype == np.float64


def test_to_seconds_of_invalid_text_raises():
    with pytest.raises(UserError, match="'yesterday' is neither a number of seconds nor ISO 8601"):
        to_seconds(["2024-05-17", "yesterday"])
