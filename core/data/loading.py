"""Loading of images into memory, in batches. Threads decode the next batch while the caller uses the present one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from os import cpu_count

import numpy as np
import torch
from PIL.Image import Image
from torch import Tensor

from core.config import IMAGE_COLUMNS, IMAGE_ROWS
from core.data.images import Source, open_image, resize
from core.data.records import Record
from core.errors import UserError

OnError = Callable[[Source, str], None]  # called with an image that cannot be used, and the reason


def read_batches(
    sources: Iterable[Source],
    size: int = 64,
    on_error: OnError | None = None,
    prepare: Callable[[Image], np.ndarray] = resize,
) -> Iterator[tuple[list[int], Tensor]]:
    """Read images in batches. At most two batches are in memory.

    Args:
        sources: Images, as `open_image` takes them.
        size: Number of images of a batch. The last batch, and batches with unreadable images, are smaller.
        on_error: Called for each image that cannot be used; the image is skipped.
        prepare: Converts an image to an array; called in several threads.

    Yields:
        The positions of the images in `sources`, and their arrays: uint8 (B, 3, 160, 60) for `resize`.

    Raises:
        UserError: If an image cannot be used and there is no `on_error`.
    """
    numbered = enumerate(sources)
    with ThreadPoolExecutor(max(2, cpu_count() or 1)) as pool:

        def start_batch():
            return [
                (position, source, pool.submit(_read, source, prepare)) for position, source in islice(numbered, size)
            ]

        upcoming = start_batch()
        while upcoming:
            current, upcoming = upcoming, start_batch()  # decode the next batch while the caller uses this one
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


def _read(source: Source, prepare: Callable[[Image], np.ndarray]) -> np.ndarray | UserError:
    try:
        return prepare(open_image(source))
    except UserError as error:
        return error


def load_images(
    records: Sequence[Record],
    on_error: OnError,
    on_progress: Callable[[int], None] = lambda count: None,
    size: tuple[int, int] = (IMAGE_ROWS, IMAGE_COLUMNS),
) -> tuple[Tensor, list[Record]]:
    """Read all images of a list of records into memory, 29 kB for each image of 160 x 60 pixels.

    Args:
        records: The records.
        on_error: Called for each image that cannot be used; the image is skipped.
        on_progress: Called after each batch with the number of its images.
        size: The rows and columns that the images are resized to.

    Returns:
        uint8 (N, 3, 160, 60), or of another size, and the records of these N images.
    """
    kept, batches = [], [torch.empty(0, 3, *size, dtype=torch.uint8)]
    prepare = partial(resize, size=size)
    for positions, images in read_batches((record.path for record in records), on_error=on_error, prepare=prepare):
        kept += [records[position] for position in positions]
        batches.append(images)
        on_progress(len(positions))
    return torch.cat(batches), kept
