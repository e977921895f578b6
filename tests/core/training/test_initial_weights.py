"""The network and the weights that a training starts from."""

import json
from dataclasses import replace

import pytest
import torch

from core.cli.main import main
from core.errors import UserError
from core.inference.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.models.network import Network
from core.presets import fast
from core.training.initial_weights import architecture_of, check_initial_weights, network_to_fine_tune

PRESET = fast("mr_bcnn")[0]
OWN = replace(PRESET, filters=2, descriptor=8, region_size=3, dropout=0.4)


def save(network, folder):
    torch.manual_seed(0)
    save_checkpoint(Checkpoint(Network(network).eval(), fast("mr_bcnn")[1], {}, {}), folder)
    return folder


@pytest.fixture
def start(tmp_path):
    return save(OWN, tmp_path / "start")


def test_fine_tuning_keeps_the_network_but_not_its_dropout(start):
    assert network_to_fine_tune(PRESET, start) == replace(OWN, dropout=PRESET.dropout)
    assert network_to_fine_tune(PRESET, None) == PRESET
    assert architecture_of(start) == "mr_bcnn"


def test_another_architecture_is_refused(start):
    for function in (network_to_fine_tune, check_initial_weights):
        with pytest.raises(UserError, match="is a network of the architecture mr_bcnn. It cannot be the start"):
            function(fast("cnn")[0], start)


@pytest.mark.parametrize(("filters", "message"), [(3, "must be a multiple of 2, not 3"), (1, "a multiple of 2")])
def test_filters_are_widened_by_whole_copies_only(start, filters, message):
    check_initial_weights(replace(OWN, filters=4), start)
    with pytest.raises(UserError, match=message):
        check_initial_weights(replace(OWN, filters=filters), start)


def test_a_comparison_method_is_no_start(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"baseline": {"method": "lomo_xqda", "descriptor": 4}}))
    (tmp_path / "weights.safetensors").write_bytes(b"")
    with pytest.raises(UserError, match="is a comparison method"):
        network_to_fine_tune(PRESET, tmp_path)


@pytest.mark.parametrize("network", [OWN, replace(OWN, groups=2), replace(OWN, architecture="cnn", region_size=5)])
def test_the_command_trains_the_network_of_the_start(network, market, tmp_path):
    """With a learning rate of 0, the trained weights are those of the start."""
    start = save(network, tmp_path / "start")
    still = ["learning_rate=0", "weight_decay=0", "average=0", "pca_power=0", "identities=2", "validation_identities=1"]
    options = ["--init", str(start), "--run", "mine", "--steps", "1", "--device", "cpu", "--set", *still]
    assert main(["train", str(market), *options]) == 0
    before, after = load_checkpoint(start).network, load_checkpoint(tmp_path / "runs" / "mine").network
    assert after.config == replace(before.config, dropout=PRESET.dropout)
    torch.testing.assert_close(after.linear.weight, before.linear.weight)


def test_a_setting_that_does_not_fit_the_start_creates_no_run(start, market, tmp_path, capsys):
    options = ["--init", str(start), "--run", "mine", "--set", "descriptor=9"]
    assert main(["train", str(market), *options]) == 2
    assert "It has descriptor 8 instead of 9" in capsys.readouterr().err and not (tmp_path / "runs" / "mine").exists()
