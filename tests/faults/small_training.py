"""A tiny network and a short training, so that a test can repeat it many times."""

from dataclasses import replace

from core.presets import fast

NETWORK = replace(fast("mr_bcnn")[0], filters=2, descriptor=8)
TRAINING = replace(
    fast("mr_bcnn")[1],
    identities=2,
    images_per_identity=2,
    validation_identities=0,
    validate_every=10_000,
    checkpoint_every=1,
)
