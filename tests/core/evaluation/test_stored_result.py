"""Results of different models or data of one name are kept apart; measuring the same again replaces the result."""

import json
from pathlib import Path

import pandas as pd
import pytest

from core.data.addresses import absolute_address
from core.evaluation.report import Report, find_reports
from core.evaluation.stored_result import is_of_data, store_result

REPORT = Report({"data": "images", "protocol": "every-image", "splits": [1]}, pd.DataFrame({"path": ["a.png"]}))


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MR_BCNN_RUNS", str(tmp_path / "runs"))
    return tmp_path


def store(checkpoint: str, data: str) -> str:
    for folder in data.split("++"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    Path(checkpoint).mkdir(parents=True, exist_ok=True)
    return store_result(REPORT, Path(checkpoint), data).absolute().relative_to(Path.cwd() / "runs").as_posix()


def test_results_of_other_data_or_another_model_of_the_same_name_get_a_number():
    for folder in ("north/ck", "south/ck"):
        Path(folder).mkdir(parents=True)
    assert store("north/ck", "shop1/images") == "ck/evaluations/images-every-image"
    assert store("north/ck", "shop2/images") == "ck/evaluations/images-every-image~2"
    assert store("south/ck", "shop1/images") == "ck/evaluations/images-every-image~3"
    assert store("north/ck", f"{Path.cwd()}/shop2/images") == "ck/evaluations/images-every-image~2"
    assert store("north/ck", "shop1/images") == "ck/evaluations/images-every-image"
    assert len(find_reports([Path("runs")])) == 3


def test_data_that_were_moved_are_the_same_data():
    assert store("ck", "old/images") == "ck/evaluations/images-every-image"
    report = Report(json.loads(Path("runs/ck/evaluations/images-every-image/result.json").read_text()), REPORT.probes)
    assert is_of_data(report, "old/images") and not is_of_data(report, "other/images")
    Path("old").rename("new")
    assert is_of_data(report, "new/images")
    assert store("ck", "new/images") == "ck/evaluations/images-every-image"
    assert is_of_data(REPORT, "new/images")  # it does not say


def test_a_result_of_a_checkpoint_elsewhere_is_not_one_of_the_run_of_its_name():
    name = "images-every-image"
    for folder in ("checkpoints/ck", "runs/ck"):
        Path(folder).mkdir(parents=True)
        Path(folder, "config.json").write_text("{}")
    shipped = Path("checkpoints/ck/evaluations", name)
    REPORT.write(shipped)
    here = Path("runs") / store("checkpoints/ck", "images")
    folders = [Path("checkpoints"), Path("runs")]
    assert find_reports(folders) == {f"ck: {name}": here}  # the newer result of the same checkpoint
    Path("runs/ck/checkpoints").mkdir()
    own = Path("runs") / store("runs/ck", "images")
    assert find_reports(folders) == {f"ck: {name}": here, f"ck: {name}~2": own}


def test_a_run_that_is_renamed_replaces_its_own_results():
    Path("runs/a/checkpoints/000500").mkdir(parents=True)
    Path("runs/a/config.json").write_text("{}")
    assert store("runs/a", "images") == "a/evaluations/images-every-image"
    assert store("runs/a/checkpoints/000500", "images") == "a/evaluations/images-every-image-000500"
    Path("runs/a").rename("runs/b")
    assert store("runs/b", "images") == "b/evaluations/images-every-image"
    assert store("runs/b/checkpoints/000500", "images") == "b/evaluations/images-every-image-000500"
    assert store("runs/b/checkpoints/000500", "other/images") == "b/evaluations/images-every-image~2-000500"


@pytest.mark.parametrize("text", ["{}", "[]", "{"])
def test_results_of_earlier_versions_and_damaged_ones_are_replaced(text):
    file = Path("runs/ck/evaluations/images-every-image/result.json")
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert store("ck", "images") == "ck/evaluations/images-every-image"
    assert json.loads(file.read_text())["measured"]["data"] == absolute_address("images")


def test_models_whose_names_differ_after_a_dot_have_separate_results():
    assert store("model.v1", "images") != store("model.v2", "images")


def test_all_folders_and_files_of_an_address_become_absolute(workplace):
    assert absolute_address("one++two") == f"{workplace}/one++{workplace}/two"
    assert absolute_address("one::a.toml++two::viper") == f"{workplace}/one::{workplace}/a.toml++{workplace}/two::viper"
