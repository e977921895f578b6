"""Protocols: named ways to divide a data set and to score a model on it, so that figures can be compared at all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.data.cuhk03 import all_pairs_split, classic_split, new_protocol_split
from core.data.records import Dataset
from core.data.splits import Split, given_split, half_split, held_out_split
from core.errors import UserError
from core.evaluation.evaluators import Evaluation, evaluate_single_query, evaluate_single_shot
from core.inference.provenance import Provenance, hash_identities

SINGLE_QUERY = "single query; images of the probe's identity from the probe's camera do not count"
SINGLE_SHOT = "single shot, camera A to B, mean of 100 draws of one image a person and camera"
FOLDERS, ALL = "identity folders", "all-identities"
CUHK03 = ("cuhk03-labeled", "cuhk03-detected")


@dataclass(frozen=True)
class Protocol:
    """`split(dataset, number)` divides the data, `score(query, records, gallery, records)` ranks and counts."""

    name: str
    sentence: str
    layouts: tuple[str, ...]  # of the data it is for
    splits: int  # how many divisions the mean is taken over
    split: Callable[[Dataset, int], Split]
    score: Callable[..., Evaluation]

    def divide(self, dataset: Dataset, number: int = 1) -> Split:
        """Split `number`, from 1. Raises UserError if there is no such split, or nobody to test in it."""
        if not 1 <= number <= self.splits:
            raise UserError(f"The protocol {self.name} has splits 1 to {self.splits}, not {number}.")
        return self.split(dataset, number)


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "market1501",
            f"{SINGLE_QUERY} (Zheng et al., ICCV 2015)",
            ("market1501",),
            1,
            given_split,
            evaluate_single_query,
        ),
        Protocol(
            "cuhk03-classic",
            f"1160/100/100 people of camera pairs 1 to 3; {SINGLE_SHOT} (Li et al., CVPR 2014)",
            CUHK03,
            5,
            classic_split,
            evaluate_single_shot,
        ),
        Protocol(
            "cuhk03-classic-all-pairs",
            f"as cuhk03-classic, trained on all five camera pairs; {SINGLE_SHOT}",
            CUHK03,
            5,
            all_pairs_split,
            evaluate_single_shot,
        ),
        Protocol(
            "cuhk03-np",
            f"767/700 people; {SINGLE_QUERY} (Zhong et al., CVPR 2017)",
            CUHK03,
            1,
            new_protocol_split,
            evaluate_single_query,
        ),
        Protocol(
            "cuhk01",
            f"485/486 people; {SINGLE_SHOT} (Li et al., ACCV 2012)",
            ("cuhk01",),
            5,
            half_split,
            evaluate_single_shot,
        ),
        Protocol(
            "viper",
            f"316/316 people; {SINGLE_SHOT} (Gray et al., PETS 2007)",
            ("viper",),
            10,
            half_split,
            evaluate_single_shot,
        ),
        Protocol(
            "identity-folders",
            f"half of the identities are held out of the training and tested; {SINGLE_QUERY}",
            (FOLDERS,),
            1,
            held_out_split,
            evaluate_single_query,
        ),
        Protocol(
            ALL,
            f"all identities are tested, and may be trained on; {SINGLE_QUERY}",
            (FOLDERS,),
            1,
            given_split,
            evaluate_single_query,
        ),
    )
}


def choose_protocol(dataset: Dataset, name: str | None = None, trained: dict[str, Any] | None = None) -> Protocol:
    """The protocol of that name; else the one that a checkpoint was `trained` for; else the data's usual one.

    `all-identities` is chosen by its name alone.

    Raises UserError for an unknown name, for a protocol of other data, and for data that nothing can be scored on.
    """
    fitting = [protocol for protocol in PROTOCOLS.values() if dataset.layout in protocol.layouts]
    if name == "market1501" and dataset.layout == FOLDERS:
        name = ALL  # its name in runs of older versions
    if name and name not in PROTOCOLS:
        raise UserError(f"There is no protocol {name!r}; choose one of {', '.join(PROTOCOLS)}.")
    if not fitting:
        raise UserError(
            f"{dataset.root} is a {dataset.layout}, and training and evaluation need to know who is who: "
            "use Market-1501's layout, one folder an identity, or a benchmark."
        )
    if not name:
        usual = PROTOCOLS.get((trained or {}).get("protocol", ""))
        return usual if usual in fitting and usual.name != ALL else fitting[0]
    if PROTOCOLS[name] not in fitting:
        raise UserError(
            f"The protocol {name} is for {' or '.join(PROTOCOLS[name].layouts)}, and {dataset.root} is "
            f"{dataset.layout}: use {' or '.join(protocol.name for protocol in fitting)}."
        )
    return PROTOCOLS[name]


def splits_to_score(
    protocol: Protocol,
    dataset: Dataset,
    trained: dict[str, Any],
    number: int | None = None,
    provenance: Provenance | None = None,
) -> list[Split]:
    """The split asked for; else the one that the checkpoint was trained for; else all.

    `trained` is the checkpoint's `data`. A number alone does not tell a split: data with official test sets and data
    without them are divided differently. So the split must have the origin that the checkpoint names, and none of its
    tested identities may be in the checkpoint's record.
    """
    if number:
        return [protocol.divide(dataset, number)]
    if trained.get("protocol") == protocol.name and _same_people(trained, dataset):
        split = protocol.divide(dataset, trained.get("split", 1))
        if trained.get("origin") == split.origin and not _has_seen(provenance, dataset, split):
            return [split]
    return [protocol.divide(dataset, number) for number in range(1, protocol.splits + 1)]


def names_data(trained: dict[str, Any], dataset: Dataset) -> bool:
    """Whether a checkpoint's `data` name this data set; all that older checkpoints, without a record, can tell."""
    if dataset.pool:  # a benchmark that is divided by protocols
        return _same_people(trained, dataset)
    return dataset.name in {each.get("name") for each in [trained, *trained.get("joined", [])]}


def _has_seen(provenance: Provenance | None, dataset: Dataset, split: Split) -> bool:
    return provenance is not None and bool(provenance.overlap(hash_identities(dataset, split.tested)).seen)


def _same_people(trained: dict[str, Any], dataset: Dataset) -> bool:
    return trained.get("layout", "").split("-")[0] == dataset.layout.split("-")[0]
