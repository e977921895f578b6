"""Presets: settings of a network and of its training that belong together."""

from dataclasses import replace

from core.config import NetworkConfig, TrainingConfig


def paper(architecture: str) -> tuple[NetworkConfig, TrainingConfig]:
    """Return the settings of the authors: 150,000 steps, 19.2 million samples.

    `python -m core train DATA --preset paper`. It takes days on two CPU cores and is meant for a GPU.
    """
    return NetworkConfig(architecture), TrainingConfig()


def fast(architecture: str) -> tuple[NetworkConfig, TrainingConfig]:
    """Return settings for the same topology with a modern training and a thirtieth of the samples.

    `python -m core train DATA --preset fast`. It takes about an hour on one CPU core with `--set precision=bfloat16`,
    if the processor supports it. `docs/recipe.md` compares other settings. The model cards of the checkpoints give
    results.
    """
    network = NetworkConfig(
        architecture,
        filters=16,
        dropout=0.2,
        batch_norm=True,
        normalise_regions=True,
        bgr=False,
        mean=0.45 * 255,
        scale=1 / (0.25 * 255),
    )
    training = TrainingConfig(
        preset="fast",
        steps=10_000,
        batches="identities",
        identities=16,
        learning_rate=1e-3,
        schedule="one_cycle",
        identity_weight=0.1,
        part_weight=0.5,
        flip=True,
        shift_rows=8,
        shift_columns=4,
        erase=0.3,
        colour=0.1,
        keep_every=500,
        average=0.3,
        pca_power=0.3,
    )
    return network, training


def demo(architecture: str) -> tuple[NetworkConfig, TrainingConfig]:
    """Return the settings of `fast` with 200 steps, for a result after 3 to 7 minutes on two CPU cores.

    `python -m core train assets/pedestrians --preset demo` takes 3 minutes on a quiet core. It reaches rank-1 80.3 %
    and mAP 72.0 % on its test identities. Weight averaging uses half of the steps, because few checkpoints are kept.
    """
    network, training = fast(architecture)
    return network, replace(
        training,
        preset="demo",
        steps=200,
        identities=32,
        erase=0.2,
        validate_every=50,
        checkpoint_every=50,
        keep_every=50,
        average=0.5,
    )


PRESETS = {"paper": paper, "fast": fast, "demo": demo}
