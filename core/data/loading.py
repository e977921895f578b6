"""Images into memory, batch by batch: decoded by threads while the network works on the batch before."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from os import cpu_count

import numpy as np
import torch
from torch import Tensor

from core.config import IMAGE_COLUMNS, IMAGE_ROWS
from core.data.images import Source, open_image, resize
from core.data.records import Record
from core.errors import UserError

OnError = Callable[[Source, str], None]  # hears of an image that cannot be used: which, and why


def read_batches(
    sources: Iterable[Source], size: int = 64, on_error: OnError | None = None
) -> Iterator[tuple[list[int], Tensor]]:
    """Sources -> batches of (positions among the sources, uint8 (B, 3, 160, 60)); memory holds two batches.

    An image that cannot be used goes to `on_error` and is left out; without it, its UserError is raised.
    """
    numbered = enumerate(sources)
    with ThreadPoolExecutor(max(2, cpu_count() or 1)) as pool:

        def start_batch():
            return [(position, source, pool.submit(_read, source)) for position, source in islice(numbered, size)]

        coming = start_batch()
        while coming:
            current, coming = coming, start_batch()  # the next batch is decoded while the caller has this one
            positions, images = [], []
            for position, source, future in current:
                image = future.result()
                if isinstance(image, np.ndarray):
                    positions.append(position)
                    images.append(image)
                elif on_error:
                    on_error(source, str(image))
                else:
                    raise image
            if positions:
                yield positions, torch.from_numpy(np.stack(images))


def _read(source: Source) -> np.ndarray | UserError:
    try:
        return resize(open_image(source))
    except UserError as error:
        return error


def load_images(
    records: Sequence[Record], on_error: OnError, on_progress: Callable[[int], None] = lambda count: None
) -> tuple[Tensor, list[Record]]:
    """Records -> uint8 (N, 3, 160, 60) of 29 kB each, and the records that could be read.

    `on_progress` hears how many images have been read since it was last called.
    """
    kept, batches = [], [torch.empty(0, 3, IMAGE_ROWS, IMAGE_COLUMNS, dtype=torch.uint8)]
    for positions, images in read_batches((record.path for record in records), on_error=on_error):
        kept += [records[position] for position in positions]
        batches.append(images)
        on_progress(len(positions))
    return torch.cat(batches), kept
