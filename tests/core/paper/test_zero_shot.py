"""Models on data that they were never trained on."""

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from benchmarks import write_cuhk03_mat, write_viper

from core.cli.main import main
from core.data.datasets import read_dataset
from core.data.records import Dataset
from core.inference.checkpoint import load_checkpoint, save_checkpoint
from core.inference.model import Model, load
from core.inference.provenance import IdentityHash, Provenance, TrainingRecord, hash_identities
from core.paper.zero_shot import has_seen, usual_protocols

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MR_BCNN_CHECKPOINTS", "checkpoints")
    write_viper(tmp_path / "VIPeR")
    return tmp_path


def test_each_model_on_each_data_set_by_each_protocol(data, checkpoint, capsys):
    write_cuhk03_mat(data / "cuhk03" / "cuhk-03.mat", people=(6, 4, 1, 1, 1), test_sets=[[(1, 1), (2, 1)]] * 5)
    original = replace(load_checkpoint(checkpoint), provenance=Provenance())
    save_checkpoint(original, data / "checkpoints" / "one")
    viper = read_dataset("VIPeR")
    record = TrainingRecord("two", "viper", trained=frozenset(hash_identities(viper, viper.pool[:1])))
    save_checkpoint(replace(original, provenance=Provenance((record,))), data / "checkpoints" / "two")
    assert main(["reproduce", "zero-shot", "--data", "VIPeR", "cuhk03/detected"]) == 0
    output = capsys.readouterr().out
    assert "two was trained on viper: skipped" in output
    assert "left out: cuhk03-np. The new protocol needs cuhk03_new_protocol_config_detected.mat" in output
    table = pd.read_csv("runs/reproduce-zero-shot/table.csv", index_col="method")
    assert list(table.index) == ["one", "two"]
    names = ["viper", "cuhk03-detected-cuhk03-classic"]
    assert list(table.columns) == ["source", *(f"{name} {figure}" for name in names for figure in ("recall@1", "mAP"))]
    result = json.loads((data / "runs/reproduce-zero-shot/evaluations/viper-one/result.json").read_text())
    assert result["summary"]["recall@1"] == pytest.approx(table.loc["one", "viper recall@1"], abs=0.006)
    assert pd.isna(table.loc["two", "viper mAP"]) and not pd.isna(table.loc["two", f"{names[1]} mAP"])


@pytest.mark.parametrize(
    ("flags", "way"),
    [
        (["--flip"], "with mirror images"),
        (["--adapt"], "adapted to each camera"),
        (["--centre"], "cameras centred"),
        (["--adapt", "--flip"], "with mirror images and adapted to each camera"),
    ],
)
def test_the_way_of_describing_is_named(data, checkpoint, flags, way):
    assert main(["reproduce", "zero-shot", "--data", "VIPeR", "--checkpoint", str(checkpoint), *flags]) == 0
    table = pd.read_csv("runs/reproduce-zero-shot/table.csv")
    assert table["method"].tolist() == [f"{checkpoint.name} {way} [training identities unknown]"]
    assert table.columns[2:].tolist() == ["viper recall@1", "viper mAP"]


def test_what_cannot_be_measured_is_told(data, checkpoint, market, capsys):
    (data / "flat").mkdir()
    shutil.copy(next((market / "query").iterdir()), data / "flat")
    assert main(["reproduce", "zero-shot", "--data", "flat", "--checkpoint", str(checkpoint)]) == 2
    assert "nobody knows who is who" in capsys.readouterr().err
    assert main(["reproduce", "zero-shot", "--data", "VIPeR"]) == 2  # no shipped models here
    assert "name some with --checkpoint" in capsys.readouterr().err


def test_a_model_has_seen_data_if_any_identity_is_in_its_record(data, market, checkpoint):
    model, dataset = load(checkpoint), read_dataset(market)

    def asked(provenance=None, **about) -> bool:
        return has_seen(Model(replace(model.checkpoint, data=about, provenance=provenance)), dataset)

    own = TrainingRecord("r", "market", validated=frozenset(hash_identities(dataset, dataset.train[:1])))
    other = TrainingRecord("r", "market", trained=frozenset({IdentityHash("x", "y")}))
    assert asked(Provenance((other, own))) and not asked(Provenance((other,)), name="market")
    assert asked(name="market") and not asked(name="other")  # without a record its configuration decides
    assert [protocol.name for protocol in usual_protocols(read_dataset(data / "VIPeR"))] == ["viper"]
    assert [protocol.name for protocol in usual_protocols(Dataset(market, "identity folders"))] == ["all-identities"]
