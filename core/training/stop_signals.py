"""Stop a training on Ctrl-C and SIGTERM."""

import signal
from contextlib import contextmanager
from typing import Protocol

from tqdm import tqdm


class Stoppable(Protocol):
    """A training that stops after the current step if `stopping` is true."""

    stopping: bool


@contextmanager
def stop_on_signals(trainer: Stoppable):
    """Stop after the current step on the first Ctrl-C or SIGTERM, and at once on the second."""

    def stop(number, frame):
        if trainer.stopping:
            raise KeyboardInterrupt
        trainer.stopping = True
        tqdm.write("stopping after the current step")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
