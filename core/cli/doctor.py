"""The command `doctor`."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.cli.arguments import add_command
from core.errors import explain_os_error

if TYPE_CHECKING:
    from core.diagnosis.finding import Finding

MARKS = {"ok": "✓", "note": "!", "failed": "✗"}
ASCII_MARKS = {"ok": "+", "note": "!", "failed": "x"}  # of a terminal whose encoding lacks the others


def add_doctor(commands) -> None:
    """Add the command `doctor`."""
    sub = add_command(commands, doctor)
    sub.add_argument("--json", action="store_true", help="print a JSON list instead of lines")


def doctor(options: argparse.Namespace) -> None:
    """Check this machine and installation: what works, what does not, and what to type."""
    from core.diagnosis import machine

    findings = [
        machine.check_python(),
        *machine.check_packages(),
        *machine.check_hardware(),
        *_check("torch", machine.check_torch),
        machine.check_browser(),
        *_check("data, checkpoints and folders", _check_storage),
        *machine.check_ports(),
    ]
    failed = [finding for finding in findings if finding.state == "failed"]
    if options.json:
        print(json.dumps([finding.to_json() for finding in findings], indent=2))
    else:
        marks = MARKS if _can_print(MARKS["ok"] + MARKS["failed"]) else ASCII_MARKS
        for finding in findings:
            print(f"{marks[finding.state]} {finding.topic}: {finding.sentence} {finding.advice}".rstrip())
        if failed:
            count = f"{len(failed)} checks" if len(failed) > 1 else "1 check"
            print(f"{count} failed: {', '.join(finding.topic for finding in failed)}.")
        else:
            print("All that is needed works.")
    if failed:
        raise SystemExit(1)


def _check_storage() -> "list[Finding]":
    from core.diagnosis import storage  # imports many packages

    return [*storage.check_data(), *storage.check_checkpoints(), *storage.check_folders()]


def _check(topic: str, check: Callable[[], "list[Finding]"]) -> "list[Finding]":
    """Run checks that import packages; a missing package or a folder without permission is a finding, too."""
    from core.diagnosis.finding import Finding

    try:
        return check()
    except ImportError as error:
        sentence = f"Not checked, because {error.name or error} cannot be imported."
        return [Finding(topic, "failed", sentence, "Type `pip install -r requirements.txt`.")]
    except OSError as error:
        return [Finding(topic, "failed", explain_os_error(error), "Give this user the permission to read the folder.")]


def _can_print(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
