"""Evaluation protocols: named rules that divide a data set into splits and score a model on them.

Results can be compared only under the same protocol.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.data.cuhk03 import all_pairs_split, classic_split, has_pair_1_only, new_protocol_split, pair_1_split
from core.data.records import Dataset
from core.data.splits import Split, every_image_split, given_split, half_split, held_out_split
from core.errors import UserError
from core.evaluation.evaluators import Evaluation, evaluate_single_query, evaluate_single_shot
from core.inference.provenance import Provenance, hash_identities

SINGLE_QUERY = "single query; images of the probe's identity from the probe's camera are ignored"
SINGLE_SHOT = "single shot, camera A to B, mean of 100 draws of one image per identity and camera"
FOLDERS, ALL = "identity folders", "all-identities"
NAMED_GALLERY, EVERY_IMAGE = "named gallery", "every-image"
CUHK03 = ("cuhk03-labeled", "cuhk03-detected")


@dataclass(frozen=True)
class Protocol:
    """A named evaluation protocol.

    `split(dataset, number)` divides the data set. `score(query, query_records, gallery, gallery_records)` is an
    evaluator of `core.evaluation.evaluators`.
    """

    name: str
    sentence: str  # the rules in words, stored in a result as "rule"
    layouts: tuple[str, ...]  # the layouts of the data sets that it applies to
    splits: int  # number of splits that results are averaged over
    split: Callable[[Dataset, int], Split]
    score: Callable[..., Evaluation]

    def divide(self, dataset: Dataset, number: int = 1) -> Split:
        """Return split `number`, counted from 1.

        Raises:
            UserError: If there is no such split, or if it has no test identities.
        """
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
            f"1160/100/100 identities of camera pairs 1 to 3; {SINGLE_SHOT} (Li et al., CVPR 2014)",
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
            "cuhk03-pair1",
            f"643/100/100 identities of camera pair 1; {SINGLE_SHOT}",
            CUHK03,
            5,
            pair_1_split,
            evaluate_single_shot,
        ),
        Protocol(
            "cuhk03-np",
            f"767/700 identities; {SINGLE_QUERY} (Zhong et al., CVPR 2017)",
            CUHK03,
            1,
            new_protocol_split,
            evaluate_single_query,
        ),
        Protocol(
            "cuhk01",
            f"485/486 identities; {SINGLE_SHOT} (Li et al., ACCV 2012)",
            ("cuhk01",),
            5,
            half_split,
            evaluate_single_shot,
        ),
        Protocol(
            "viper",
            f"316/316 identities; {SINGLE_SHOT} (Gray et al., PETS 2007)",
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
            f"all identities are tested and may be trained on; {SINGLE_QUERY}",
            (FOLDERS,),
            1,
            given_split,
            evaluate_single_query,
        ),
        Protocol("single-query", f"the given split; {SINGLE_QUERY}", (), 1, given_split, evaluate_single_query),
        Protocol(
            "two-cameras",
            f"half of the identities are held out of the training and tested; {SINGLE_SHOT}",
            (),
            10,
            half_split,
            evaluate_single_shot,
        ),
        Protocol(
            EVERY_IMAGE,
            f"each image with an identity and a camera is a probe for all other images; {SINGLE_QUERY}",
            (NAMED_GALLERY,),
            1,
            every_image_split,
            evaluate_single_query,
        ),
    )
}


THREE_PAIRS = ("cuhk03-classic", "cuhk03-classic-all-pairs")


def fitting_protocols(dataset: Dataset) -> list[Protocol]:
    """Return the protocols for a data set: those of its layout, those that its rules name, or those of its splits."""
    by_layout = [protocol for protocol in PROTOCOLS.values() if dataset.layout in protocol.layouts]
    if by_layout:
        return [protocol for protocol in by_layout if not (protocol.name in THREE_PAIRS and has_pair_1_only(dataset))]
    names = dataset.protocols or _protocols_of_splits(dataset)
    if unknown := [name for name in names if name not in PROTOCOLS]:
        raise UserError(f"The rules of {dataset.root} name a protocol {unknown[0]!r}; use {', '.join(PROTOCOLS)}.")
    return [PROTOCOLS[name] for name in names]


def _protocols_of_splits(dataset: Dataset) -> tuple[str, ...]:
    if dataset.undivided:
        return ("identity-folders", ALL)
    if dataset.pool:
        return ("two-cameras",)
    labelled = any(record.identity for record in dataset.query or dataset.train)
    return ("single-query",) if labelled else ()


def choose_protocol(dataset: Dataset, name: str | None = None, trained: dict[str, Any] | None = None) -> Protocol:
    """Choose the protocol for a data set.

    The order of preference is: the protocol called `name`, the protocol that the checkpoint was trained for, the
    default protocol of the data set. `all-identities` is chosen only by name.

    Args:
        dataset: The data set to evaluate on.
        name: The name of a protocol.
        trained: The `data` of a checkpoint, which holds the name of its protocol.

    Raises:
        UserError: If the name is unknown, if the protocol is for other data sets, or if the data set has no identities
            and so no protocol.
    """
    fitting = fitting_protocols(dataset)
    if name == "market1501" and dataset.layout == FOLDERS:
        name = ALL  # its name in runs of older versions
    if name and name not in PROTOCOLS:
        raise UserError(f"There is no protocol {name!r}; choose one of {', '.join(PROTOCOLS)}.")
    if not fitting:
        raise UserError(
            f"{dataset.root} is a {dataset.layout} without identities, which training and evaluation need. "
            "Use Market-1501's layout, one folder per identity, or a benchmark."
        )
    if not name:
        of_training = PROTOCOLS.get((trained or {}).get("protocol", ""))
        return of_training if of_training in fitting and of_training.name != ALL else fitting[0]
    if PROTOCOLS[name] not in fitting and dataset.layout not in PROTOCOLS[name].layouts:
        raise UserError(
            f"The protocol {name} is for {' or '.join(PROTOCOLS[name].layouts) or 'a given split'}, but {dataset.root} "
            f"is {dataset.layout}. Use {' or '.join(protocol.name for protocol in fitting)}."
        )
    return PROTOCOLS[name]


def splits_to_score(
    protocol: Protocol,
    dataset: Dataset,
    trained: dict[str, Any],
    number: int | None = None,
    provenance: Provenance | None = None,
) -> list[Split]:
    """Choose the splits to evaluate a checkpoint on.

    The order of preference is: split `number`, the split that the checkpoint was trained for, all splits. A number
    alone does not define a split, because data with official test sets and data without them are divided differently.
    So the split that the checkpoint was trained for is used only if its origin is the one in the checkpoint, and if
    none of its test identities is in the checkpoint's provenance.

    Args:
        protocol: The protocol that divides the data set.
        dataset: The data set to evaluate on.
        trained: The `data` of the checkpoint.
        number: The number of a split, from 1.
        provenance: The provenance of the checkpoint, if it has one.
    """
    if number:
        return [protocol.divide(dataset, number)]
    if trained.get("protocol") == protocol.name and _same_benchmark(trained, dataset):
        split = protocol.divide(dataset, trained.get("split", 1))
        if trained.get("origin") == split.origin and not _has_seen(provenance, dataset, split):
            return [split]
    return [protocol.divide(dataset, number) for number in range(1, protocol.splits + 1)]


def names_data(trained: dict[str, Any], dataset: Dataset) -> bool:
    """Return whether a checkpoint's `data` name this data set.

    Older checkpoints have no provenance and can be checked only by name.
    """
    if dataset.pool:  # a benchmark that protocols divide
        return _same_benchmark(trained, dataset)
    return dataset.name in {each.get("name") for each in [trained, *trained.get("joined", [])]}


def _has_seen(provenance: Provenance | None, dataset: Dataset, split: Split) -> bool:
    return provenance is not None and bool(provenance.overlap(hash_identities(dataset, split.tested)).seen)


def _same_benchmark(trained: dict[str, Any], dataset: Dataset) -> bool:
    return trained.get("layout", "").split("-")[0] == dataset.layout.split("-")[0]
