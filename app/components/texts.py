"""Texts of the components."""

# the tools of a map
MOVE, ROTATE, LASSO, RESET_VIEW = "Move", "Rotate", "Lasso", "Reset view"
MAP = "{name}: a map of {count} images. Drag to move. Use the wheel or the keys + and - to zoom."

# the link below a result
EXPLAIN = "Explain"
EXPLAIN_RANK = "Explain rank {rank}"

# the locations of a region, one after another; the browser fills in the numbers
LOCATION_SUM = {
    "play": "Play",
    "pause": "Pause",
    "location": "Location",
    "which": "Location {number} of {count}: row {row}, column {column} of the feature map",
    "streams": "The streams and the receptive field of l",
    "field": "receptive field: {rows} × {columns} pixels",
    "product": "a(l), b(l) and a(l) b(l)ᵀ",
    "sum": "Sum up to l",
    "features": "a(l)",
    "readout": (
        "i = {i}, j = {j}: {a} · {b} = {product}. The sum up to l is {sum}. The length of the sum is {length}. The "
        "energy of the region is {energy}."
    ),
    "single": "This network has one stream. The feature vector of the location is a(l).",
}

SQUARE_OF_LOCATION = {  # in place of its receptive field
    "streams": "The region and the square of l",
    "field": "square: {rows} × {columns} pixels",
}

# the buttons below a chart
EXPORT = "Figure as {format}"

# boxes on a photograph; the browser fills in the numbers
BOX = "Box {number} of {count}: left {left} %, top {top} %, width {width} %, height {height} %"
ADD_BOX, DELETE_BOX = "Add another box", "Delete box"

# a formula or a table that is wider than its box
SCROLLED_BOX = "Scrollable content"
