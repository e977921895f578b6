"""One case: mutated files are written to a folder and read. `run_case` returns what happened."""

import os
import tempfile
import time
import traceback
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from random import Random

from fuzzing.mutations import MARKER, mutate
from fuzzing.readers import READERS, SHARES
from fuzzing.seeds import Files, make_seeds

from core.errors import MAX_CHARACTERS, UserError

MAX_SECONDS = 2
MAX_BYTES = 200 * 2**20
PEAK = Path("/proc/self/clear_refs")  # writing 5 resets the peak of this process's memory (Linux)


@dataclass(frozen=True)
class Outcome:
    """What a case did. `fault` is "" if it gave a result or one sentence, within the limits."""

    seed: int
    kind: str
    mutation: str
    said: str  # the sentence, "" for a result
    fault: str
    seconds: float
    growth: int  # bytes of memory above those at the start, at the peak


def make_case(seed: int, kind: str = "") -> tuple[str, Files, str]:
    """Return the kind, the files and the mutation of a case. The same seed gives the same case."""
    random = Random(seed)
    kind = kind or random.choice([name for name in READERS for _ in range(SHARES.get(name, 1))])
    files, mutation = mutate(random.choice(make_seeds()[kind]), kind, random)
    return kind, files, mutation


def warm_up() -> None:
    """Read all valid files once, so that no case pays for imports. A fault here is one of the seeds."""
    for kind, cases in make_seeds().items():
        for files in cases:
            outcome = _run(-1, kind, files, "none")
            assert not outcome.said and (not outcome.fault or outcome.fault.startswith("took ")), outcome


def run_case(seed: int, kind: str = "") -> Outcome:
    """Run a case in a folder of its own."""
    kind, files, mutation = make_case(seed, kind)
    return _run(seed, kind, files, mutation)


def _run(seed: int, kind: str, files: Files, mutation: str) -> Outcome:
    with tempfile.TemporaryDirectory() as outside, chdir(outside):
        folder = Path(outside, "case")
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        before, started, used = reset_peak(), time.perf_counter(), time.process_time()
        said = fault = ""
        try:
            READERS[kind](folder)
        except UserError as error:
            said = str(error)
            fault = _bad_sentence(said)
        except BaseException as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            fault = f"{type(error).__name__}: {str(error)[:200]} ({Path(last.filename).name}:{last.lineno})"
        # a busy machine makes the first longer, several threads the second
        seconds = min(time.perf_counter() - started, time.process_time() - used)
        growth = peak() - before
        written = {path.name for path in Path(outside).iterdir()} - {"case"}
        if (folder / MARKER).exists() or MARKER in written:
            fault = "a pickle was run"
        elif written:
            fault = f"wrote outside its folder: {sorted(written)}"
    if not fault and seconds > MAX_SECONDS:
        fault = f"took {seconds:.1f} s"
    if not fault and growth > MAX_BYTES:
        fault = f"took {growth / 1e6:.0f} MB"
    return Outcome(seed, kind, mutation, said, fault, seconds, growth)


def _bad_sentence(said: str) -> str:
    if "\n" in said.strip() or len(said) > MAX_CHARACTERS + 10 or not said.strip().endswith((".", "`", ")")):
        return f"not one sentence ({len(said)} characters): {said[:300]!r}"
    return ""


def reset_peak() -> int:
    """Reset the peak of this process's memory and return it in bytes; 0 where this is not known."""
    if not PEAK.exists():
        return 0
    PEAK.write_text("5")
    return _status("VmHWM")


def peak() -> int:
    """Return the peak of this process's memory in bytes since `reset_peak`; 0 where this is not known."""
    return _status("VmHWM") if PEAK.exists() else 0


def _status(name: str) -> int:
    lines = Path(f"/proc/{os.getpid()}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))
