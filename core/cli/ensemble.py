"""The command `ensemble`, which combines several networks into one."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.arguments import add_command, add_rules_options
from core.cli.output_folder import check_output
from core.errors import UserError

if TYPE_CHECKING:
    from core.inference.checkpoint import Checkpoint

MAX_TRAINING_IMAGES = 1024  # training images that the lengths of the members' descriptors are measured on
SHARED_FIELDS = ("layout", "protocol", "split", "origin")  # fields of `data` that an ensemble inherits if all agree


def add_ensemble(commands) -> None:
    """Add the command `ensemble`."""
    sub = add_command(commands, ensemble, aliases=("join",))
    sub.add_argument("checkpoints", type=Path, nargs="+", metavar="CHECKPOINT", help="checkpoint or run folders")
    sub.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DATA",
        help="data set; its training images give the lengths and the principal axes of the descriptors",
    )
    add_rules_options(sub)
    sub.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="write the checkpoint to this folder")
    sub.add_argument("--terms", default="As the terms of the training data.", help="terms of use for the model card")


def ensemble(options: argparse.Namespace) -> None:
    """Combine several trained networks into one network, an ensemble."""
    import numpy as np

    from core.data.datasets import read_dataset
    from core.data.loading import load_images
    from core.evaluation.protocols import choose_protocol
    from core.inference.checkpoint import CARD, Checkpoint, load_checkpoint, save_checkpoint
    from core.inference.model_card import write_card
    from core.inference.provenance import Provenance, combine
    from core.models.descriptor_pca import MAX_IMAGES, scale_principal_axes
    from core.models.ensemble import combine_networks

    check_output(options.output)
    checkpoints = {path.resolve().name: load_checkpoint(path) for path in options.checkpoints}
    if len(checkpoints) < max(2, len(options.checkpoints)):  # a name twice would leave out a member
        raise UserError("An ensemble needs two checkpoints or more, in folders of different names.")
    data = joined_data(checkpoints)
    dataset = read_dataset(options.data)
    records = choose_protocol(dataset, None, data).divide(dataset, data.get("split", 1)).train
    drawn = np.random.default_rng(0).permutation(len(records))[:MAX_IMAGES]
    images, _ = load_images(
        [records[position] for position in drawn], lambda source, reason: print(f"skipped: {reason}")
    )
    if len(images) < 2:
        raise UserError(f"{dataset.root} has no training images. Give --data a data set with training images.")
    network = combine_networks(
        [checkpoint.network for checkpoint in checkpoints.values()], images[:MAX_TRAINING_IMAGES]
    )
    # power 0 only rotates: the axes are sorted by variance, so that `pack --descriptor` can cut the last ones
    network = scale_principal_axes(network, images, power=0)
    provenance = combine(each.provenance or Provenance((), (name,)) for name, each in checkpoints.items())
    result = Checkpoint(network, data=data, metrics={"concentrated": 0}, provenance=provenance)
    save_checkpoint(result, options.output)
    card = write_card(options.output.resolve().name, result, options.terms)
    (options.output / CARD).write_text(card, encoding="utf-8")
    print(card)


def joined_data(checkpoints: "dict[str, Checkpoint]") -> dict[str, Any]:
    """Return the field `data` of an ensemble.

    Args:
        checkpoints: The members by name.

    Returns:
        The shared fields on which all members agree, their names, and the data of each member. Members that are
        ensembles themselves are replaced by their own members.

    Raises:
        UserError: The members were trained on different benchmarks or splits, and one has no record of its training
            identities.
    """
    first = next(iter(checkpoints.values())).data
    shared = {
        key: first[key]
        for key in SHARED_FIELDS
        if key in first and all(each.data.get(key) == first[key] for each in checkpoints.values())
    }
    without_record = [name for name, each in checkpoints.items() if each.provenance is None]
    if without_record and any(
        key not in shared for each in checkpoints.values() for key in each.data if key in SHARED_FIELDS
    ):
        raise UserError(
            f"{without_record[0]} has no record of its training identities. It can only be combined with checkpoints "
            "of the same layout, protocol and split."
        )
    members: list[dict[str, Any]] = []
    for name, each in checkpoints.items():
        itself = {"checkpoint": name, "training_images": each.training_images} | each.data
        members += each.data.get("joined", [itself])
    return shared | {"name": ", ".join(checkpoints), "joined": members}
