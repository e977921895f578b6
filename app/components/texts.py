"""Texts of the components."""

# the tools of a map
MOVE, ROTATE, LASSO, RESET_VIEW = "Move", "Rotate", "Lasso", "Reset view"
MAP = "{name}: a map of {count} images. Drag to move. Use the wheel or the keys + and - to zoom."

# the link below a result
EXPLAIN = "Explain"
EXPLAIN_RANK = "Explain rank {rank}"

# the buttons below a chart
EXPORT = "Figure as {format}"
