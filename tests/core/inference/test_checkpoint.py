import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import UserError
from core.inference.checkpoint import Checkpoint, fingerprint, load_checkpoint, save_checkpoint
from core.models.network import build_network
from core.presets import fast


@pytest.fixture
def copy(checkpoint, tmp_path):
    return shutil.copytree(checkpoint, tmp_path / "copy")


def test_save_and_load(tmp_path):
    network = build_network("cnn", filters=3, descriptor=20, batch_norm=True, bgr=False, mean=100.0)
    _, training = fast("cnn")
    save_checkpoint(Checkpoint(network, training, {"name": "x"}, {"step": 3}), tmp_path / "c")
    again = load_checkpoint(tmp_path / "c")
    assert again.network.config == network.config
    assert (again.training, again.data, again.metrics) == (training, {"name": "x"}, {"step": 3})
    assert not again.network.training
    for name, value in network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[name])


def test_subnormal_weights_become_zeros(tmp_path):
    network = build_network("mr_bcnn", filters=3, descriptor=20, batch_norm=True).eval()
    saved = network.linear.weight.detach().clone()
    with torch.no_grad():
        network.linear.weight[::2] *= 1e-38
    save_checkpoint(Checkpoint(network), tmp_path / "c")
    again = load_checkpoint(tmp_path / "c").network.linear.weight
    assert not again[::2].any() and torch.equal(again[1::2], saved[1::2])


def test_half_precision_halves_the_file_and_loads_as_float32(checkpoint, tmp_path):
    loaded = load_checkpoint(checkpoint)
    save_checkpoint(loaded, tmp_path / "half", half=True)
    size = (tmp_path / "half" / "weights.safetensors").stat().st_size
    assert size < 0.6 * (checkpoint / "weights.safetensors").stat().st_size
    again = load_checkpoint(tmp_path / "half").network
    assert again.linear.weight.dtype == torch.float32
    torch.testing.assert_close(again.linear.weight, loaded.network.linear.weight, rtol=1e-3, atol=1e-6)


def test_int8_weights_quarter_the_file_and_change_descriptors_little(tmp_path):
    network = build_network("mr_bcnn", filters=16, descriptor=40, batch_norm=True).eval()
    save_checkpoint(Checkpoint(network), tmp_path / "whole")
    save_checkpoint(Checkpoint(network), tmp_path / "small", half=True, int8=True)
    sizes = [(tmp_path / name / "weights.safetensors").stat().st_size for name in ("small", "whole")]
    assert sizes[0] < 0.35 * sizes[1]  # in such a small network the convolutions are a large part
    again = load_checkpoint(tmp_path / "small").network
    step = network.linear.weight.abs().amax(1, keepdim=True) / 127
    assert ((again.linear.weight - network.linear.weight).abs() <= 0.501 * step).all()
    images = torch.rand(4, 3, 160, 60, generator=torch.Generator().manual_seed(0)) * 255
    with torch.inference_mode():
        assert (again(images) * network(images)).sum(1).min() > 0.9995


def test_wrong_int8_scales_raise(tmp_path):
    save_checkpoint(Checkpoint(build_network("mr_bcnn", filters=2, descriptor=5)), tmp_path / "c", int8=True)
    weights = load_file(tmp_path / "c" / "weights.safetensors")
    save_file(weights | {"linear.weight.step": torch.ones(4)}, tmp_path / "c" / "weights.safetensors")
    with pytest.raises(UserError, match="linear.weight.step is in only one of them"):
        load_checkpoint(tmp_path / "c")


def test_fingerprint_changes_with_content(copy, checkpoint):
    assert fingerprint(copy) == fingerprint(checkpoint)
    config = json.loads((copy / "config.json").read_text())
    config["network"]["mean"] = 3.0
    (copy / "config.json").write_text(json.dumps(config))
    assert fingerprint(copy) != fingerprint(checkpoint)


def edit_config(folder, change):
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))


DAMAGE = {
    "config.json is missing": lambda f: (f / "config.json").unlink(),
    "weights.safetensors is missing": lambda f: (f / "weights.safetensors").unlink(),
    "damaged or truncated": lambda f: (f / "weights.safetensors").write_bytes(b"\x08" * 100),
    "is a Git LFS pointer, not the weights; run `git lfs pull`": lambda f: (f / "weights.safetensors").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0a\nsize 9\n"
    ),
    "cannot be read as JSON": lambda f: (f / "config.json").write_text("{"),
    "unknown key 'colour'": lambda f: edit_config(f, lambda c: c["network"].update(colour=1)),
    "unknown key 'extra'": lambda f: edit_config(f, lambda c: c.update(extra=1)),
    "filters must be int, not '8'": lambda f: edit_config(f, lambda c: c["network"].update(filters="8")),
    'with a "network" entry': lambda f: (f / "config.json").write_text("[]"),
    "does not fit its config.json": lambda f: edit_config(f, lambda c: c["network"].update(filters=5)),
    "is in only one of them": lambda f: edit_config(f, lambda c: c["network"].update(batch_norm=False)),
    "Unknown architecture": lambda f: edit_config(f, lambda c: c["network"].update(architecture="vit")),
}


@pytest.mark.parametrize("sentence", DAMAGE)
def test_damage_raises_one_sentence(copy, sentence):
    DAMAGE[sentence](copy)
    with pytest.raises(UserError, match=sentence) as caught:
        load_checkpoint(copy)
    assert "\n" not in str(caught.value)


def test_truncated_file_raises(copy):
    weights = copy / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(UserError, match="damaged or truncated"):
        load_checkpoint(copy)


def test_missing_folder_raises_with_a_command(tmp_path):
    with pytest.raises(UserError, match="python -m core train"):
        load_checkpoint(tmp_path / "nowhere")
