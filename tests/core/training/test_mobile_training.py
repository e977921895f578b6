import json

import pytest
import torch
from conftest import draw_person
from safetensors.torch import load_file

from core.cli.main import main
from core.inference.backbone import convert_backbone
from core.inference.model import load
from core.models.mobilenet import Backbone

SMALL = ["--filters", "2", "--set", "descriptor=8", "image_columns=32", "region_size=1", "identities=2"]


@pytest.fixture
def backbone(tmp_path):
    torch.manual_seed(0)
    torch.save(Backbone().state_dict(), tmp_path / "weights.pt")
    convert_backbone(tmp_path / "weights.pt", tmp_path / "mobilenetv2")
    return tmp_path / "mobilenetv2"


def test_a_network_is_trained_from_backbone_weights_and_explained(market, backbone, tmp_path):
    """All commands: train with averaging and PCA power scaling, resume, explain, evaluate."""
    options = ["--architecture", "mobile_bcnn", "--init", str(backbone), "--run", "mine", "--steps", "4", *SMALL]
    options += ["keep_every=1", "validate_every=2", "checkpoint_every=1", "average=0.5", "validation_identities=1"]
    options += ["learning_rate=1e-9"]
    assert main(["train", str(market), *options, "images_per_identity=2"]) == 0
    run = tmp_path / "runs" / "mine"
    assert sorted(path.name for path in (run / "checkpoints").iterdir())[-2:] == ["averaged", "concentrated"]
    start = load_file(backbone / "backbone.safetensors")["features.7.conv.0.weight"]
    trained = load_file(run / "checkpoints" / "000004" / "weights.safetensors")["backbone.features.7.conv.0.weight"]
    torch.testing.assert_close(trained, start)
    provenance = json.loads((run / "checkpoints" / "000004" / "provenance.json").read_text())
    assert provenance["unknown"] == [] and len(provenance["records"]) == 1  # no identities of the backbone's training

    assert json.loads((run / "checkpoints" / "000004" / "config.json").read_text())["data"]["backbone"] == "mobilenetv2"

    for identity in (1, 2):
        draw_person(identity, 1, 0).save(tmp_path / f"{identity}.png")
    pair = [str(tmp_path / "1.png"), str(tmp_path / "2.png")]
    assert main(["explain", str(run), *pair, "--output", str(tmp_path / "terms.json")]) == 0
    found = json.loads((tmp_path / "terms.json").read_text())
    one, two = load(run, "cpu").describe(pair)
    assert sum(term["value"] for term in found["terms"]) == pytest.approx(float(one @ two), abs=1e-5)
    assert "lower half, row 2, column 2" in {term["probe"] for term in found["terms"]}
    assert main(["explain", str(run), *pair, "--output", str(tmp_path / "figure.svg")]) == 0
    assert "lower half, " in (tmp_path / "figure.svg").read_text()


def test_random_weights_are_refused_before_a_run_is_created(market, tmp_path, capsys):
    assert main(["train", str(market), "--architecture", "mobile_bcnn", "--run", "mine"]) != 0
    assert "starts from backbone weights" in capsys.readouterr().err
    assert not (tmp_path / "runs" / "mine").exists()


def test_camera_norm_trains_a_network_with_a_backbone(market, backbone, tmp_path):
    options = ["--architecture", "mobile_bcnn", "--init", str(backbone), "--run", "cameras", "--steps", "2", *SMALL]
    options += [
        "batches=cameras",
        "camera_norm=true",
        "identities=4",
        "images_per_identity=4",
        "validation_identities=1",
    ]
    assert main(["train", str(market), *options]) == 0
    assert (tmp_path / "runs" / "cameras" / "checkpoints" / "000002" / "weights.safetensors").exists()
