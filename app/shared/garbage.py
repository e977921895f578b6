"""Keep the garbage collection after each rerun short.

Streamlit calls `gc.collect` after each rerun. The call visits every object of the process that is not frozen. With
torch, pandas, a gallery and many sessions in memory, it would take longer than the rerun itself. `gc.freeze` takes no
time.
"""

import gc
from threading import Lock

RERUNS = 300  # between two collections of all objects
_count = 0
_lock = Lock()


def freeze_at_rerun() -> None:
    """Leave the objects that exist now out of the collection after a rerun; collect all at times."""
    global _count
    _count += 1
    if _count % RERUNS:
        gc.freeze()
    else:
        collect_all()


def collect_all() -> None:
    """Collect the garbage among all objects, frozen ones too."""
    with _lock:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
