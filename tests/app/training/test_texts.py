"""The texts of the page Training."""

import re

from app.training import texts


def test_durations_are_measured_and_no_constants():
    shown = [value for name, value in vars(texts).items() if name.isupper() and isinstance(value, str)]
    shown += texts.PRESETS.values()
    duration = re.compile(r"\b(\d+|one|two|three|five|ten) (seconds?|minutes?|hours?|min|s|h)\b")
    assert [text for text in shown if duration.search(text)] == []
    assert "{duration}" in texts.ESTIMATED
