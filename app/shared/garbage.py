"""Keep the garbage collection after each rerun short.

Streamlit calls `gc.collect` after each rerun. The call visits every object of the process. With torch, pandas and a
gallery in memory, it takes longer than the rerun itself. It leaves out objects that are frozen.
"""

import gc
import time
from threading import Lock

INTERVAL_S = 60  # between two times; garbage among frozen objects is collected at the next time
_frozen_at = time.monotonic()
_lock = Lock()


def freeze() -> None:
    """Collect all garbage, and leave the other objects out of the collections that follow."""
    global _frozen_at
    with _lock:
        _frozen_at = time.monotonic()
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def freeze_at_times() -> None:
    """Freeze once a minute while the app is used; called at each rerun."""
    if time.monotonic() - _frozen_at > INTERVAL_S:
        freeze()
