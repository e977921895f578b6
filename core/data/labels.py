"""Labels of a folder's images: the identity, camera and time, read from folders, file names or a CSV table.

A table has a header with the column `path` and any of the columns `identity`, `camera` and `time`:

    path,identity,camera,time
    monday/0001.jpg,anna,2,2026-03-01T09:30:00
    monday/0002.jpg,,2,

Paths are relative to the folder of images. A time is a number of seconds or an ISO 8601 date. Images that the table
does not name are unlabelled.
"""

import csv
import math
import os
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path, PurePosixPath

from core.data.datasets import read_dataset, split_address
from core.data.image_folder import ALL_NAMES, LABELLED_FOLDERS
from core.data.images import list_image_files
from core.data.records import UNKNOWN_CAMERA, Record
from core.data.rule_dataset import read_with_rules
from core.errors import UserError

LAYOUT, NONE, FOLDER, NAMES, TABLE = "layout", "none", "folder", "names", "csv"
LABEL_RULES = {
    LAYOUT: "from the detected layout of the folder",
    NONE: "unlabelled",
    FOLDER: "one folder for each identity; cameras from names like c2_001.jpg",
    NAMES: "identities and cameras from names like 0002_c1s1_000451_03.jpg",
    TABLE: "from a CSV file with the columns path, identity, camera, time",
}
TABLE_NAME = "labels.csv"  # in the folder of images, unless another table is given
TABLE_COLUMNS = ("path", "identity", "camera", "time")
MAX_CAMERA = 2**31 - 1


def label_images(folder: Path, labels: str = LAYOUT, table: Path | None = None) -> tuple[list[Record], list[str]]:
    """List the images of a folder with their labels. No image is opened.

    Args:
        folder: The folder of images. For the rule "layout", all that `read_dataset` takes.
        labels: A key of LABEL_RULES.
        table: The CSV table for the rule "csv". The default is `labels.csv` in the folder.

    Returns:
        The records, sorted by path, and notes for the user about unusual findings.

    Raises:
        UserError: If there are no images, or if the table has an error. The message names the line.
    """
    if labels not in LABEL_RULES:
        raise UserError(f"Unknown label rule {labels!r}; choose one of {', '.join(LABEL_RULES)}.")
    if not split_address(folder)[0].exists():
        raise UserError(f"There is no folder {folder}.")
    if labels == LAYOUT:
        dataset = read_dataset(folder)
        if not dataset.searchable:
            raise UserError(
                f"{folder} has the layout {dataset.layout}, but no gallery images; "
                "use `--labels names` to take all images."
            )
        return dataset.searchable, [f"layout {dataset.layout}", *dataset.notes]
    paths = list_image_files(folder)
    if not paths:
        raise UserError(f"There is no image in {folder}; give a folder with .jpg or .png files.")
    if labels == NONE:
        return [Record(path) for path in paths], []
    if labels in (NAMES, FOLDER):
        dataset = read_with_rules(ALL_NAMES if labels == NAMES else LABELLED_FOLDERS, folder)
        unlabelled = sum(not record.identity for record in dataset.gallery)
        return dataset.gallery, [*dataset.notes, *([f"{unlabelled:,} images are unlabelled"] if unlabelled else [])]
    return read_table(table or folder / TABLE_NAME, folder, paths)


def find_image_folder(folder: Path, labels: str) -> Path:
    """Return the folder in which the images of an unpacked archive start.

    Most archives have one folder at the top that contains everything else. Such folders are skipped. With the label
    rule "folder", the folder of an identity is not skipped.
    """
    while len(found := _folders_and_files(folder)) == 1 and found[0].is_dir():
        if labels == FOLDER and not any(path.is_dir() for path in _folders_and_files(found[0])):
            break
        folder = found[0]
    return folder


def read_table(table: Path, folder: Path, paths: list[Path]) -> tuple[list[Record], list[str]]:
    """Read the labels of images from a CSV table.

    Args:
        table: The CSV file.
        folder: The folder of images.
        paths: The images below the folder.

    Returns:
        A record for each path, and notes for the user about unusual findings.

    Raises:
        UserError: If the table has an error. The message names the line.
    """
    labelled: dict[Path, tuple[int, Record]] = {}
    missing: list[tuple[int, str]] = []
    known = _paths_by_name(folder, paths)
    columns, rows = _read_rows(table)
    for line, row in rows:
        where = f"{table.name}, line {line}"
        path = known.get(row["path"].replace("\\", "/").removeprefix("./"))
        if path is None:
            missing.append((line, row["path"]))
            continue
        if path in labelled:
            raise UserError(f"{where}: {row['path']} is already in line {labelled[path][0]}.")
        record = Record(
            path, row.get("identity", ""), _camera(row.get("camera", ""), where), _time(row.get("time", ""), where)
        )
        labelled[path] = line, record
    if not labelled:
        first = f", e.g. {missing[0][1]!r} in line {missing[0][0]}" if missing else ""
        raise UserError(f"{table.name} names no image of {folder}{first}; write paths relative to this folder.")
    notes = []
    if unused := sorted(columns - set(TABLE_COLUMNS)):
        notes.append(f"{table.name} has unused columns: {', '.join(unused)}")
    if missing:
        notes.append(
            f"{len(missing):,} lines of {table.name} name images that do not exist, "
            f"e.g. line {missing[0][0]}: {missing[0][1]}"
        )
    if others := len(paths) - len(labelled):
        notes.append(f"{others:,} images are not in {table.name} and are unlabelled")
    return [labelled[path][1] if path in labelled else Record(path) for path in paths], notes


def _folders_and_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def _read_rows(table: Path) -> tuple[set[str], list[tuple[int, dict[str, str]]]]:
    """Read the column names, and the rows with their line numbers."""
    try:
        text = table.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(
            f"There is no table {table}; give a CSV file with the columns {', '.join(TABLE_COLUMNS)}."
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UserError(
            f"{table.name}, line {line} is not UTF-8 text; save the table as CSV with UTF-8 encoding."
        ) from None
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(StringIO(text), delimiter=delimiter, strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if "path" not in header or len(set(header)) < len(header):
            raise UserError(
                f"{table.name}, line 1 is {delimiter.join(header)[:80]!r}; expected the column path and any of "
                f"{', '.join(TABLE_COLUMNS[1:])}, each once."
            )
        for fields in reader:
            if len(fields) not in (0, len(header)):
                raise UserError(
                    f"{table.name}, line {reader.line_num} has {len(fields)} fields; the header has {len(header)}."
                )
            if fields:
                rows.append((reader.line_num, dict(zip(header, map(str.strip, fields), strict=True))))
    except csv.Error as error:
        raise UserError(f"{table.name}, line {reader.line_num} cannot be read as CSV: {error}.") from None
    return set(header), rows


def _paths_by_name(folder: Path, paths: list[Path]) -> dict[str, Path]:
    """Return the image of each accepted name: relative to the folder, after the folder's name, or absolute."""
    known = {}
    for path in paths:
        relative = path.relative_to(folder).as_posix()
        for name in (os.path.abspath(path), str(PurePosixPath(folder.name) / relative), relative):
            known[name] = path
    return known


def _camera(text: str, where: str) -> int:
    if not text:
        return UNKNOWN_CAMERA
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= MAX_CAMERA):
        raise UserError(f"{where}: the camera is {text!r}; expected a whole number from 1.")
    return int(text)


def _time(text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            seconds = math.nan
    if not math.isfinite(seconds):
        raise UserError(
            f"{where}: the time is {text!r}; expected a number of seconds or a date like 2026-03-01T09:30:00."
        )
    return seconds
