"""The house has floors, and imports go down only."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# the first prefix that fits a module tells its floor
FLOORS = {
    "core.config": 0,
    "core.images": 0,
    "core.errors": 0,
    "core.jsonfile": 0,
    "core.matfile": 0,
    "core.memory": 0,
    "core.processes": 0,
    "core.folders": 0,
    "core.data": 1,
    "core.models": 1,
    "core.losses": 1,
    "core.evaluation": 2,
    "core.provenance": 2,
    "core.checkpoint": 2,
    "core.card": 2,
    "core.describe": 2,
    "core.adaptation": 2,
    "core.export": 2,
    "core.training": 3,
    "core.search": 3,
    "core.explain": 3,
    "core.experiments": 4,
    "core.reproduce": 4,
    "core.zero_shot": 4,
    "core.calibration_commands": 4,
    "core.joining_commands": 4,
    "core.commands": 4,
    "core.gallery_commands": 4,
    "core.milvus_commands": 4,
    "core.training_commands": 4,
    "core.search_arguments": 4,
    "core.cli": 4,
    "core.__main__": 4,
    "app": 5,
}
FRONT_ENDS = {"streamlit", "gradio", "plotly", "app"}


def floor(module: str) -> int | None:
    fits = [prefix for prefix in FLOORS if module == prefix or module.startswith(prefix + ".")]
    return FLOORS[max(fits, key=len)] if fits else None


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imports(source: str) -> set[str]:
    """Names of all modules that a source imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def broken(module: str, source: str) -> list[str]:
    """What a module imports from a higher floor, in words."""
    own = floor(module)
    found = []
    for name in sorted(imports(source)):
        if module.startswith("core") and name.split(".")[0] in FRONT_ENDS:
            found.append(f"{module} imports {name}, but core knows no front end")
        elif floor(name) is not None and floor(name) > own:
            found.append(f"{module} (floor {own}) imports {name} (floor {floor(name)})")
    return found


MODULES = [
    path for folder in ("core", "app") for path in sorted((ROOT / folder).rglob("*.py")) if path.name != "__init__.py"
]


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_go_down_only(path):
    assert floor(module_name(path)) is not None, f"{path} lies on no floor: name it in FLOORS"
    assert broken(module_name(path), path.read_text()) == []


def test_a_broken_floor_is_named():
    assert broken("core.models.network", "from core.describe import Model") == [
        "core.models.network (floor 1) imports core.describe (floor 2)",
        "core.models.network (floor 1) imports core.describe.Model (floor 2)",
    ]
    assert broken("core.images", "import streamlit as st") == [
        "core.images imports streamlit, but core knows no front end"
    ]
    assert broken("core.cli", "def f():\n    from app.state import x")
    assert broken("core.search.gallery", "from core.models.network import Network") == []
