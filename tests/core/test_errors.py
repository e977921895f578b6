"""The message of an error is one line of printable text."""

import pytest

from core.errors import MAX_CHARACTERS, UserError


@pytest.mark.parametrize(
    "message, said",
    [
        ("Plain: 3 x 4 – ä.", "Plain: 3 x 4 – ä."),
        ("First.\n  Second\r\nthird.", "First. Second third."),
        ("a\0b \x1b[31m \ud800", "a\\x00b \\x1b[31m \\ud800"),
        ("two  spaces", "two  spaces"),
    ],
)
def test_a_message_is_one_printable_line(message, said):
    assert str(UserError(message)) == said


def test_a_long_message_keeps_its_start_and_its_end():
    said = str(UserError("start " + "x" * 100_000 + " do this."))
    assert said.startswith("start x") and said.endswith("x do this.") and len(said) < MAX_CHARACTERS + 10
