"""Names of regions, filter pairs and terms in figures and on pages."""

PART_NAMES = ("head and chest", "trunk", "legs")
HALF_NAMES = ("upper half", "lower half")  # of mobile_bcnn, which has two parts
ROW_NAMES, COLUMN_NAMES = ("upper", "middle", "lower"), ("left", "centre", "right")
SHARED, BIAS = (
    "what all images share (c)",
    "the bias (c)",
)  # names of c with the mean image and with zero as the baseline


def region_name(region: int, side: int, parts: int = len(PART_NAMES)) -> str:
    """Return the name of a region, e.g. "trunk, upper left", for `side` regions along the side of a part."""
    part, cell = divmod(region, side**2)
    names = PART_NAMES if parts == len(PART_NAMES) else HALF_NAMES
    row, column = divmod(cell, side)
    if side == 1:
        return names[part]
    if side == 3:
        return f"{names[part]}, {ROW_NAMES[row]} {COLUMN_NAMES[column]}"
    return f"{names[part]}, row {row + 1}, column {column + 1}"


def entry_name(i: int, j: int, columns: int) -> str:
    """Return the name of an entry of a bilinear matrix; a single column means that there is no stream B."""
    return f"i = {i + 1}, j = {j + 1}" if columns > 1 else f"i = {i + 1}"


def format_signed(value: float, digits: int = 4) -> str:
    """Format a number with its sign, with a typographic minus."""
    return f"{value:+.{digits}f}".replace("-", "−")
