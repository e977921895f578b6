"""Several data sets as one, for a training on all of them. Their identities and cameras stay apart."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

from core.data.cuhk03 import classic_split, has_pair_1_only, pair_1_split
from core.data.records import COMBINED_MARK, UNKNOWN_CAMERA, Dataset, Record
from core.data.splits import Split, given_split, half_split, held_out_split
from core.errors import UserError


def combine_datasets(datasets: Sequence[Dataset]) -> Dataset:
    """Combine data sets. Each is divided by its given split, or by the first split that is drawn for it.

    Identities get the namespace of their data set as a prefix. The cameras of each data set are numbered after those of
    the data sets before it.

    Args:
        datasets: Two or more data sets.

    Raises:
        UserError: If two of them have the same namespace, so that their identities cannot be told apart.
    """
    namespaces = [dataset.namespace for dataset in datasets]
    if twice := next((name for name in namespaces if namespaces.count(name) > 1), None):
        raise UserError(f"Two of the data sets are called {twice}; give one of them another `namespace` in its rules.")
    splits = [_divide(dataset) for dataset in datasets]
    highest = [max([record.camera for record in _all(split)], default=0) for split in splits]
    offsets = [0, *accumulate(highest)][: len(datasets)]
    parts: dict[str, list[Record]] = {"train": [], "validation": [], "query": [], "gallery": []}
    origins: dict[str, tuple[str, str]] = {}
    notes = []
    for dataset, split, offset in zip(datasets, splits, offsets, strict=True):
        for name, records in parts.items():
            renamed = [_rename(record, dataset.namespace, offset) for record in getattr(split, name)]
            records += renamed
            origins |= {
                new.identity: (dataset.namespace, old.identity)
                for new, old in zip(renamed, getattr(split, name), strict=True)
                if old.is_labelled
            }
        cameras = f", and {offset} is added to its cameras" if offset else ""
        notes.append(f"{dataset.name}: identities are called {dataset.namespace}/...{cameras}")
        notes += [f"{dataset.name}: {note}" for note in dataset.notes]
    return Dataset(
        Path(COMBINED_MARK.join(str(dataset.source) for dataset in datasets)),
        "combined",
        train=parts["train"],
        validation=parts["validation"],
        query=parts["query"],
        gallery=parts["gallery"],
        notes=notes,
        own_namespace="+".join(namespaces),
        own_name="+".join(dataset.name for dataset in datasets),
        protocols=("single-query",),
        origins=origins,
    )


def _divide(dataset: Dataset) -> Split:
    if dataset.layout.startswith("cuhk03-"):
        return pair_1_split(dataset, 1) if has_pair_1_only(dataset) else classic_split(dataset, 1)
    if dataset.pool:
        return half_split(dataset, 1)
    return held_out_split(dataset, 1) if dataset.undivided else given_split(dataset)


def _all(split: Split) -> list[Record]:
    return [*split.train, *split.validation, *split.query, *split.gallery]


def _rename(record: Record, namespace: str, offset: int) -> Record:
    identity = f"{namespace}/{record.identity}" if record.is_labelled else record.identity
    camera = record.camera + offset if record.camera != UNKNOWN_CAMERA else UNKNOWN_CAMERA
    return replace(record, identity=identity, camera=camera, place=tuple(one + offset for one in record.place))
