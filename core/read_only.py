"""Read-only mode for public demos: `MR_BCNN_READ_ONLY=1` switches off what changes the server.

The app shows no controls for trainings, galleries, data sets, labels, evaluations and paths of the server's disk, and
stores no uploads. The functions behind these controls refuse as well. Caches of descriptors, maps
and batch-norm adaptations are still written.
"""

import os

from core.errors import UserError

VARIABLE = "MR_BCNN_READ_ONLY"


def is_read_only() -> bool:
    """Return whether `$MR_BCNN_READ_ONLY` is set to anything but 0, false, no or off."""
    return os.environ.get(VARIABLE, "").strip().lower() not in ("", "0", "false", "no", "off")


def refuse_if_read_only() -> None:
    """Check that changes are allowed.

    Raises:
        UserError: In read-only mode.
    """
    if is_read_only():
        raise UserError(f"This server is read-only ({VARIABLE} is set); nothing can be started, changed or deleted.")
