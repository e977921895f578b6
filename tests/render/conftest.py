"""One tiny data set, rendered once for all tests by the command itself, with two processes."""

import hashlib
from pathlib import Path

import pytest

from assets.render.__main__ import main

TINY = ["--seed", "7", "--train", "2", "--test", "3", "--distractors", "8"]


def render(folder: Path, *arguments: str) -> Path:
    main(["--out", str(folder), *(arguments or TINY)])
    return folder


def digests(folder: Path) -> dict[str, str]:
    """{path: SHA-256} of every file below a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="session")
def rendering(tmp_path_factory) -> Path:
    return render(tmp_path_factory.mktemp("render") / "two", *TINY, "--jobs", "2")
