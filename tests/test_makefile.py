"""The Makefile: each target needs only the programs that it uses, and a missing program is named in one sentence."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(not MAKE, reason="there is no make")


def make(*arguments: str, folder: Path = ROOT, **options) -> subprocess.CompletedProcess:
    return subprocess.run([MAKE, *arguments], cwd=folder, capture_output=True, text=True, **options)


def test_only_targets_with_a_browser_or_javascript_install_them():
    commands = {
        target: make("--dry-run", "--always-make", target).stdout
        for target in ("test-fast", "lint-python", "lint", "screenshots", "test")
    }
    assert {target for target, text in commands.items() if "find_browser" in text} == {"screenshots", "test"}
    assert {target for target, text in commands.items() if "npm" in text} == {"lint", "test"}


def test_a_program_that_cannot_be_installed_is_named(tmp_path):
    for name in ("Makefile", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "id").symlink_to(shutil.which("id"))
    done = make(".venv/js-installed", folder=tmp_path, env={"PATH": str(tmp_path / "bin")})
    assert done.returncode and "error: Install nodejs npm, and type make again." in done.stderr
    assert "not found" not in done.stderr and not (tmp_path / ".venv").exists()
