import json

import pytest
import torch
from conftest import draw_person
from safetensors.torch import load_file

from core.cli.main import main
from core.errors import UserError
from core.inference.backbone import convert_backbone, is_backbone, load_backbone
from core.inference.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.inference.model import Model, load
from core.models.mobilenet import Backbone
from core.models.network import build_network
from core.training.initial_weights import load_initial_weights


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A file of torch with random weights and the names of MobileNetV2, including a layer after the backbone."""
    torch.manual_seed(0)
    tensors = Backbone().state_dict() | {"features.14.conv.0.weight": torch.zeros(576, 96, 1, 1)}
    file = tmp_path_factory.mktemp("released") / "weights.pt"
    torch.save(tensors, file)
    return file


@pytest.fixture(scope="module")
def folder(released, tmp_path_factory):
    folder = tmp_path_factory.mktemp("backbone") / "mobilenetv2"
    convert_backbone(released, folder)
    return folder


def test_command_converts_the_weights_of_the_backbone(released, tmp_path, capsys):
    assert main(["convert", str(released), "--backbone", "mobilenetv2", "--output", str(tmp_path / "backbone")]) == 0
    assert "542,528 weights of mobilenetv2" in capsys.readouterr().out
    before, after = torch.load(released, weights_only=True), load_file(tmp_path / "backbone" / "backbone.safetensors")
    assert after.keys() == before.keys() - {"features.14.conv.0.weight"}
    assert all(torch.equal(value, before[name]) for name, value in after.items())


def test_weights_are_loaded_into_the_backbone_only(folder):
    assert is_backbone(folder)
    network = build_network("mobile_bcnn", filters=4, descriptor=20)
    projection = network.streams[0].conv.weight.clone()
    load_initial_weights(network, folder)
    expected = load_file(folder / "backbone.safetensors")
    assert all(torch.equal(value, expected[name]) for name, value in network.backbone.state_dict().items())
    assert torch.equal(network.streams[0].conv.weight, projection)


def test_other_architectures_and_widths_refuse_backbone_weights(folder):
    with pytest.raises(UserError, match="use them with --architecture mobile_bcnn"):
        load_initial_weights(build_network("mr_bcnn", filters=2, descriptor=5), folder)
    with pytest.raises(UserError, match=r"features.0.0.weight has the shape \(32, 3, 3, 3\); expected \(8, 3, 3, 3\)"):
        load_backbone(Backbone(0.25), folder)
    with pytest.raises(UserError, match="backbone weights, not a network"):
        load_checkpoint(folder)


def damaged(tensors, kind):
    if kind == "missing":
        del tensors["features.5.conv.1.bias"]
    elif kind == "not finite":
        tensors["features.0.0.weight"][0, 0, 0, 0] = float("nan")
    elif kind == "negative":
        tensors["features.0.1.running_var"][0] = -1
    return tensors


@pytest.mark.parametrize("kind, message", [("missing", "no weights features.5"), ("not finite", "not finite"),
                                           ("negative", "negative variances")])  # fmt: skip
def test_weights_that_do_not_fit_are_refused(released, tmp_path, kind, message):
    torch.save(damaged(torch.load(released, weights_only=True), kind), tmp_path / "damaged.pt")
    with pytest.raises(UserError, match=message):
        convert_backbone(tmp_path / "damaged.pt", tmp_path / "backbone")
    assert not (tmp_path / "backbone").exists()


def test_files_that_are_not_weights_are_refused(tmp_path):
    file = tmp_path / "code.pt"
    torch.save(Backbone(0.1), file)  # a module: loading it would run code
    with pytest.raises(UserError, match="weights only"):
        convert_backbone(file, tmp_path / "backbone")
    torch.save([1, 2], file)
    with pytest.raises(UserError, match="dictionary of tensors"):
        convert_backbone(file, tmp_path / "backbone")
    file.write_text("text")
    with pytest.raises(UserError, match="not a file of torch"):
        convert_backbone(file, tmp_path / "backbone")
    with pytest.raises(UserError, match="There is no file"):
        convert_backbone(tmp_path / "none.pt", tmp_path / "backbone")


def test_checkpoint_describes_images_after_it_is_saved_and_loaded(tmp_path):
    torch.manual_seed(0)
    network = build_network("mobile_bcnn", filters=3, descriptor=20, image_columns=64, backbone_width=0.1)
    model = Model(Checkpoint(network))
    images = [draw_person(identity, 1, 0) for identity in (1, 2, 3)]
    save_checkpoint(Checkpoint(network), tmp_path / "saved")
    assert json.loads((tmp_path / "saved" / "config.json").read_text())["network"]["image_columns"] == 64
    again = load(tmp_path / "saved", "cpu")
    assert (again.describe(images) == model.describe(images)).all()
    alone = torch.from_numpy(model.prepare(images[1]).copy())[None]
    torch.testing.assert_close(network(alone)[0], torch.from_numpy(model.describe(images)[1]))
