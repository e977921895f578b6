"""What was read as what: examples of each identity and camera, and warnings about a data set."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from core.counts import counted
from core.data.probe_division import count_without_match
from core.data.records import DISTRACTOR, PARTS, UNKNOWN_CAMERA, Counts, Dataset, Record, count_records
from core.data.rules import SPLIT_NAMES

EXAMPLES = 10
MANY_WITHOUT_MATCH = 0.2  # share of probes


@dataclass(frozen=True)
class Example:
    """How one image is read."""

    part: str  # "train", "query", ...
    record: Record
    path: str  # relative to the root


@dataclass(frozen=True)
class Inspection:
    """What to show of a data set before it is used."""

    counts: dict[str, Counts]  # by part, as in `Dataset.report`
    examples: list[Example]
    samples: dict[str, list[Record]]  # some images of some identities
    warnings: list[str]
    findings: list[str]


def inspect_dataset(dataset: Dataset) -> Inspection:
    """Collect counts, examples, sample images, warnings and findings. No image is opened."""
    return Inspection(
        {part: count_records(records) for part in PARTS if (records := getattr(dataset, part))},
        find_examples(dataset),
        sample_identities(dataset),
        find_warnings(dataset),
        dataset.findings(),
    )


def list_parts(dataset: Dataset) -> dict[str, list[Record]]:
    """Return the lists of a data set that have images, by name. An undivided data set has one."""
    if dataset.undivided:
        return {"all": dataset.train}
    return {name: records for name in PARTS if (records := getattr(dataset, name))}


def find_examples(dataset: Dataset, count: int = EXAMPLES) -> list[Example]:
    """Return examples from all parts of a data set, each of another identity if possible.

    Args:
        dataset: The data set.
        count: The number of examples.
    """
    parts = list_parts(dataset)
    examples = []
    for number, (part, records) in enumerate(parts.items()):
        share = count // len(parts) + (number < count % len(parts))
        by_identity = {record.identity: record for record in reversed(records)}
        chosen = list(by_identity.values())[::-1]
        if len(chosen) < share:
            chosen = records
        spread = chosen[:: max(1, len(chosen) // max(1, share))][:share]
        examples += [Example(part, record, _below(record.path, dataset.root)) for record in spread]
    return examples


def sample_identities(dataset: Dataset, identities: int = 6, images: int = 4) -> dict[str, list[Record]]:
    """Return some images of some identities, from different cameras first.

    Args:
        dataset: The data set.
        identities: The number of identities; they are evenly spaced in sorted order.
        images: The largest number of images of each.
    """
    grouped = defaultdict(list)
    for record in (record for records in list_parts(dataset).values() for record in records):
        if record.is_labelled:
            grouped[record.identity].append(record)
    names = sorted(grouped)
    chosen = names[:: max(1, len(names) // identities)][:identities]
    return {name: _from_several_cameras(grouped[name], images) for name in chosen}


def find_warnings(dataset: Dataset) -> list[str]:
    """Return sentences about what is unusual and may mean that the layout was not understood."""
    records = [record for records in list_parts(dataset).values() for record in records]
    identities = {record.identity for record in records} - {"", DISTRACTOR}
    cameras = {record.camera for record in records} - {UNKNOWN_CAMERA}
    warnings = []
    if len(identities) == 1:
        warnings.append(f"There is only one identity: {min(identities)}.")
    if len(identities) == 2:
        warnings.append(f"There are only two identities: {' and '.join(sorted(identities))}.")
    if called := sorted(identity for identity in identities if identity.lower() in SPLIT_NAMES):
        warnings.append(f"An identity is called {called[0]!r}. A folder of this name often holds a part of a data set.")
    if numbers := sorted(identities & {"-1", "nan", "None"}):
        warnings.append(f"An identity is called {numbers[0]!r}. If this means junk or unknown, say it in the rules.")
    if identities and not cameras:
        warnings.append("No image has a camera. Without cameras, images from the probe's camera cannot be ignored.")
    elif identities and len(cameras) == 1:
        warnings.append(f"There is only one camera: {min(cameras)}.")
    both = {r.identity for r in dataset.train} & {r.identity for r in dataset.query} - {"", DISTRACTOR}
    if both and not dataset.undivided:
        identities_are = counted(len(both), "identity is", "identities are")
        warnings.append(f"{identities_are} in both the training and the test, e.g. {min(both)}.")
    without = count_without_match(dataset.query, dataset.gallery)
    if without > MANY_WITHOUT_MATCH * len(dataset.query):
        warnings.append(
            f"{without:,} of {len(dataset.query):,} probes have no true match: no gallery image shows their identity "
            "from another camera."
        )
    return warnings


def _from_several_cameras(records: list[Record], count: int) -> list[Record]:
    """Return images in turn from each camera."""
    turn: Counter[int] = Counter()
    order: list[tuple[int, int, int]] = []
    for record in records:
        order.append((turn[record.camera], record.camera, len(order)))
        turn[record.camera] += 1
    return [records[position] for _, _, position in sorted(order)[:count]]


def _below(path: Path, root: Path) -> str:
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
