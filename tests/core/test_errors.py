"""The message of an error is one line of printable text."""

import errno

import pytest

from core.errors import MAX_CHARACTERS, UserError, explain


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


@pytest.mark.parametrize(
    "error, said",
    [
        (OSError(errno.ENOSPC, "x", "a/b"), "a/b cannot be written: the disk has not enough free space."),
        (OSError(errno.ENOSPC, "x"), "A file cannot be written: the disk has not enough free space."),
        (OSError(errno.EROFS, "x", b"a/\xff"), "a/\\udcff cannot be written: the disk is read-only."),
        (PermissionError(errno.EACCES, "x", "a\nb"), "a b cannot be used: you do not have the permission."),
        (OSError(errno.EIO, "Input/output error", "a"), "Input/output error: a"),
        (OSError("whatever"), "whatever"),
        (UserError("A sentence."), "A sentence."),
    ],
)
def test_explain(error, said):
    assert explain(error).startswith(said)
