"""Durations as text."""

from core.jobs.durations import format_duration


def test_format_duration():
    assert (format_duration(0.042), format_duration(0), format_duration(0.96)) == ("0.04 s", "0 s", "1 s")
    assert (format_duration(None), format_duration(4.4), format_duration(59.6), format_duration(3661)) == (
        "-",
        "4 s",
        "1 min 00 s",
        "1 h 01 min",
    )
