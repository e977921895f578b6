"""What regions, filter pairs and terms are called, in figures and on pages."""

PART_NAMES = ("head and chest", "trunk", "legs")
ROW_NAMES, COLUMN_NAMES = ("upper", "middle", "lower"), ("left", "centre", "right")
SHARED, BIAS = "what all images share (c)", "the bias (c)"  # what c is, measured from the average image or not


def region_name(region: int, side: int) -> str:
    """A region of a grid with so many along the side of a part: trunk, upper left."""
    part, cell = divmod(region, side**2)
    row, column = divmod(cell, side)
    if side == 1:
        return PART_NAMES[part]
    if side == 3:
        return f"{PART_NAMES[part]}, {ROW_NAMES[row]} {COLUMN_NAMES[column]}"
    return f"{PART_NAMES[part]}, row {row + 1}, column {column + 1}"


def entry_name(i: int, j: int, columns: int) -> str:
    """An entry of a bilinear matrix; with a single column there is no stream B."""
    return f"i = {i + 1}, j = {j + 1}" if columns > 1 else f"i = {i + 1}"


def format_signed(value: float, digits: int = 4) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")
