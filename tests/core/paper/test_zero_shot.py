"""Zero-shot evaluation."""

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from benchmarks import write_cuhk03_folder, write_cuhk03_mat, write_new_protocol, write_viper

from core.cli.main import main
from core.data.datasets import read_dataset
from core.data.records import Dataset, Record
from core.data.splits import Split
from core.inference.checkpoint import load_checkpoint, save_checkpoint
from core.inference.model import Model, load
from core.inference.provenance import IdentityHash, Provenance, TrainingRecord, hash_identities
from core.paper.stored_reports import make_digest
from core.paper.zero_shot import has_seen, usual_protocols

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MR_BCNN_CHECKPOINTS", "checkpoints")
    write_viper(tmp_path / "VIPeR")
    return tmp_path


def test_zero_shot_table(data, checkpoint, capsys):
    write_cuhk03_mat(data / "cuhk03" / "cuhk-03.mat", people=(6, 4, 1, 1, 1), test_sets=[[(1, 1), (2, 1)]] * 5)
    original = replace(load_checkpoint(checkpoint), provenance=Provenance())
    save_checkpoint(original, data / "checkpoints" / "one")
    viper = read_dataset("VIPeR")
    record = TrainingRecord("two", "viper", trained=frozenset(hash_identities(viper, viper.pool[:1])))
    save_checkpoint(replace(original, provenance=Provenance((record,))), data / "checkpoints" / "two")
    assert main(["reproduce", "zero-shot", "--data", "VIPeR", "cuhk03/detected"]) == 0
    output = capsys.readouterr().out
    assert "two was trained on viper: skipped" in output
    assert "skipped: cuhk03-np. The new protocol needs the file cuhk03_new_protocol_config_detected.mat" in output
    table = pd.read_csv("runs/reproduce-zero-shot/table.csv", index_col="method")
    assert list(table.index) == ["one", "two"]
    names = ["viper", "cuhk03-detected-cuhk03-classic"]
    assert list(table.columns) == ["source", *(f"{name} {figure}" for name in names for figure in ("recall@1", "mAP"))]
    result = json.loads((data / "runs/reproduce-zero-shot/evaluations/viper-one/result.json").read_text())
    assert result["summary"]["recall@1"] == pytest.approx(table.loc["one", "viper recall@1"], abs=0.006)
    assert pd.isna(table.loc["two", "viper mAP"]) and not pd.isna(table.loc["two", f"{names[1]} mAP"])


@pytest.mark.parametrize(
    ("flags", "options"),
    [
        (["--flip"], "mirror images"),
        (["--adapt"], "batch-norm adaptation"),
        (["--centre"], "camera centring"),
        (["--adapt", "--flip"], "mirror images and batch-norm adaptation"),
    ],
)
def test_method_names(data, checkpoint, flags, options):
    assert main(["reproduce", "zero-shot", "--data", "VIPeR", "--checkpoint", str(checkpoint), *flags]) == 0
    table = pd.read_csv("runs/reproduce-zero-shot/table.csv")
    assert table["method"].tolist() == [f"{checkpoint.name} with {options} [training identities unknown]"]
    assert table.columns[2:].tolist() == ["viper recall@1", "viper mAP"]


def test_rows_have_intervals_if_there_are_enough_identities(data, checkpoint, monkeypatch):
    monkeypatch.setattr("core.evaluation.uncertainty.MIN_IDENTITIES", 2)
    folder = write_viper(data / "more" / "VIPeR")
    people = sorted((folder / "cam_b").iterdir())
    people[0].write_bytes(people[1].read_bytes())  # two people are confused in every split that tests them
    assert main(["reproduce", "zero-shot", "--data", str(folder), "--checkpoint", str(checkpoint)]) == 0
    row = pd.read_csv("runs/reproduce-zero-shot/table.csv").iloc[0]
    low, value, high = (row[f"viper mAP{end}"] for end in (" low", "", " high"))
    assert low <= value <= high and low < high
    assert "95 % interval" in (data / "runs/reproduce-zero-shot/table.txt").read_text()


def test_nothing_to_evaluate_raises(data, checkpoint, market, capsys):
    (data / "flat").mkdir()
    shutil.copy(next((market / "query").iterdir()), data / "flat")
    assert main(["reproduce", "zero-shot", "--data", "flat", "--checkpoint", str(checkpoint)]) == 2
    assert "without identities" in capsys.readouterr().err
    assert main(["reproduce", "zero-shot", "--data", "VIPeR"]) == 2  # there are no shipped models
    assert "Choose other models with --checkpoint" in capsys.readouterr().err


def test_has_seen(data, market, checkpoint):
    model, dataset = load(checkpoint), read_dataset(market)

    def is_seen(provenance=None, **about) -> bool:
        return has_seen(Model(replace(model.checkpoint, data=about, provenance=provenance)), dataset)

    own = TrainingRecord("r", "market", validated=frozenset(hash_identities(dataset, dataset.train[:1])))
    other = TrainingRecord("r", "market", trained=frozenset({IdentityHash("x", "y")}))
    assert is_seen(Provenance((other, own))) and not is_seen(Provenance((other,)), name="market")
    assert is_seen(name="market") and not is_seen(name="other")  # without provenance, the configuration decides
    assert [protocol.name for protocol in usual_protocols(read_dataset(data / "VIPeR"))] == ["viper"]
    assert [protocol.name for protocol in usual_protocols(Dataset(market, "identity folders"))] == ["all-identities"]


def test_the_table_begins_with_published_results(data, checkpoint):
    stems = [f"1_{person:03d}_{view}_{5 * view - 4:02d}" for person in (1, 2) for view in (1, 2)]
    write_cuhk03_folder(data / "cuhk03")
    write_new_protocol(data / "cuhk03", "detected", stems, train=[0, 1], query=[2], gallery=[3])
    assert main(["reproduce", "zero-shot", "--data", "VIPeR", "cuhk03", "--checkpoint", str(checkpoint)]) == 0
    table = pd.read_csv("runs/reproduce-zero-shot/table.csv")
    assert table["source"].tolist() == ["published"] * 4 + ["this project"]
    assert table.columns[2] == "viper recall@1" and pd.isna(table["viper recall@1"][0])
    assert table["cuhk03-detected-cuhk03-np recall@1"][:2].tolist() == [4.1, 7.4]


def test_the_digest_of_a_combined_data_set_is_that_of_its_images(tmp_path, checkpoint):
    images = [tmp_path / name / "0.png" for name in ("one", "other")]
    for image in images:
        image.parent.mkdir()
        image.write_bytes(b"x")
    combined = Dataset(tmp_path / "one+other", "combined")

    def digest() -> str:
        split = Split(1, "", [], [], [Record(images[0], "a")], [Record(images[1], "a")])
        return make_digest(checkpoint, combined, [split], "single-query")

    before = digest()
    assert digest() == before
    images[1].write_bytes(b"changed")
    assert digest() != before
