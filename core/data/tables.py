"""Tables that label the images of a folder: CSV, TSV or Parquet.

A table has a header with the column `path` and any of the columns of core.data.table_columns:

    path,identity,camera,time,split
    monday/0001.jpg,anna,2,2026-03-01T09:30:00,query
    monday/0002.jpg,,2,,gallery

`read_table` opens the file (core.data.table_files), finds the columns, matches the paths to images
(core.data.file_matching) and reads the values. Cameras stay text: `core.data.cameras.number_cameras` numbers them.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from core.data.boxes import Box, box_path
from core.data.file_matching import count_by_name, first_place, match_files
from core.data.images import list_image_files
from core.data.table_columns import (
    BOX,
    CAMERA,
    COLUMNS,
    IDENTITY,
    PATH,
    SPLIT,
    TIME,
    TRACKLET,
    drop_fractions,
    drop_missing,
    find_columns,
    has_size,
    is_known,
    meaning,
    read_boxes,
    read_splits,
)
from core.data.table_files import TableFile, open_table
from core.data.times import read_times
from core.errors import UserError

BY_NAME_HINT = 'write `match = "name"` beside `table = ...` in dataset.toml'


@dataclass(frozen=True)
class TableLabels:
    """The rows of a table whose images exist; all lists have one entry for each row.

    `images` are paths relative to the folder, with "/". `boxes` are None for a whole image. `columns` are the columns
    that the table has. Other texts are "" if they are unknown, times None.
    """

    folder: Path
    file: TableFile
    columns: tuple[str, ...]
    rows: list[int]  # the position of each row in the file, for `where`
    images: list[str]
    identities: list[str]
    cameras: list[str]
    times: list[float | None]
    splits: list[str]  # of core.data.rules.SPLITS
    boxes: list[Box | None]
    tracklets: list[str]
    notes: list[str] = field(default_factory=list)

    @cached_property
    def paths(self) -> list[Path]:
        """The path of each image or crop, as `open_image` takes it."""
        files = {image: self.folder / image for image in dict.fromkeys(self.images)}
        return [
            files[image] if box is None else box_path(files[image], box)
            for image, box in zip(self.images, self.boxes, strict=True)
        ]

    def where(self, index: int) -> str:
        """Return the place of an entry for messages, such as "labels.csv, line 7"."""
        return self.file.where(self.rows[index])


def read_table(
    table: Path,
    folder: Path,
    images: Collection[str] | None = None,
    by_name: bool = False,
    wanted: Collection[str] = COLUMNS,
) -> TableLabels:
    """Read the labels of images from a table. No image is opened.

    Args:
        table: The CSV, TSV or Parquet file.
        folder: The folder of images.
        images: The paths of the images relative to the folder, with "/". By default the folder is listed.
        by_name: Whether a path without an image is matched by its file name, if one image has this name.
        wanted: The columns to read. Others are unused.

    Raises:
        UserError: If the table has an error, or if it names no image. The message names the line.
    """
    if images is None:
        images = {path.relative_to(folder).as_posix() for path in list_image_files(folder)}
    file = open_table(table, is_known)
    columns, notes = find_columns(file.header, file.name, wanted)
    names = file.load(columns[PATH][0])
    if "" in names:
        raise UserError(f"{file.where(names.index(''))} has no path.")
    found, match_notes = match_files(names, folder, images, file.where, by_name)
    if not any(image is not None for image in found):
        raise UserError(_no_image(file, names, folder, images, by_name))
    labels, value_notes = _read_values(file, columns)
    rows = [row for row, image in enumerate(found) if image is not None]
    missing = len(names) - len(rows)
    if missing:
        row = found.index(None)
        match_notes.append(
            f"{missing:,} {file.unit}s of {file.name} name images that do not exist, "
            f"e.g. {file.unit} {file.numbers[row]}: {names[row]}"
        )
    rows, repeat_notes = _drop_repeated(file, names, found, rows, labels)
    kept = {column: [values[row] for row in rows] for column, values in labels.items()}
    return TableLabels(
        folder=folder,
        file=file,
        columns=tuple(columns),
        rows=rows,
        images=[image for row in rows if (image := found[row]) is not None],
        identities=kept[IDENTITY],
        cameras=kept[CAMERA],
        times=kept[TIME],
        splits=kept[SPLIT],
        boxes=kept[BOX],
        tracklets=kept[TRACKLET],
        notes=[*file.notes, *notes, *value_notes, *match_notes, *repeat_notes],
    )


def _read_values(file: TableFile, columns: dict[str, tuple[int, ...]]) -> tuple[dict[str, list], list[str]]:
    """Read the values of all columns except the path. A column that the table does not have is empty."""
    labels: dict[str, list] = {}
    notes = []
    for column in (IDENTITY, CAMERA, TIME, SPLIT, BOX, TRACKLET):
        places = columns.get(column, ())
        if not places:
            labels[column] = [None if column in (TIME, BOX) else ""] * len(file.numbers)
            continue
        read = [drop_missing(file.load(place), column) for place in places]
        notes += [note for _, found in read for note in found]
        values = read[0][0]
        if len(read) > 1:
            values = [" ".join(sides).strip() for sides in zip(*(side for side, _ in read), strict=True)]
        if column == TIME:
            labels[column], found = read_times(values, file.where)
        elif column == SPLIT:
            labels[column], found = read_splits(values, file.where), []
        elif column == BOX:
            is_size = has_size(file.header, places)
            labels[column] = read_boxes(values, file.where, is_size)
            found = [f"boxes are read as {meaning(is_size)}"]
        elif column == CAMERA:
            labels[column], found = values, []
        else:
            labels[column], found = drop_fractions(values, column)
        notes += found
    return labels, notes


def _drop_repeated(
    file: TableFile, names: list[str], found: list[str | None], rows: list[int], labels: dict[str, list]
) -> tuple[list[int], list[str]]:
    """Drop rows that repeat an earlier row. An image may be both a probe and a gallery image."""
    boxes, splits = labels[BOX], labels[SPLIT]
    first: dict[tuple, int] = {}
    kept: list[int] = []
    listed: set[tuple] = set()
    repeated: list[tuple[int, int]] = []
    for row in rows:
        key = found[row], boxes[row]
        before = first.setdefault(key, row)
        if before != row:
            different = [column for column, values in labels.items() if values[row] != values[before]]
            if different == [SPLIT] and {splits[row], splits[before]} == {"probe", "gallery"}:
                if key in listed:
                    repeated.append((row, before))
                    continue
                listed.add(key)
            elif different:
                raise UserError(
                    f"{file.where(row)}: {names[row]} is already in {file.unit} {file.numbers[before]}, with another "
                    f"{' and '.join(different)}."
                )
            else:
                repeated.append((row, before))
                continue
        kept.append(row)
    if not repeated:
        return kept, []
    row, before = repeated[0]
    return kept, [
        f"{len(repeated):,} {file.unit}s of {file.name} repeat an earlier one and are skipped, e.g. {file.unit} "
        f"{file.numbers[row]} repeats {file.unit} {file.numbers[before]}"
    ]


def _no_image(file: TableFile, names: list[str], folder: Path, images: Collection[str], by_name: bool) -> str:
    if not names:
        return f"{file.name} names no image of {folder}; it has no rows."
    encoding = "".join(f" ({note})" for note in file.notes)
    text = (
        f"{file.name} names no image of {folder}, e.g. {names[0]!r} in {file.unit} {file.numbers[0]}; there is no "
        f"image {first_place(names[0], folder)}{encoding}"
    )
    if not by_name and (matches := count_by_name(names, images)):
        return f"{text}. {matches:,} of {len(names):,} rows match by their file name alone; {BY_NAME_HINT}."
    return f"{text}; write paths relative to this folder."
