"""Columns of a table of labels: their names, and how their values are read."""

import re
from collections.abc import Callable, Collection, Sequence

from core.data.boxes import Box
from core.data.rules import SPLIT_NAMES, SPLITS
from core.errors import UserError

PATH, IDENTITY, CAMERA, TIME, SPLIT, BOX, TRACKLET = COLUMNS = (
    "path",
    "identity",
    "camera",
    "time",
    "split",
    "box",
    "tracklet",
)
ALIASES = {
    PATH: "file filename file_name filepath file_path image image_path image_name image_file img img_path img_name",
    IDENTITY: "pid person person_id id label identity_id individual individual_id",
    CAMERA: "cam camid cam_id camera_id cameraid",
    TIME: "timestamp date datetime date_time",
    SPLIT: "set subset partition",
    BOX: "bbox bounding_box",
    TRACKLET: "track track_id tracklet_id",
}
SIDES = (  # columns of boxes, and whether the last two are the width and the height
    (("x", "y", "w", "h"), True),
    (("x", "y", "width", "height"), True),
    (("left", "top", "width", "height"), True),
    (("left", "top", "right", "bottom"), False),
    (("x1", "y1", "x2", "y2"), False),
    (("xmin", "ymin", "xmax", "ymax"), False),
)
MISSING = ("nan", "NaN", "NaT", "None", "none", "NULL", "null", "N/A", "n/a", "#N/A", "<NA>")  # as pandas writes them
WHOLE = re.compile(r"-?\d+\.0")


def find_columns(
    header: Sequence[str], name: str, wanted: Collection[str] = COLUMNS
) -> tuple[dict[str, tuple[int, ...]], list[str]]:
    """Find the known columns of a table.

    Args:
        header: The names of the columns.
        name: The name of the table, for messages.
        wanted: The columns to find, of COLUMNS. All except the path may be missing.

    Returns:
        The positions of each found column, four of a box with a column for each side, otherwise one; and notes for the
        user.

    Raises:
        UserError: If there is no path, or if two columns fit.
    """
    names = [_plain(column) for column in header]
    found: dict[str, tuple[int, ...]] = {}
    notes = []
    for column in wanted:
        fitting = [position for position, given in enumerate(names) if given == column] or [
            position for position, given in enumerate(names) if given in ALIASES[column].split()
        ]
        if len(fitting) > 1 and names[fitting[0]] != names[fitting[1]]:
            raise UserError(
                f"{name}: the columns {header[fitting[0]]} and {header[fitting[1]]} both fit {column}; name one of "
                f"them {column}."
            )
        if len(fitting) > 1 or (column == PATH and not fitting):
            raise UserError(
                f"{name}, line 1 is {','.join(header).lower()[:80]!r}; expected the column path and any of "
                f"{', '.join(one for one in wanted if one != PATH)}, each once."
            )
        if fitting:
            found[column] = (fitting[0],)
            if names[fitting[0]] != column:
                notes.append(f"column {header[fitting[0]]} is read as {column}")
    if BOX in wanted and BOX not in found:
        sides = [columns for columns, _ in SIDES if set(columns) <= set(names)]
        if len(sides) > 1:
            raise UserError(
                f"{name}: the columns {','.join(sides[0])} and {','.join(sides[1])} both fit box; keep one."
            )
        if sides:
            found[BOX] = tuple(names.index(side) for side in sides[0])
    used = {position for positions in found.values() for position in positions}
    if unused := sorted(names[position] for position in range(len(names)) if names[position] and position not in used):
        notes.append(f"{name} has unused columns: {', '.join(unused)}")
    return found, notes


def is_known(column: str) -> bool:
    """Return whether a name is that of a known column."""
    return _plain(column) in KNOWN


def drop_missing(values: list[str], column: str) -> tuple[list[str], list[str]]:
    """Replace words such as nan by "", with a note for each word."""
    notes = []
    for word in sorted(set(values) & set(MISSING)):
        read_as = "unlabelled" if column == IDENTITY else "unknown"
        notes.append(f"{values.count(word):,} rows have {column} {word}, which is read as {read_as}")
    return ["" if value in MISSING else value for value in values] if notes else values, notes


def drop_fractions(values: list[str], column: str) -> tuple[list[str], list[str]]:
    """Read numbers such as 7.0 as 7, if all values are such numbers. pandas writes them in a column with gaps."""
    given = {value for value in values if value}
    if not given or not all(map(WHOLE.fullmatch, given)):
        return values, []
    example = min(given)
    return [value[:-2] for value in values], [f"{column} {example} is read as {example[:-2]}, as all like it"]


def read_splits(values: Sequence[str], where: Callable[[int], str]) -> list[str]:
    """Read the split of each image, of core.data.rules.SPLITS or "". Raises UserError that names the line."""
    words = {value: SPLIT_NAMES.get(value.lower(), "") for value in set(values)}
    for row, value in enumerate(values):
        if value and not words[value]:
            raise UserError(f"{where(row)}: the split is {value!r}; expected {', '.join(SPLITS)}.")
    return [words[value] for value in values]


def read_boxes(values: Sequence[str], where: Callable[[int], str], is_size: bool = False) -> list[Box | None]:
    """Read the box of each image.

    Args:
        values: Four numbers, or "" for the whole image.
        where: Returns the place of a value for messages.
        is_size: Whether the last two numbers are the width and the height, not the right and the bottom.

    Raises:
        UserError: If a value is no box.
    """
    boxes: list[Box | None] = []
    for row, value in enumerate(values):
        if not value:
            boxes.append(None)
            continue
        try:
            left, top, third, fourth = map(float, re.split(r"[\s,;]+", value.strip("[](){} ")))
            right, bottom = (left + third, top + fourth) if is_size else (third, fourth)
            box = round(left), round(top), round(right), round(bottom)
        except (ValueError, OverflowError):  # another number of values, words, or infinity
            raise UserError(f"{where(row)}: the box is {value!r}; expected four numbers: {meaning(is_size)}.") from None
        if box[2] <= box[0] or box[3] <= box[1]:
            raise UserError(f"{where(row)}: the box {value!r} is empty; its numbers are read as {meaning(is_size)}.")
        boxes.append(box)
    return boxes


def has_size(header: Sequence[str], positions: Sequence[int]) -> bool:
    """Return whether the last two columns of a box are its width and height."""
    names = tuple(_plain(header[position]) for position in positions)
    return any(is_size for sides, is_size in SIDES if sides == names)


def meaning(is_size: bool) -> str:
    """Return what the four numbers of a box mean."""
    return f"left, top, {'width, height' if is_size else 'right, bottom'} in pixels"


def _plain(column: str) -> str:
    return re.sub(r"[\s-]+", "_", column.strip().lower())


KNOWN = {
    *COLUMNS,
    *(alias for aliases in ALIASES.values() for alias in aliases.split()),
    *(side for sides, _ in SIDES for side in sides),
}
