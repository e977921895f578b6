"""The Dockerfile repeats the README's installation, copies what exists, and runs without rights."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
INSTRUCTIONS = [line.split(None, 1) for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]


def arguments(instruction: str) -> list[str]:
    return [rest for name, rest in INSTRUCTIONS if name == instruction]


def test_every_line_is_an_instruction():
    known = {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert {name for name, _ in INSTRUCTIONS} <= known and INSTRUCTIONS[0][0] == "FROM"
    assert len(arguments("CMD")) == 1


def test_the_pip_lines_are_those_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    expected = {re.sub(r" +#.*", "", line) for line in re.findall(r"bin/pip install (.+)", readme)}
    installed = re.findall(r"pip install --no-cache-dir (.+?)(?: +&&|$)", " && ".join(arguments("RUN")))
    assert {line.strip() for line in installed} == {line.strip() for line in expected}


def test_the_python_is_a_supported_one():
    version = re.search(r"python:(\d+\.\d+)", arguments("FROM")[0])[1]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]


def test_what_is_copied_exists():
    for line in arguments("COPY"):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() for source in sources), line


def test_the_user_has_no_rights_and_the_health_is_checked():
    names = [name for name, _ in INSTRUCTIONS]
    assert arguments("USER") == ["app"] and names.index("USER") < names.index("CMD")
    assert "/_stcore/health" in arguments("HEALTHCHECK")[0]


def test_the_folders_that_are_set_are_those_of_the_program():
    used = (ROOT / "core" / "folders.py").read_text(encoding="utf-8")
    for name in re.findall(r"(\w+)=/data", arguments("ENV")[0]):
        assert f'"{name}"' in used, name


def test_the_workflow_tries_three_systems_and_three_versions():
    workflow = (ROOT / ".github" / "workflows" / "platforms.yml").read_text(encoding="utf-8")
    assert "os: [ubuntu-latest, macos-latest, windows-latest]" in workflow
    assert 'python: ["3.11", "3.12", "3.13"]' in workflow


def test_the_workflow_installs_what_the_collection_of_its_tests_imports():
    """A module that cannot be imported ends the run, also if all its tests are deselected."""
    workflow = (ROOT / ".github" / "workflows" / "platforms.yml").read_text(encoding="utf-8")
    assert "pytest tests/core tests/app -m" in workflow
    pins = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    missing = {name for name in re.findall(r"^([\w-]+)==", pins, re.M) if f'"{name}>=' not in workflow}
    assert {"mypy", "playwright", "onnx"} <= missing and "pytest" not in missing
    for path in [ROOT / "tests" / "conftest.py", *ROOT.glob("tests/core/**/*.py"), *ROOT.glob("tests/app/**/*.py")]:
        body = ast.parse(path.read_text(encoding="utf-8")).body
        names = {alias.name for node in body if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module for node in body if isinstance(node, ast.ImportFrom)}
        assert not {name.split(".")[0] for name in names} & {name.replace("-", "_") for name in missing}, path
