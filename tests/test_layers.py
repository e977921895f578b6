"""Each folder imports only from the folders named here: imports go down, and no circle is possible."""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# from the ground up; a folder may import from those named for it, which stand above it in this table
ALLOWED = {
    "core.errors": "",
    "core.array_files": "",
    "core.atomic_files": "",
    "core.counts": "",
    "core.folders": "",
    "core.colours": "",
    "core.geometry": "",
    "core.config": "core.errors core.geometry",
    "core.config_values": "core.errors core.config",
    "core.presets": "core.config",
    "core.json_file": "core.errors core.atomic_files",
    "core.read_only": "core.errors",
    "core.losses": "",
    "core.baselines": "core.errors",
    "core.jobs": "core.errors core.read_only core.json_file",
    "core.data": "core.errors core.atomic_files core.read_only core.counts core.config",
    "core.models": "core.errors core.config",
    "core.inference": "core.errors core.atomic_files core.folders core.config core.config_values core.json_file "
    "core.data core.models core.baselines",
    "core.evaluation": "core.errors core.atomic_files core.read_only core.counts core.folders core.config "
    "core.config_values core.json_file core.jobs core.data core.inference",
    "core.search": "core.errors core.atomic_files core.array_files core.data core.inference core.evaluation",
    "core.training": "core.errors core.atomic_files core.read_only core.folders core.config core.config_values "
    "core.json_file core.losses core.jobs core.data core.models core.inference core.evaluation",
    "core.galleries": "core.errors core.atomic_files core.read_only core.array_files core.counts core.folders "
    "core.json_file core.jobs core.data core.inference core.evaluation core.search",
    "core.milvus": "core.errors core.read_only core.json_file core.jobs core.data core.search core.galleries",
    "core.projection": "core.errors core.atomic_files core.read_only core.array_files core.colours core.losses "
    "core.jobs core.data core.models core.inference core.evaluation core.training core.galleries",
    "core.explain": "core.errors core.geometry core.colours core.config core.data core.models core.inference",
    "core.paper": "core.errors core.atomic_files core.counts core.folders core.config core.config_values core.presets "
    "core.json_file core.jobs core.data core.inference core.evaluation core.training core.baselines",
    "core.diagnosis": "core.errors core.read_only core.counts core.folders core.data core.inference core.evaluation",
    "core.cli": "core.errors core.counts core.folders core.config core.config_values core.presets core.json_file "
    "core.jobs core.data core.models core.inference core.evaluation core.search core.training core.galleries "
    "core.milvus core.projection core.explain core.paper core.diagnosis",
    "core.__main__": "core.jobs core.cli",
    "app.components": "core.colours core.data core.explain",
    "app.shared": "core app.components",
    "app.glossary": "app.components",
    "app.tour": "core app.components app.shared app.glossary",
    "app.search": "core app.components app.shared",
    "app.data": "core app.components app.shared",
    "app.regions": "core app.components app.shared",
    "app.compare": "core app.components app.shared",
    "app.embedding": "core app.components app.shared",
    "app.training": "core app.components app.shared",
    "app.results": "core app.components app.shared",
    "app.app_pages": "core app.components app.shared app.search app.data app.regions app.compare app.embedding "
    "app.training app.results",
    "app.main": "core app.shared app.glossary app.tour",
    "app.gradio_texts": "",
    "app.gradio_inputs": "core.errors app.gradio_texts",
    "app.gradio_tools": "core app.shared app.gradio_texts app.gradio_inputs",
    "app.gradio_search": "core app.shared app.gradio_texts app.gradio_inputs",
    "app.gradio_app": "core app.shared app.gradio_texts app.gradio_inputs app.gradio_tools app.gradio_search",
    "app.film": "core.cli",
    "app.classroom": "core app.shared",
}
FRONT_ENDS = {"streamlit", "gradio", "plotly", "app"}
MAX_CHAIN = {"core": 10, "app": 4}  # folders above each other
MODULES = [path for top in ("core", "app") for path in sorted((ROOT / top).rglob("*.py")) if path.stem != "__init__"]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def folder_of(module: str) -> str:
    """`core.search.gallery` -> `core.search`; "" for what is not ours."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] in ("core", "app") else ""


def imports(source: str) -> set[str]:
    """Names of all modules that a source imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            is_top = "." not in node.module  # `from app import state` imports app.state
            names |= {f"{node.module}.{alias.name}" for alias in node.names} if is_top else {node.module}
    return names


def violations(module: str, source: str) -> list[str]:
    """What a module imports and may not, in words."""
    own, found = folder_of(module), []
    allowed = {own, *ALLOWED[own].split()}
    for name in sorted(imports(source)):
        if module.startswith("core") and name.split(".")[0] in FRONT_ENDS:
            found.append(f"{module} imports {name}, but core knows no front end")
        elif folder_of(name) and not allowed & {folder_of(name), name.split(".")[0]}:
            found.append(f"{module} imports {name}, which {own} may not")
    return found


@cache
def chain(folder: str) -> int:
    """How many folders of its own half a folder stands on, itself counted."""
    top = folder.split(".")[0]
    return 1 + max((chain(below) for below in ALLOWED[folder].split() if below.startswith(top + ".")), default=0)


def unused(folder: str, paths: Iterable[Path]) -> set[str]:
    used = {name for path in paths for name in imports(path.read_text(encoding="utf-8"))}
    return set(ALLOWED[folder].split()) - {folder_of(name) for name in used} - {name.split(".")[0] for name in used}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_imports_what_its_folder_may(path):
    assert folder_of(module_name(path)) in ALLOWED, f"{path} is in no layer: name its folder in ALLOWED"
    assert violations(module_name(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("folder", ALLOWED)
def test_a_folder_may_import_what_stands_above_it_in_the_table_and_what_it_uses(folder):
    names = list(ALLOWED)
    above = {*names[: names.index(folder)], "core"}
    assert set(ALLOWED[folder].split()) <= above
    assert unused(folder, [path for path in MODULES if folder_of(module_name(path)) == folder]) == set()


@pytest.mark.parametrize("top", MAX_CHAIN)
def test_chains_of_folders_are_short(top):
    assert max(chain(folder) for folder in ALLOWED if folder.startswith(top + ".")) <= MAX_CHAIN[top]


def test_a_violation_is_named():
    assert violations("core.models.network", "from core.inference.model import Model") == [
        "core.models.network imports core.inference.model, which core.models may not"
    ]
    assert violations("core.data.images", "import streamlit as st") == [
        "core.data.images imports streamlit, but core knows no front end"
    ]
    assert violations("core.cli.main", "def f():\n    from app.shared.cache import x")
    assert violations("app.shared.cache", "from app.search import reranking")
    assert violations("core.training.loop", "from core import cli")
    assert violations("core.search.gallery", "from core.data.records import Record") == []
