"""Pictures straight into a training, without files: the same ones that the command would write."""

import io
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from PIL import Image

from .body import read_body
from .dataset import one_thread_each
from .photographer import Photographer
from .plan import make_plan
from .trace import compile_kernel


def stream(settings, jobs=2, ahead=2):
    """Yields pictures (160, 80, 3) uint8, identities and cameras as whole numbers, chunk by chunk, in the plan's order.

    `ahead` chunks a process are rendered before they are asked for. Identity 0 is a false alarm, -1 junk. One pass
    ends; another seed gives other people. Call it under `if __name__ == "__main__"`, as processes are spawned.
    """
    _, chunks = make_plan(settings)
    body = read_body()
    compile_kernel()
    one_thread_each()
    with ProcessPoolExecutor(jobs, get_context("spawn"), _start_worker, (body, settings)) as pool:
        todo, waiting = iter(chunks), deque()
        try:
            for chunk in todo:
                waiting.append(pool.submit(_render_chunk, chunk))
                if len(waiting) > jobs * ahead:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def as_saved(image, quality):
    """A Pillow image -> (160, 80, 3) uint8, through the compression that the file would have had."""
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=quality, optimize=True)
    return np.asarray(Image.open(buffer).convert("RGB"))


def _start_worker(*what):
    global _photographer
    _photographer = Photographer(*what)


def _render_chunk(chunk):
    return [
        (as_saved(image, quality), shot.identity, shot.camera)
        for shot, image, quality in _photographer.photograph(chunk)
    ]
