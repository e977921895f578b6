"""Names of regions, filter pairs and terms in figures and on pages."""

from core.geometry import Geometry

ROW_NAMES, COLUMN_NAMES = ("upper", "middle", "lower"), ("left", "centre", "right")
SHARED, BIAS = (
    "what all images share (c)",
    "the bias (c)",
)  # names of c with the mean image and with zero as the baseline


def region_name(region: int, geometry: Geometry) -> str:
    """Return the name of a region, e.g. "trunk, upper left"."""
    part, row, column = geometry.place(region)
    name = geometry.part_names[part]
    if geometry.side == 1:
        return name
    if geometry.side == 3:
        return f"{name}, {ROW_NAMES[row]} {COLUMN_NAMES[column]}"
    return f"{name}, row {row + 1}, column {column + 1}"


def entry_name(i: int, j: int, columns: int) -> str:
    """Return the name of an entry of a bilinear matrix; a single column means that there is no stream B."""
    return f"i = {i + 1}, j = {j + 1}" if columns > 1 else f"i = {i + 1}"


def format_signed(value: float, digits: int = 4) -> str:
    """Format a number with its sign, with a typographic minus."""
    return f"{value:+.{digits}f}".replace("-", "−")
