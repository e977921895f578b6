"""Apps and commands look in the same folders, wherever they are started."""

import os
import sys
import time
from pathlib import Path

import pytest

from app import film
from app.shared import settings
from core import folders
from core.cli.main import main, parser
from core.errors import UserError
from core.jobs.process import start_process
from core.presets import demo
from core.training.run_folder import Run

VARIABLES = {
    "MR_BCNN_RUNS": "runs",
    "MR_BCNN_GALLERIES": "galleries",
    "MR_BCNN_DATASETS": "datasets",
    "MR_BCNN_CHECKPOINTS": "checkpoints",
    "MR_BCNN_DATA": "assets/pedestrians",
}
FOLDERS = [
    folders.runs_folder,
    folders.galleries_folder,
    folders.datasets_folder,
    folders.checkpoints_folder,
    folders.data_folder,
]


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    """A project that lies elsewhere than the current directory, and no folder named by the environment."""
    (tmp_path / "checkout").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "checkout" / "pyproject.toml").touch()
    monkeypatch.setattr(folders, "CHECKOUT", tmp_path / "checkout")
    monkeypatch.chdir(tmp_path / "elsewhere")
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "checkout"


def test_the_checkout_is_this_one():
    assert folders.CHECKOUT == Path(__file__).resolve().parents[2]


def test_below_the_checkout_from_another_directory(checkout):
    assert [folder() for folder in FOLDERS] == [checkout / name for name in VARIABLES.values()]


def test_as_the_environment_says(checkout, monkeypatch, tmp_path):
    for number, variable in enumerate(VARIABLES):
        monkeypatch.setenv(variable, str(tmp_path / str(number)))
    assert [folder() for folder in FOLDERS] == [tmp_path / str(number) for number in range(len(FOLDERS))]


def test_below_the_current_directory_without_a_checkout(checkout):
    (checkout / "pyproject.toml").unlink()
    assert [folder() for folder in FOLDERS] == [Path(name) for name in VARIABLES.values()]


def test_relative_where_it_lies_below_the_current_directory(checkout, monkeypatch):
    monkeypatch.chdir(checkout)
    assert [folder() for folder in FOLDERS] == [Path(name) for name in VARIABLES.values()]
    monkeypatch.chdir(checkout.parent)
    assert folders.runs_folder() == Path("checkout/runs")


def test_app_and_commands_find_the_same_run(checkout, capsys):
    run = Run.create(checkout / "runs" / "mine", *demo("mr_bcnn"), {"folder": "people", "init": "weights"})
    run.write_status(state="finished")
    assert main(["runs"]) == 0
    assert "mine" in capsys.readouterr().out
    assert main(["stop", "mine"]) == 2  # it is found by its name, and is not running
    assert "mine is not running" in capsys.readouterr().err
    assert film.main(["mine", "--output", "film.html"]) == 2
    assert "There is no run" not in capsys.readouterr().err
    assert list(settings.list_models()) == ["runs/mine"]
    here = Path.cwd()
    assert (run.data["folder"], run.data["init"]) == (str(here / "people"), str(here / "weights"))  # to resume anywhere
    assert parser().parse_args(["reproduce", "demo"]).data == [checkout / "assets" / "pedestrians"]


def test_messages_say_where_was_looked_and_what_changes_it(checkout, capsys):
    (checkout / "pyproject.toml").unlink()
    assert main(["reproduce", "demo"]) == 2
    expected = f"There is no data folder assets/pedestrians in {Path.cwd()}; give a folder of images. MR_BCNN_DATA"
    assert expected in capsys.readouterr().err
    assert main(["gallery", "list"]) == main(["runs"]) == 0
    said = capsys.readouterr().out
    assert "There is no gallery in galleries." in said and "MR_BCNN_GALLERIES sets another folder" in said
    assert "There is no run in runs." in said and "MR_BCNN_RUNS sets another folder" in said
    with pytest.raises(UserError, match=r"There is no model in checkpoints\. .* MR_BCNN_CHECKPOINTS sets another"):
        settings.list_models()


def test_a_process_that_is_begun_looks_there_too(checkout, monkeypatch):
    """Even where another `core` lies in the current directory."""
    Run.create(checkout / "runs" / "mine", *demo("mr_bcnn"), {})
    Path("core").mkdir()
    Path("core/__init__.py").write_text("raise SystemExit('another core')")
    monkeypatch.setenv("MR_BCNN_RUNS", os.path.relpath(checkout / "runs"))
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parents[2]), *sys.path])
    start_process(["runs"], log := Path("log"))
    end = time.monotonic() + 60
    while "\n" not in (said := log.read_text()):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert "mine" in said, said
