"""Baselines: the command that fits them, their folders, and the commands that use them like a checkpoint."""

import json

import numpy as np
import pandas as pd
import pytest
from conftest import draw_person
from scipy.spatial.distance import cdist

from core.baselines.lomo import lomo
from core.baselines.null_space import NullSpace
from core.baselines.xqda import XQDA
from core.cli.main import main
from core.data.datasets import read_dataset
from core.data.images import open_image
from core.data.records import Record
from core.errors import UserError
from core.evaluation.camera_centring import Centring
from core.evaluation.evaluate import evaluate_model
from core.evaluation.protocols import choose_protocol
from core.evaluation.report import find_reports, read_report
from core.inference.baseline_fitting import take_in_turn
from core.inference.checkpoint import load_checkpoint
from core.inference.lifting import points_of
from core.inference.model import load
from core.paper.baselines import evaluate, read_descriptors
from core.paper.stored_reports import read_or_evaluate

METHODS = ("xqda", "null-space")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def baselines(market, tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("baselines")
    for method in METHODS:
        assert main(["baseline", str(market), "--method", method, "--output", str(folder / method)]) == 0
    return {method: folder / method for method in METHODS}


@pytest.fixture
def data(market):
    dataset = read_dataset(market)
    protocol = choose_protocol(dataset, None)
    return dataset, protocol, protocol.divide(dataset, 1)


@pytest.mark.parametrize("method", METHODS)
def test_points_are_those_of_the_method_up_to_a_shift_and_a_factor(baselines, data, method):
    _, _, split = data
    rows, query = (np.stack([lomo(open_image(each.path)) for each in part]) for part in (split.train, split.query))
    identities, cameras = (np.array([getattr(each, name) for each in split.train]) for name in ("identity", "camera"))
    fitted = XQDA().fit(rows, identities, cameras) if method == "xqda" else NullSpace().fit(rows, identities)
    expected = fitted.transform(query)
    model = load(baselines[method])
    found = points_of(model.describe([each.path for each in split.query]))
    ratios = (
        cdist(found, found)[np.triu_indices(len(found), 1)] / cdist(expected, expected)[np.triu_indices(len(found), 1)]
    )
    np.testing.assert_allclose(ratios, ratios.mean(), rtol=0.02)  # float16 is stored
    lengths = np.linalg.norm(points_of(model.describe([each.path for each in split.train])), axis=1)
    assert lengths.max() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(("method", "name"), zip(METHODS, ("LOMO+XQDA", "LOMO+DiscrNullSpace"), strict=True))
def test_results_are_those_of_the_experiment(baselines, data, tmp_path, method, name):
    dataset, protocol, split = data
    expected = evaluate(name, protocol, split, read_descriptors(dataset, [split], tmp_path))
    report = evaluate_model(load(baselines[method]), dataset, protocol)
    assert report.result["summary"]["recall@1"] == pytest.approx(expected.summary["recall@1"])
    assert report.result["summary"]["mAP"] == pytest.approx(expected.summary["mAP"], abs=0.5)
    assert report.result["rule"].endswith("Euclidean distance")
    assert report.overlap.seen == 0
    report.write(tmp_path / method / report.folder / "market")
    [found] = find_reports([tmp_path], baselines=True).values()
    assert read_report(found).result["summary"] == report.result["summary"]
    assert not find_reports([tmp_path])  # the page Results lists networks only


def test_stored_reports_of_a_baseline_are_not_among_those_of_networks(baselines, data, tmp_path):
    report = evaluate_model(load(baselines["xqda"]), *data[:2])
    read_or_evaluate(tmp_path / "zero-shot", "xqda", "digest", lambda: report)
    again = read_or_evaluate(tmp_path / "zero-shot", "xqda", "digest", lambda: pytest.fail("evaluated again"))
    assert again.result["summary"] == report.result["summary"]
    assert not find_reports([tmp_path])


def test_centred_descriptors_are_compared_by_their_cosine(baselines, data):
    dataset, protocol, split = data
    model = load(baselines["xqda"])
    (query, _), (gallery, _) = (model.describe_records(each) for each in (split.query, split.gallery))
    cameras = [np.array([record.camera for record in each]) for each in (split.query, split.gallery)]
    centring = Centring().fit(np.concatenate([query, gallery]), np.concatenate(cameras))
    described = [centring.transform(*each) for each in zip((query, gallery), cameras, strict=True)]
    expected = protocol.score(described[0], split.query, described[1], split.gallery).summary
    result = evaluate_model(model, dataset, protocol, centre=True).result
    assert result["summary"] == expected
    assert "Euclidean" not in result["rule"]


def test_the_mirror_image_is_averaged(baselines, data):
    image = open_image(data[2].query[0].path)
    plain, flipped = load(baselines["xqda"]), load(baselines["xqda"], flip=True)
    both = points_of(plain.describe([image, image.transpose(0)]))
    np.testing.assert_allclose(points_of(flipped.describe(image))[0], both.mean(axis=0), atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_commands_use_a_baseline_like_a_checkpoint(baselines, market, tmp_path, monkeypatch, capsys, method):
    monkeypatch.chdir(tmp_path)
    folder, query = str(baselines[method]), next((market / "query").iterdir())
    assert main(["embed", folder, str(market), "--output", "stored"]) == 0
    assert main(["search", folder, "stored", str(query), "--csv", "stored.csv"]) == 0
    assert main(["search", folder, str(market), str(query), "--csv", "folder.csv"]) == 0
    stored, described = pd.read_csv("stored.csv"), pd.read_csv("folder.csv")
    assert stored["score"].tolist() == pytest.approx(described["score"].tolist(), abs=1e-4)
    assert main(["evaluate", folder, str(market)]) == 0
    assert main(["gallery", "add", "shop", str(market / "bounding_box_test"), "--model", folder]) == 0
    assert main(["search", folder, "shop", str(query)]) == 0
    capsys.readouterr()
    assert main(["compare", folder, str(query), str(described["path"][0])]) == 0
    assert float(capsys.readouterr().out.split()[1]) == pytest.approx(described["score"][0], abs=1e-3)
    assert main(["info", folder]) == 0
    assert "It is not a network." in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "{folder}", "{image}", "{image}", "--output", "why.json"],
        ["export", "{folder}", "--output", "model.onnx"],
        ["evaluate", "{folder}", "{data}", "--adapt"],
        ["calibrate", "{folder}", "{data}"],
        ["pack", "{folder}", "{data}", "--output", "packed"],
        ["train", "{data}", "--init", "{folder}", "--steps", "1"],
    ],
)
def test_what_needs_a_network_is_refused_in_one_sentence(baselines, market, tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    image = next((market / "query").iterdir())
    values = {"folder": baselines["xqda"], "image": image, "data": market}
    assert main([each.format(**values) for each in arguments]) == 2
    [line] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
    assert "not a network" in line


def test_the_record_of_the_training(baselines, market):
    model = load(baselines["null-space"])
    [record] = model.checkpoint.provenance.records
    assert (record.samples, len(record.trained)) == (model.fitted.images_.shape[0], 4)
    assert model.checkpoint.data["images_not_used"] == 0
    with pytest.raises(UserError, match=r"is a comparison method \(null-space\), not a network"):
        load_checkpoint(baselines["null-space"])


def test_images_are_not_used_and_named(market, tmp_path, capsys):
    output = tmp_path / "small"
    arguments = ["baseline", str(market), "--method", "null-space", "--images", "9", "--output", str(output)]
    assert main(arguments) == 0
    assert "training images were not used" in capsys.readouterr().out
    assert "training images were not used" in (output / "card.md").read_text(encoding="utf-8")
    assert len(load(output).fitted.images_) == 9
    assert main(arguments) == 0  # a baseline is replaced


def test_another_folder_is_not_replaced(market, tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("keep", encoding="utf-8")
    assert main(["baseline", str(market), "--output", str(tmp_path)]) == 2
    assert "already holds files" in capsys.readouterr().err


def test_a_damaged_folder_is_refused(baselines, tmp_path):
    for name in ("weights.safetensors", "config.json"):
        (tmp_path / name).write_bytes((baselines["xqda"] / name).read_bytes())
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    config["baseline"]["method"] = "other"
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(UserError, match="is not a folder written by"):
        load(tmp_path)


def test_images_are_taken_in_turn():
    records = [Record(f"{name}{camera}{shot}", name, camera) for name in "ab" for camera in (1, 2) for shot in range(3)]
    assert [each.path for each in take_in_turn(records, 5)] == ["a10", "a11", "a20", "b10", "b20"]
    assert take_in_turn(records, None) == records


def test_an_unreadable_image_is_named(baselines, tmp_path):
    draw_person(1, 1, 0).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no image")
    refused = []
    model = load(baselines["xqda"])
    descriptors, kept = model.describe_records(
        [Record(tmp_path / "a.png"), Record(tmp_path / "b.png")], on_error=lambda source, why: refused.append(source)
    )
    assert len(descriptors) == len(kept) == len(refused) == 1
