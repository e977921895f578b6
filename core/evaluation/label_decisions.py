"""Decisions about suspicious labels: whether two images show the same person, and the identities that follow.

The table has one row for each decision:

    path,other,decision,time
    query/0716_c2s1_000451_00.jpg,bounding_box_test/0716_c1s1_000111_00.jpg,different,2026-03-01T09:30:00+00:00
    query/0716_c2s1_000451_00.jpg,bounding_box_test/0525_c3s1_000222_00.jpg,same,2026-03-01T09:30:00+00:00

Paths are relative to the folder of images. Other columns are not used, and rows without a decision are skipped, so the
list of suspicious labels becomes a table of decisions when its column `decision` is filled in. `_Facts` states what a
decision changes.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from core.atomic_files import replace_file
from core.data.boxes import split_box
from core.data.records import DISTRACTOR, UNKNOWN_CAMERA, Record
from core.errors import UserError
from core.read_only import refuse_if_read_only

SAME, DIFFERENT, SKIP = "same", "different", "skip"
DECISIONS = (SAME, DIFFERENT, SKIP)
COLUMNS = ("path", "other", "decision", "time")
LABEL_COLUMNS = ("path", "identity", "camera", "time", "split")
UNLABELLED = ("", DISTRACTOR)


@dataclass(frozen=True)
class Decision:
    """Whether the images `path` and `other` show the same person. `time` is ISO 8601."""

    path: str
    other: str
    decision: str
    time: str = ""


def decide(path: str, other: str, decision: str) -> Decision:
    """Return a decision that is made now."""
    return Decision(path, other, decision, datetime.now(UTC).isoformat(timespec="milliseconds"))


def read_decisions(file: Path) -> list[Decision]:
    """Read a table of decisions; an empty list if there is none.

    Raises:
        UserError: If a column is missing, or if a decision is unknown. The message names the line.
    """
    return [Decision(*(row[name] for name in COLUMNS)) for row in _read(file)[1] if row["decision"]]


def add_decisions(file: Path, decisions: Iterable[Decision]) -> None:
    """Add decisions to a table, which is created if it does not exist."""
    refuse_if_read_only()
    header, rows = _read(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    _replace(file, header, [*rows, *({name: getattr(one, name) for name in COLUMNS} for one in decisions)])


def undo_decision(file: Path) -> None:
    """Remove the last decision: all decisions with its path and time."""
    refuse_if_read_only()
    header, rows = _read(file)
    if decided := [row for row in rows if row["decision"]]:
        path, time = decided[-1]["path"], decided[-1]["time"]
        _replace(
            file, header, [row for row in rows if not row["decision"] or (row["path"], row["time"]) != (path, time)]
        )


class _Facts:
    """What decisions mean for images with given identities. Of several decisions about two images, the last counts.

    `different` about two images of one identity: the first image becomes unlabelled. `same` about such an image, or
    about an image that was unlabelled before, gives it the identity of the other image. `same` about two other images
    merges their identities; the smaller name stays.

    Args:
        identities: The identity of each image, by path.
        decisions: The decisions. Those about unknown images are skipped.
    """

    def __init__(self, identities: Mapping[str, str], decisions: Iterable[Decision]):
        last = {
            (one.path, one.other): one.decision
            for one in decisions
            if one.path in identities and one.other in identities and one.path != one.other
        }
        self.decided = list(last)
        self.removed = {
            path
            for (path, other), decision in last.items()
            if decision == DIFFERENT and identities[path] == identities[other] not in UNLABELLED
        }
        self.moved: dict[str, str] = {}  # an image -> the image whose identity it takes
        self.merged: list[tuple[str, str]] = []
        for (path, other), decision in last.items():
            own, others = identities[path], identities[other]
            if decision != SAME or own == others:
                continue
            if path in self.removed or own in UNLABELLED:
                self.moved[path] = other
            elif others in UNLABELLED:
                self.moved[other] = path
            else:
                self.merged.append((own, others))


def changed_identities(identities: Mapping[str, str], decisions: Iterable[Decision]) -> dict[str, str]:
    """Return the new identity of each image whose identity changes, "" for unlabelled.

    Args:
        identities: The identity of each image, by path.
        decisions: The decisions (see `_Facts`). Decisions that were applied before change nothing.
    """
    facts = _Facts(identities, decisions)
    name_of: dict[str, str] = {}

    def final(identity: str) -> str:
        while identity in name_of:
            identity = name_of[identity]
        return identity

    for pair in facts.merged:
        small, large = sorted(map(final, pair), key=lambda name: (len(name), name))
        if small != large:
            name_of[large] = small
    new = {path: "" if path in facts.removed else final(identity) for path, identity in identities.items()}
    for path, other in facts.moved.items():
        new[path] = "" if other in facts.removed else final(identities[other])
    return {path: identity for path, identity in new.items() if identity != identities[path]}


def decided_questions(identities: Mapping[str, str], decisions: Iterable[Decision]) -> tuple[set[str], set[frozenset]]:
    """Return the images that were compared with their own identity, and the pairs of identities that were compared."""
    facts = _Facts(identities, decisions)
    pairs = [(path, other) for path, other in facts.decided if facts.moved.get(path) != other]
    images = {path for path, other in pairs if identities[path] == identities[other]}
    return images, {frozenset((identities[path], identities[other])) for path, other in pairs if path not in images}


def correct_records(records: Iterable[Record], new: Mapping[str, str], folder: Path) -> list[Record]:
    """Return records with new identities, which are given by `path_name`."""
    return [replace(one, identity=new.get(path_name(one.path, folder), one.identity)) for one in records]


def path_name(path: Path, folder: Path) -> str:
    """Return the name of an image in tables: relative to the folder of images, or absolute outside it."""
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()


def write_label_table(file: Path, folder: Path, records: Mapping[str, Iterable[Record]]) -> None:
    """Write the labels of images as a table that core.data.tables reads. Crops have the path and box of their image.

    Args:
        file: The CSV file.
        folder: The folder of images, which paths are relative to.
        records: The records by the name of their split, "" for none.
    """
    rows = [_label_row(one, split, folder) for split, images in records.items() for one in images]
    _replace(file, [*LABEL_COLUMNS, *(["box"] if any("box" in row for row in rows) else [])], rows)


def _label_row(record: Record, split: str, folder: Path) -> dict[str, str]:
    image, box = split_box(record.path) or (record.path, ())
    row = {
        "path": path_name(image, folder),
        "identity": record.identity,
        "camera": "" if record.camera == UNKNOWN_CAMERA else str(record.camera),
        "time": "" if record.time is None else f"{record.time:.15g}",
        "split": split,
    }
    return row | ({"box": " ".join(map(str, box))} if box else {})


def _read(file: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Return the header and the rows; the header of a new table if there is none."""
    if not file.exists():
        return list(COLUMNS), []
    try:
        reader = csv.DictReader(StringIO(file.read_text(encoding="utf-8-sig"), newline=""), restval="", strict=True)
        header = [name.strip().lower() for name in reader.fieldnames or COLUMNS]
        reader.fieldnames = header
        if missing := [name for name in COLUMNS[:3] if name not in header]:
            raise UserError(f"{file.name}, line 1 has no column {missing[0]}; expected {', '.join(COLUMNS)}.")
        rows = []
        for row in reader:
            row |= {"decision": row["decision"].strip().lower(), "time": row.get("time", "")}
            if row["decision"] not in ("", *DECISIONS):
                raise UserError(
                    f"{file.name}, line {reader.line_num}: the decision is {row['decision']!r}; use "
                    f"{', '.join(DECISIONS)} or leave it empty."
                )
            rows.append(row)
    except (csv.Error, UnicodeDecodeError) as error:
        raise UserError(f"{file.name} cannot be read as CSV with UTF-8 encoding: {error}.") from None
    return header + ["time"] * ("time" not in header), rows


def _replace(file: Path, header: Iterable[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a table in one step."""
    with replace_file(file) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(header), restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
