"""Texts of the components."""

# the tools of a map
MOVE, ROTATE, LASSO, RESET_VIEW = "Move", "Rotate", "Lasso", "Reset view"
MAP = "{name}: a map of {count} images. Drag to move. Use the wheel or the keys + and - to zoom."

# the link below a result
EXPLAIN = "Explain"
EXPLAIN_RANK = "Explain rank {rank}"

# boxes on a photograph; the browser fills in the numbers
BOX = "Box {number} of {count}: left {left} %, top {top} %, width {width} %, height {height} %"
ADD_BOX, DELETE_BOX = "Add another box", "Delete box"
