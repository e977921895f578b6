"""Images -> descriptors, streaming: a trained network as an object that takes what people have at hand."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, TypeGuard

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from core.data.images import Source
from core.data.loading import OnError, read_batches
from core.data.records import Record
from core.errors import UserError
from core.inference.checkpoint import Checkpoint, load_checkpoint
from core.models.network import Network

IMAGES_PER_BLOCK = (
    512  # maps of conv1 at a time and part: 22 MiB, as glibc gives what is above 32 MiB back to the system at once
)


class Model:
    """A checkpoint ready to describe images; `load` makes one.

    Attributes:
        checkpoint: the network with its configuration, training, data and metrics.
        device: where the network computes.
        flip: whether an image and its mirror image are described together, by the mean of the two before it is
            scaled to unit length; so a descriptor stays affine in the region vectors. Takes twice as long.
    """

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu", flip: bool = False):
        self.checkpoint = checkpoint
        self.device = device
        self.flip = flip
        self.network: Network = checkpoint.network.to(device).eval()

    def describe(self, images: Source | Iterable[Source], batch_size: int = 64) -> np.ndarray:
        """Images -> float32 (N, D) of unit length, in their order.

        `images` are paths, bytes, open files, PIL images or arrays, or a single one of these. Raises UserError at the
        first one that cannot be used.
        """
        if isinstance(images, (str, os.PathLike, bytes, Image.Image)) or _is_file_or_array(images):
            images = [images]
        return self._stack(list(self.describe_stream(images, batch_size)))

    def describe_stream(self, images: Iterable[Source], batch_size: int = 64) -> Iterator[np.ndarray]:
        """Images without end -> float32 (B, D), batch after batch, in their order.

        `images` is read as the descriptors are taken, a few batches ahead: so memory does not grow with their number.
        """
        yield from (embedded for _, embedded in self._embed_all(read_batches(images, batch_size)))

    def describe_records(
        self,
        records: Sequence[Record],
        batch_size: int = 64,
        on_error: OnError = lambda source, why: None,
        on_progress: Callable[[int], None] = lambda count: None,
    ) -> tuple[np.ndarray, list[Record]]:
        """Records -> float32 (N, D) and the records that could be read; the others go to `on_error` by name.

        `on_progress` hears how many images have been described since it was last called.
        """
        descriptors, kept = [], []
        batches = read_batches((record.path for record in records), batch_size, on_error)
        for positions, embedded in self._embed_all(batches):
            descriptors.append(embedded)
            kept += [records[position] for position in positions]
            on_progress(len(positions))
        return self._stack(descriptors), kept

    def describe_images(self, images: Tensor, batch_size: int = 128) -> np.ndarray:
        """uint8 (N, 3, 160, 60), already read and resized -> float32 (N, D)."""
        return self._stack([self._embed(batch) for batch in images.split(batch_size)] if len(images) else [])

    def _embed_all(self, batches: Iterable[tuple[list[int], Tensor]]) -> Iterator[tuple[list[int], np.ndarray]]:
        """`_embed` of each batch, in order; on a CPU as many at a time as there are cores for torch's thread count."""
        workers = max(1, (os.cpu_count() or 1) // torch.get_num_threads()) if self.device == "cpu" else 1
        with ThreadPoolExecutor(workers) as pool:
            under_way: deque = deque()
            for positions, images in batches:
                under_way.append((positions, pool.submit(self._embed, images)))
                if len(under_way) > workers:
                    positions, future = under_way.popleft()
                    yield positions, future.result()
            yield from ((positions, future.result()) for positions, future in under_way)

    def _embed(self, images: Tensor) -> np.ndarray:
        with torch.inference_mode():
            images = images.to(self.device)
            embedding = self._embedding(images)
            if self.flip:
                embedding = (embedding + self._embedding(images.flip(3))) / 2
            return F.normalize(embedding, dim=1).float().cpu().numpy()

    def _embedding(self, images: Tensor) -> Tensor:
        """`Network.embedding`, on a CPU in blocks as far as the region vectors."""
        size = max(1, IMAGES_PER_BLOCK // self.network.config.filters) if self.device == "cpu" else len(images)
        return self.network.embed(torch.cat([self.network.vectors(block) for block in images.split(size)]))

    def _stack(self, descriptors: list[np.ndarray]) -> np.ndarray:
        empty = np.empty((0, self.network.config.descriptor), np.float32)
        return np.concatenate([empty, *descriptors])


def load(path: str | os.PathLike, device: str = "auto", flip: bool = False) -> Model:
    """A checkpoint or run folder -> Model. Raises UserError if it is missing or damaged."""
    return Model(load_checkpoint(Path(path)), choose_device(device), flip)


def choose_device(name: str) -> str:
    """ "auto" -> "cuda" where there is one, else "cpu". Raises UserError for a device that is not there."""
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name != "cpu" and not (name.startswith("cuda") and torch.cuda.is_available()):
        raise UserError(f"The device {name!r} is not there; use cpu, or auto.")
    return name


def _is_file_or_array(images: object) -> TypeGuard[BinaryIO | np.ndarray]:
    """Whether this is one image as an open file or array; both could be iterated over."""
    return images.ndim < 4 if isinstance(images, np.ndarray) else hasattr(images, "read")
