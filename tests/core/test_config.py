import json
from dataclasses import fields

import pytest
import torch

from core.config import NETWORK_RANGES, TRAINING_RANGES, NetworkConfig, TrainingConfig
from core.config_values import from_json, set_fields, to_json
from core.errors import UserError
from core.folders import CHECKOUT
from core.presets import PRESETS, paper


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("architecture", ["mr_bcnn", "b_cnn", "cnn"])
def test_to_json_and_back(preset, architecture):
    for config in PRESETS[preset](architecture):
        assert from_json(type(config), json.loads(json.dumps(to_json(config)))) == config


def test_paper_preset_equals_the_authors():
    network, training = PRESETS["paper"]("mr_bcnn")
    assert (network.filters, network.region_size, network.descriptor, network.dropout) == (64, 5, 500, 0.5)
    assert network.bgr and network.scale == 1 / 256 and network.mean == 0
    assert not network.batch_norm and not network.normalise_regions
    assert (training.batches, training.batch_size, training.cap) == ("label_shuffled", 128, 10)
    assert (training.learning_rate, training.step_every, training.steps) == (1e-4, 100_000, 150_000)
    assert training.weight_decay == 5e-4 and training.nodes == 201
    assert not (training.flip or training.shift_rows or training.shift_columns or training.erase or training.colour)


def test_every_number_has_a_range():
    ranges = {*NETWORK_RANGES, *TRAINING_RANGES, "cameras_per_batch"}  # the last one depends on other fields
    numbers = {field.name for field in fields(TrainingConfig) if field.type in (int, float)}
    assert numbers <= ranges


def test_configurations_of_the_shipped_checkpoints_can_be_read():
    for file in (CHECKOUT / "checkpoints").glob("*/config.json"):
        config = json.loads(file.read_text())
        from_json(NetworkConfig, config["network"])
        from_json(TrainingConfig, config.get("training", {}))


def test_the_largest_seed_is_one_of_torch_in_every_step():
    def of_step(seed: int, step: int) -> int:
        number = seed * 1_000_003 + step  # core.training.loop
        return torch.Generator().manual_seed(number).initial_seed() - number

    assert of_step(TRAINING_RANGES["seed"][1], 10**9) == 0
    with pytest.raises((RuntimeError, ValueError), match="Overflow"):
        of_step(20260301123456, 1)


@pytest.mark.parametrize(
    "kind, values, sentence",
    [
        (NetworkConfig, {"filter": 3}, "unknown key 'filter'"),
        (NetworkConfig, {"filters": True}, "filters must be int"),
        (NetworkConfig, {"region_size": 4}, "1, 3, 5 or 15"),
        (NetworkConfig, [], "JSON object"),
        (TrainingConfig, {"steps": 0}, "steps must be at least 1"),
        (TrainingConfig, {"schedule": "fast"}, "one_cycle or step or plateau"),
        (TrainingConfig, {"seed": -1}, "seed must be from 0 to 10,000,000,000,000, not -1"),
        (TrainingConfig, {"images_per_identity": 1}, "images_per_identity must be at least 2"),
        (TrainingConfig, {"seed": 20260301123456}, "seed must be from 0 to 10,000,000,000,000"),
        (TrainingConfig, {"identities": 1}, "identities must be at least 2, not 1"),
        (TrainingConfig, {"validation_identities": -1}, "validation_identities must be at least 0, not -1"),
        (TrainingConfig, {"shift_rows": -1}, "shift_rows must be at least 0"),
        (TrainingConfig, {"blur": -1.0}, "blur must be at least 0"),
        (TrainingConfig, {"weight_decay": -1.0}, "weight_decay must be at least 0"),
        (TrainingConfig, {"learning_rate": float("nan")}, "learning_rate must be at least 0, not nan"),
        (TrainingConfig, {"learning_rate": float("inf")}, "learning_rate must be at least 0, not inf"),
        (TrainingConfig, {"erase": 7.0}, "erase must be from 0 to 1, not 7"),
        (TrainingConfig, {"warm_up": 5.0}, "warm_up must be from 0 to 1, not 5"),
        (TrainingConfig, {"zoom": 1.5}, "zoom must be from 0 to 0.9, not 1.5"),
        (NetworkConfig, {"dropout": 2.0}, "dropout must be from 0 to 0.99, not 2"),
        (TrainingConfig, {"nodes": 1}, "nodes must be at least 2"),
        (TrainingConfig, {"camera_norm": True}, "camera_norm needs batches=cameras, not batches=label_shuffled"),
        (TrainingConfig, {"batches": "cameras", "cameras_per_batch": 3}, "another even number, not 3"),
        (TrainingConfig, {"batches": "cameras", "images_per_identity": 3}, "must be even for batches=cameras, not 3"),
        (
            TrainingConfig,
            {"batches": "cameras", "cameras_per_batch": 4, "identities": 3},
            "identities must be a multiple of 2",
        ),
        (
            TrainingConfig,
            {"batches": "cameras", "cameras_per_batch": 4, "identities": 2},
            "identities must be at least 4, two for each pair of cameras, not 2",
        ),
        (
            TrainingConfig,
            {"batches": "cameras", "camera_norm": True, "identities": 3},
            "at least 8 images of a camera in a batch, not 6",
        ),
    ],
)
def test_invalid_values_raise(kind, values, sentence):
    with pytest.raises(UserError, match=sentence):
        from_json(kind, values)


def test_configurations_of_versions_without_camera_norm_can_be_read():
    values = to_json(TrainingConfig())
    for name in ("cameras_per_batch", "camera_norm"):
        del values[name]
    assert from_json(TrainingConfig, values) == TrainingConfig()


def test_set_fields():
    network, training = set_fields(paper("mr_bcnn"), ["region_size=3", "erase=0.5", "flip=true", "schedule=plateau"])
    assert (network.region_size, training.erase, training.flip, training.schedule) == (3, 0.5, True, "plateau")
    assert set_fields(paper("cnn"), []) == list(paper("cnn"))


@pytest.mark.parametrize(
    "assignment, sentence",
    [
        ("colours=1", "not 'colours=1'; names are architecture"),
        ("erase", "NAME=VALUE"),
        ("erase=much", "erase needs a value of type float"),
        ("flip=1", "flip needs a value of type bool"),
        ("region_size=4", "1, 3, 5 or"),
    ],
)
def test_invalid_assignments_raise(assignment, sentence):
    with pytest.raises(UserError, match=sentence):
        set_fields(paper("mr_bcnn"), [assignment])


def test_earlier_names_of_fields_are_accepted():
    assert from_json(TrainingConfig, {"pictures": 3, "concentrate": 0.5}) == TrainingConfig(
        images_per_identity=3, pca_power=0.5
    )
    assert from_json(NetworkConfig, {"normalise_pictures": True}).normalise_images
    network, training = set_fields(paper("cnn"), ["pictures=3", "normalise_pictures=true"])
    assert training.images_per_identity == 3 and network.normalise_images
