"""Evaluation of a model, and reports on disk."""

import json

import numpy as np
import pytest
from benchmarks import write_cuhk03_mat, write_viper

from core.cli.main import main
from core.data.datasets import read_dataset
from core.errors import UserError
from core.evaluation.camera_centring import Centring
from core.evaluation.evaluate import evaluate_model
from core.evaluation.protocols import PROTOCOLS, choose_protocol
from core.evaluation.report import Report, find_reports, read_report
from core.inference.model import load
from core.inference.overlap import Overlap
from core.search.reranking import make_order


def test_write_and_read(market, checkpoint, tmp_path):
    dataset = read_dataset(market)
    report = evaluate_model(load(checkpoint), dataset, choose_protocol(dataset))
    assert report.name == "market-market1501" and report.result["splits"] == [1] and report.result["spread"] == {}
    assert report.probes["path"][0] == "query/0005_c1s1_000500_00.png"  # relative to the data set's folder
    assert str(market) not in json.dumps(report.result)
    folder = tmp_path / "runs" / "r" / "evaluations" / report.name
    report.write(folder)
    again = read_report(folder)
    assert again.result == report.result and again.probes.shape == report.probes.shape
    assert again.probes["identity"].tolist() == report.probes["identity"].tolist()  # not a number
    assert find_reports([tmp_path / "runs", tmp_path / "missing"]) == {"r: market-market1501": folder}
    shipped = tmp_path / "checkpoints" / "r" / "evaluations" / report.name
    report.write(shipped)  # a checkpoint and a run of one name
    (tmp_path / "runs" / "r" / "config.json").write_text("{}")
    both = {"r: market-market1501": shipped, "runs/r: market-market1501": folder}
    assert find_reports([tmp_path / "checkpoints", tmp_path / "runs"]) == both
    matrix = np.array(report.result["cameras"]["recall@1"], float)
    assert matrix.shape == (3, 3) and np.isnan(matrix.diagonal()).all()  # same-camera images are ignored


def test_read_result_of_an_earlier_version(market, checkpoint, tmp_path):
    dataset, model = read_dataset(market), load(checkpoint, "cpu")
    report = evaluate_model(model, dataset, choose_protocol(dataset, None), include_same_camera=True)
    report.write(tmp_path)
    result = json.loads((tmp_path / "result.json").read_text())
    result["training_pictures"] = result.pop("training_images") + 5
    result["same_camera_counts"] = result.pop("include_same_camera")
    (tmp_path / "result.json").write_text(json.dumps(result))
    again = read_report(tmp_path)
    assert again.name == report.name and again.name.endswith("-same-camera")
    assert again.result["training_images"] == report.result["training_images"] + 5


def test_splits_are_averaged(checkpoint, tmp_path):
    dataset = read_dataset(write_viper(tmp_path / "VIPeR"))
    report = evaluate_model(load(checkpoint), dataset, PROTOCOLS["viper"])
    assert report.name == "viper" and report.result["splits"] == list(range(1, 11))
    each = [evaluate_model(load(checkpoint), dataset, PROTOCOLS["viper"], n).result["summary"] for n in range(1, 11)]
    ones = [one["recall@1"] for one in each]
    assert report.result["summary"]["recall@1"] == pytest.approx(np.mean(ones), abs=1e-3)
    assert report.result["spread"]["recall@1"] == pytest.approx(np.std(ones, ddof=1), abs=1e-3)
    assert len(report.result["people"]) == 10 and len(report.result["people"][0]["test"]) == 4


def test_name_with_same_camera(market, checkpoint):
    dataset = read_dataset(market)
    report = evaluate_model(load(checkpoint), dataset, choose_protocol(dataset), include_same_camera=True)
    assert report.result["include_same_camera"] and report.name == "market-market1501-same-camera"


def test_name_with_mirror_images(market, checkpoint):
    dataset = read_dataset(market)
    report = evaluate_model(load(checkpoint, flip=True), dataset, choose_protocol(dataset))
    assert report.result["flip"] and report.name == "market-market1501-flip"


def test_name_and_rule_with_reranking(market, checkpoint):
    dataset = read_dataset(market)
    protocol, model = choose_protocol(dataset), load(checkpoint)
    report = evaluate_model(model, dataset, protocol, order=make_order(rerank=True, expansion=2))
    assert report.name == "market-market1501-expanded2-reranked" and report.scores is None
    assert report.result["rerank"] == {"k1": 20, "k2": 6, "lambda": 0.3} and report.result["expansion"] == 2
    assert "query expansion with the first 2 results" in report.figures["rule"] and "k1 20" in report.figures["rule"]
    assert report.figures["recall@1"] != evaluate_model(model, dataset, protocol).figures["recall@1"]


def test_camera_centring_by_hand(market, checkpoint):
    dataset = read_dataset(market)
    protocol, model = choose_protocol(dataset), load(checkpoint)
    report = evaluate_model(model, dataset, protocol, centre=True)
    assert report.name == "market-market1501-centred" and report.result["centred"]
    (query, _), (gallery, _) = (model.describe_records(records) for records in (dataset.query, dataset.gallery))
    cameras = [np.array([record.camera for record in records]) for records in (dataset.query, dataset.gallery)]
    centring = Centring().fit(np.concatenate([query, gallery]), np.concatenate(cameras))
    expected = protocol.score(
        centring.transform(query, cameras[0]), dataset.query, centring.transform(gallery, cameras[1]), dataset.gallery
    )
    assert report.result["summary"] == expected.summary
    assert expected.summary["mAP"] != evaluate_model(model, dataset, protocol).result["summary"]["mAP"]


def test_counted_scores_are_written(market, checkpoint, tmp_path):
    dataset = read_dataset(market)
    report = evaluate_model(load(checkpoint), dataset, choose_protocol(dataset))
    report.write(tmp_path)
    assert read_report(tmp_path).scores.figures == report.scores.figures
    assert report.scores.same.sum() == 24 and report.scores.own.sum() == 12  # 12 probes, 2 true matches each
    assert 0 < report.figures["EER"] < 100


def test_read_invalid_result_raises(tmp_path):
    (tmp_path / "result.json").write_text("[]")
    with pytest.raises(UserError, match="is not a result"):
        read_report(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("result.json", '{"data": "x"', "cannot be read as JSON"),
        ("result.json", '{"data": "x"}', "is not a result"),
        ("result.json", None, "cannot be read"),
        ("probes.csv", "", "cannot be read as a table"),
        ("probes.csv", 'path,identity\n"', "cannot be read as a table"),
        ("probes.csv", "path,identity,camera,first_rank\n", "column 'average_precision' is missing"),
        ("scores.csv", "score,same\n", "not a table of counted scores"),
    ],
)
def test_read_damaged_file_raises(market, checkpoint, tmp_path, name, text, message):
    dataset = read_dataset(market)
    evaluate_model(load(checkpoint), dataset, choose_protocol(dataset)).write(tmp_path)
    (tmp_path / name).unlink()
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(UserError, match=message):
        read_report(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"summary": []},
        {"curve": ["90"]},
        {"summary": {"recall@1": 5.0}},
        {"cameras": {}},
        {"region_size": "5"},
        {"architecture": "vgg"},
        {"tested_identities": 3},
        {"tested_identities": {"tested": "3"}},
        {"tested_identities": {"no_record_of": None}},
    ],
)
def test_read_result_with_invalid_value_raises(market, checkpoint, tmp_path, change):
    dataset = read_dataset(market)
    report = evaluate_model(load(checkpoint), dataset, choose_protocol(dataset))
    Report(report.result | change, report.probes).write(tmp_path)
    with pytest.raises(UserError, match="is not a result"):
        read_report(tmp_path)


def test_figures_contain_the_overlap():
    result = {"summary": {"recall@1": 1.0}, "protocol": "p", "rule": "r", "splits": [1]}
    figures = Report(result | {"tested_identities": Overlap(9, 2, 1).to_json()}, None).figures
    assert figures["tested_identities"]["seen"] == figures["test_people_trained_on"] == 3
    assert Report(result, None).figures["tested_identities"]["seen"] == "unknown"


def test_evaluate_command_writes_results(checkpoint, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    sets = [[(1, 1), (2, 1)]] * 5
    mat = write_cuhk03_mat(tmp_path / "cuhk-03.mat", test_sets=sets)
    arguments = ["evaluate", str(checkpoint), str(mat), "--protocol", "cuhk03-classic", "--json", "result.json"]
    assert main(arguments) == 0
    output = capsys.readouterr().out
    assert "1160/100/100" in output and "runs/tiny/evaluations/cuhk03-detected-cuhk03-classic" in output
    assert json.loads((tmp_path / "result.json").read_text())["splits"] == [1, 2, 3, 4, 5]
    assert main([*arguments, "--split", "2"]) == 0
    assert json.loads((tmp_path / "result.json").read_text())["splits"] == [2]
    kept = sorted(path.name for path in (tmp_path / "runs/tiny/evaluations").iterdir())
    assert kept == ["cuhk03-detected-cuhk03-classic", "cuhk03-detected-cuhk03-classic-split2"]
    assert main([*arguments, "--split", "6"]) == 2
    assert "splits 1 to 5" in capsys.readouterr().err
    assert main([*arguments, "--same-camera"]) == 2
    assert "has no same-camera images" in capsys.readouterr().err
    assert main(["evaluate", str(checkpoint), str(mat), "--protocol", "cuhk03-np"]) == 2
    error = capsys.readouterr().err
    assert "cuhk03_new_protocol_config_detected.mat" in error
