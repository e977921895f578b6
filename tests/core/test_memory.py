import subprocess
import sys

from core import memory

FAULTS = """
import resource, sys
import numpy as np
from core.memory import keep_freed_memory

assert sys.argv[1] != "keep" or keep_freed_memory()
np.ones(1 << 23)  # 64 MiB, freed at once
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    np.ones(1 << 23)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(word: str) -> int:
    return int(subprocess.run([sys.executable, "-c", FAULTS, word], capture_output=True, text=True, check=True).stdout)


def test_what_was_freed_is_not_fetched_anew():
    assert page_faults("keep") * 10 < page_faults("give back")


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert memory.keep_freed_memory() is False
