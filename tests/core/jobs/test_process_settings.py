import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.jobs import process_settings

ROOT = Path(__file__).parents[3]

FAULTS = """
import resource, sys
import numpy as np
from core.jobs.process_settings import keep_freed_memory

assert sys.argv[1] != "keep" or keep_freed_memory()
np.ones(1 << 23)  # 64 MiB, freed at once
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    np.ones(1 << 23)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(word: str) -> int:
    return int(subprocess.run([sys.executable, "-c", FAULTS, word], capture_output=True, text=True, check=True).stdout)


def test_freed_memory_is_kept():
    assert page_faults("keep") * 10 < page_faults("give back")


def test_keep_freed_memory_does_nothing_on_other_systems(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert process_settings.keep_freed_memory() is False


AT_IMPORT = """
import os, runpy, sys

class Look:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            print(os.environ.get("OMP_WAIT_POLICY"))

sys.meta_path.insert(0, Look())
sys.argv[0] = "core"
runpy.run_module(sys.argv.pop(1), run_name="__main__")
"""


def policy_at_import(module: str, *arguments: str) -> str:
    """Return OpenMP's wait policy when the module imports torch."""
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    command = [sys.executable, "-c", AT_IMPORT, module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
    return done.stdout.splitlines()[0]


@pytest.mark.slow
def test_only_commands_set_the_wait_policy(checkpoint):
    assert policy_at_import("core", "info", str(checkpoint)) == "PASSIVE"
    assert policy_at_import("core.training.training_run") == "None"  # the library


def test_library_does_not_change_the_allocator():
    users = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "core").rglob("*.py")
        if {"mallopt", "keep_freed_memory"} & set(path.read_text().replace("(", " ").replace(".", " ").split())
    ]
    assert sorted(users) == ["core/__main__.py", "core/jobs/process_settings.py"]
