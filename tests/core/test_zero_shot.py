"""Models on data that they were never trained on."""

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from benchmarks import write_cuhk03_mat, write_viper

from core.checkpoint import load_checkpoint, save_checkpoint
from core.cli import main
from core.data.layout import read_dataset
from core.evaluation.protocols import knows
from core.zero_shot import usual_protocols

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_viper(tmp_path / "VIPeR")
    return tmp_path


def test_each_model_on_each_data_set_by_each_protocol(data, checkpoint, capsys):
    write_cuhk03_mat(data / "cuhk03" / "cuhk-03.mat", people=(6, 4, 1, 1, 1), test_sets=[[(1, 1), (2, 1)]] * 5)
    original = load_checkpoint(checkpoint)
    save_checkpoint(original, data / "checkpoints" / "one")
    of_viper = replace(original, data={"name": "viper", "layout": "viper", "protocol": "viper", "split": 1})
    save_checkpoint(of_viper, data / "checkpoints" / "two")
    assert main(["reproduce", "zero-shot", "--data", "VIPeR", "cuhk03/detected"]) == 0
    output = capsys.readouterr().out
    assert "two was trained on viper: left out there" in output
    assert "left out: cuhk03-np. The new protocol needs cuhk03_new_protocol_config_detected.mat" in output
    table = pd.read_csv("runs/reproduce-zero-shot/table.csv", index_col="method")
    assert list(table.index) == ["one", "two"]
    names = ["viper", "cuhk03-detected-cuhk03-classic"]
    assert list(table.columns) == ["source", *(f"{name} {figure}" for name in names for figure in ("recall@1", "mAP"))]
    result = json.loads((data / "runs/reproduce-zero-shot/evaluations/viper-one/result.json").read_text())
    assert result["summary"]["recall@1"] == pytest.approx(table.loc["one", "viper recall@1"], abs=0.006)
    assert pd.isna(table.loc["two", "viper mAP"]) and not pd.isna(table.loc["two", f"{names[1]} mAP"])


@pytest.mark.parametrize(("flags", "way"), [
    (["--flip"], "with mirror images"), (["--adapt"], "adapted to each camera"),
    (["--centre"], "cameras centred"),
    (["--adapt", "--flip"], "with mirror images and adapted to each camera")])  # fmt: skip
def test_the_way_of_describing_is_named(data, checkpoint, flags, way):
    assert main(["reproduce", "zero-shot", "--data", "VIPeR", "--checkpoint", str(checkpoint), *flags]) == 0
    table = pd.read_csv("runs/reproduce-zero-shot/table.csv")
    assert table["method"].tolist() == [f"{checkpoint.name} {way}"]
    assert table.columns[2:].tolist() == ["viper recall@1", "viper mAP"]


def test_what_cannot_be_measured_is_told(data, checkpoint, market, capsys):
    (data / "flat").mkdir()
    shutil.copy(next((market / "query").iterdir()), data / "flat")
    assert main(["reproduce", "zero-shot", "--data", "flat", "--checkpoint", str(checkpoint)]) == 2
    assert "nobody knows who is who" in capsys.readouterr().err
    assert main(["reproduce", "zero-shot", "--data", "VIPeR"]) == 2  # no shipped models here
    assert "name some with --checkpoint" in capsys.readouterr().err


def test_a_model_knows_its_own_data_alone(market, data):
    dataset = read_dataset(market)
    assert knows({"name": dataset.name, "layout": "market1501"}, dataset)
    assert not knows({"name": "other", "layout": "market1501"}, dataset)
    viper = read_dataset(data / "VIPeR")
    assert knows({"name": "a copy", "layout": "viper"}, viper) and not knows({}, viper)
    assert [protocol.name for protocol in usual_protocols(viper)] == ["viper"]
