"""The command that makes one model of several."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.arguments import (
    add_command,
)
from core.errors import UserError

if TYPE_CHECKING:
    from core.inference.checkpoint import Checkpoint

MAX_TRAINING_IMAGES = 1024  # training images that say how long the networks' descriptors are
SHARED_FIELDS = ("layout", "protocol", "split", "origin")  # of the data of all: what the joined network was trained for


def add_join(commands) -> None:
    sub = add_command(commands, join, "Make one network of several, trained apart, each a group of its filters.")
    sub.add_argument("checkpoints", type=Path, nargs="+", metavar="CHECKPOINT", help="checkpoint or run folders")
    sub.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DATA",
        help="its training images tell how long descriptors are, and along which axes",
    )
    sub.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="where the checkpoint is written")
    sub.add_argument("--terms", default="As the terms of the training data.", help="a sentence for the card")


def join(options: argparse.Namespace) -> None:
    import numpy as np

    from core.data.datasets import read_dataset
    from core.data.loading import load_images
    from core.evaluation.protocols import choose_protocol
    from core.inference.checkpoint import CARD, Checkpoint, load_checkpoint, save_checkpoint
    from core.inference.model_card import write_card
    from core.inference.provenance import Provenance, combine
    from core.models.descriptor_pca import MAX_IMAGES, scale_principal_axes
    from core.models.ensemble import join_networks

    checkpoints = {path.resolve().name: load_checkpoint(path) for path in options.checkpoints}
    if len(checkpoints) < 2:
        raise UserError("Two checkpoints or more can be joined, in folders of different names.")
    about = joined_data(checkpoints)
    dataset = read_dataset(options.data)
    people = choose_protocol(dataset, None, about).divide(dataset, about.get("split", 1)).train
    drawn = np.random.default_rng(0).permutation(len(people))[:MAX_IMAGES]
    images, _ = load_images([people[place] for place in drawn], lambda source, why: print(f"left out: {why}"))
    if len(images) < 2:
        raise UserError(
            f"{dataset.root} has no images to train on; give data with some, on which the joined network is looked at."
        )
    network = join_networks([checkpoint.network for checkpoint in checkpoints.values()], images[:MAX_TRAINING_IMAGES])
    network = scale_principal_axes(
        network, images, power=0
    )  # turned alone: the longest axes first, for `pack --descriptor`
    provenance = combine(each.provenance or Provenance((), (name,)) for name, each in checkpoints.items())
    result = Checkpoint(network, data=about, metrics={"concentrated": 0}, provenance=provenance)
    save_checkpoint(result, options.output)
    card = write_card(options.output.resolve().name, result, options.terms)
    (options.output / CARD).write_text(card, encoding="utf-8")
    print(card)


def joined_data(checkpoints: "dict[str, Checkpoint]") -> dict[str, Any]:
    """Checkpoints by name -> the `data` of the network joined of them.

    Raises UserError where they are of different benchmarks or splits and one has no record of the identities it has
    seen.
    """
    first = next(iter(checkpoints.values())).data
    shared = {
        key: first[key]
        for key in SHARED_FIELDS
        if key in first and all(each.data.get(key) == first[key] for each in checkpoints.values())
    }
    nameless = [name for name, each in checkpoints.items() if each.provenance is None]
    if nameless and any(
        key not in shared for each in checkpoints.values() for key in each.data if key in SHARED_FIELDS
    ):
        raise UserError(
            f"{nameless[0]} has no record of the identities it was trained on, so it can be joined "
            "only with checkpoints trained on data of one layout, by one protocol and on one "
            "split."
        )
    members: list[dict[str, Any]] = []
    for name, each in checkpoints.items():
        itself = {"checkpoint": name, "training_images": each.training_images} | each.data
        members += each.data.get("joined", [itself])
    return shared | {"name": ", ".join(checkpoints), "joined": members}
