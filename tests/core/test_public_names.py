"""The names of `import core`: resolved when first used, and known to type checkers."""

import ast
from pathlib import Path

import pytest

import core

ROOT = Path(__file__).parents[2]


def test_type_checkers_see_the_names_that_are_resolved_when_used():
    branches = [node for node in ast.parse(Path(core.__file__).read_text()).body if isinstance(node, ast.If)]
    imports = [node for branch in branches for node in branch.body if isinstance(node, ast.ImportFrom)]
    seen = {alias.asname: f"{node.module}.{alias.name}" for node in imports for alias in node.names}
    assert seen == {name: f"{home}.{name}" for name, home in core._HOME.items()}


@pytest.mark.slow  # half a minute without the cache that `mypy` leaves in the checkout
def test_a_program_that_imports_core_has_its_types(tmp_path):
    from mypy import api  # the workflow of three systems does not install it

    program = tmp_path / "program.py"
    program.write_text('import core\nreveal_type(core.load("x").describe("y"))\ncore.lode\n')
    arguments = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache")]
    report, failure, _ = api.run([*arguments, str(program)])
    assert not failure
    assert 'Revealed type is "numpy.ndarray' in report
    assert 'Module has no attribute "lode"' in report
