"""Times as numbers and dates."""

import pytest

from core.data.times import read_times
from core.errors import UserError


def where(row: int) -> str:
    return f"t.csv, line {row + 2}"


@pytest.mark.parametrize(
    "texts, times, notes",
    [
        (["12.5", "", "0"], [12.5, None, 0], []),
        (["1970-01-01T00:01:00", "1970-01-01 01:00:00+01:00"], [60, 0], []),
        (["1700000000"], [1.7e9], []),
        (["1700000000000", ""], [1.7e9, None], ["times like 1700000000000 are read as milliseconds since 1970"]),
        (["1700000000000000"], [1.7e9], ["times like 1700000000000000 are read as microseconds since 1970"]),
        (["1700000000000000000"], [1.7e9], ["times like 1700000000000000000 are read as nanoseconds since 1970"]),
        (["19700102", "19700103"], [86_400, 172_800], ["times like 19700102 are read as dates"]),
        (["19700101000100"], [60], ["times like 19700101000100 are read as dates"]),
        (["20269999"], [20_269_999], []),
        ([], [], []),
    ],
)
def test_times(texts, times, notes):
    assert read_times(texts, where) == (times, notes)


@pytest.mark.parametrize(
    "texts, sentence",
    [
        (["1", "yesterday"], "line 3: the time is 'yesterday'; expected a number of seconds or a date"),
        (["inf"], "line 2: the time is 'inf'"),
        (
            ["1700000000000", "", "12"],
            "line 4: the time 12 looks like seconds, but 1700000000000 in .*line 2 looks like milliseconds",
        ),
        (["12", "2026-03-01"], "line 3: the time 2026-03-01 is a date, but 12 in t.csv, line 2 is a number"),
        (["2026-03-01", "1700000000000"], "line 2: the time 2026-03-01 is a date, but 1700000000000"),
    ],
)
def test_contradictory_times_raise(texts, sentence):
    with pytest.raises(UserError, match=sentence):
        read_times(texts, where)
