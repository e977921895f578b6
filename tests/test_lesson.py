"""The lesson for teachers: every exercise has a solution, its steps exist, and the notebook and the commands run."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from app.tour.progress import find_place

ROOT = Path(__file__).parents[1]
LESSON = (ROOT / "docs" / "lesson.md").read_text(encoding="utf-8")
CELLS = json.loads((ROOT / "docs" / "lesson.ipynb").read_text(encoding="utf-8"))["cells"]
ITEM = re.compile(r"^(\d+)\. ", re.M)


def section(heading: str) -> str:
    return LESSON.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def commands() -> list[str]:
    found = re.findall(r"^        (python .*)$|`(python -m core [^`]*)`", section("Solutions"), re.M)
    return ["".join(pair) for pair in found]


def run(command: str) -> str:
    arguments = [sys.executable, *shlex.split(command)[1:]]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_exercise_has_a_solution():
    exercises, solutions = (ITEM.findall(section(name)) for name in ("Exercises", "Solutions"))
    assert exercises == solutions == [str(number) for number in range(1, 11)]


def test_the_steps_of_the_plans_exist():
    steps = {
        step
        for name in ("Plan for 45 minutes", "Plan for 90 minutes")
        for step in re.findall(r"\b\d\.\d\b", section(name))
    }
    assert len(steps) > 10 and all(find_place(step) for step in steps)


@pytest.mark.slow
def test_the_notebook_runs_and_gives_the_figures_of_the_solutions(monkeypatch):
    monkeypatch.chdir(ROOT / "docs")
    names: dict = {}
    for number, cell in enumerate(CELLS):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
    assert names["failing_pair"] == (3, 1, 72.88) and "From camera 3 to camera 1: rank-1 is 72.9 %" in LESSON
    figures = [names[name] for name in ("unchanged", "swapped_colours", "upside_down")]
    stated = [
        float(value) / 100 for value in re.findall(r"(\d+) %", section("Solutions").split("\n7. ")[1].split("\n8. ")[0])
    ]
    assert figures == pytest.approx(stated, abs=0.02)  # rounding differs between machines
    assert names["largest_difference"] < 1e-3


def test_a_solution_of_the_notebook_is_marked():
    titles = [line for cell in CELLS for line in cell["source"] if line.startswith("## Exercise")]
    assert len(titles) == sum("solution" in cell["metadata"].get("tags", ()) for cell in CELLS) == 3


@pytest.mark.slow
def test_the_commands_of_the_solutions_print_their_figures():
    sizes, loss, comparison = (run(command) for command in commands() if "evaluate" not in command)
    assert re.findall(r"\d{3,}", sizes) == ["768", "6912", "10800"]
    assert "0.25" in loss
    for figure in ("90.44", "89.21", "p = 0.338", "4.5 points", "[3.0, 5.8]"):
        assert figure in comparison
