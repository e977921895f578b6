"""A step is timed with the kind of batches of the configuration."""

from dataclasses import replace

import pytest

from core.presets import fast
from core.training import estimate

NETWORK = replace(fast("mr_bcnn")[0], filters=2, descriptor=8)


@pytest.mark.parametrize(
    ("changes", "batch"),
    [
        ({"batches": "label_shuffled", "batch_size": 9}, (2, 4)),
        ({"batches": "identities", "identities": 4, "images_per_identity": 3}, (3, 4)),
        ({"batches": "cameras", "identities": 4, "images_per_identity": 6, "camera_norm": True}, (4, 6)),
    ],
    ids=str,
)
def test_batches_are_those_of_the_configuration(changes, batch, monkeypatch):
    train, configs = estimate.train, []

    def record(network, objective, optimiser, images, identities, config, *more, **options):
        configs.append(config)
        train(network, objective, optimiser, images, identities, config, *more, **options)

    monkeypatch.setattr(estimate, "train", record)
    assert estimate.seconds_a_step(NETWORK, replace(fast("mr_bcnn")[1], **changes), "cpu") > 0
    (config,) = configs
    assert (config.identities, config.images_per_identity) == batch
    assert config.camera_norm == changes.get("camera_norm", False)
