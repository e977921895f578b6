"""A trained network that describes images: paths, bytes, PIL images, arrays or records, in batches or as a stream."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from core.config import MOBILE
from core.data.images import Source, resize
from core.data.loading import OnError, read_batches
from core.data.records import Record
from core.errors import UserError
from core.inference.checkpoint import Checkpoint, find_checkpoint, is_baseline, load_checkpoint
from core.models.mobilenet import first_filters
from core.models.network import Network

# Images times filters of a block on a CPU. The maps of conv1 then take 22 MiB for all parts, and the largest maps of a
# backbone 27 MiB. glibc returns blocks of more than 32 MiB to the system at once, and allocating them again takes time.
IMAGES_PER_BLOCK = 512


class Model:
    """A checkpoint that is ready to describe images. `load` makes one.

    Attributes:
        checkpoint: The network with its configuration, training, data and metrics.
        device: The torch device, "cpu", "cuda" or "mps".
        flip: Whether to use mirror images: the embedding is then the mean of those of the image and of its mirror
            image, and stays an affine function of the region vectors. It takes twice as long.
        lifts: Whether the descriptors are lifted points (core.inference.lifting), which are ranked by the Euclidean
            distance.
    """

    lifts = False
    prepare: Callable[[Image.Image], np.ndarray]  # of images before `_embed`

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu", flip: bool = False):
        self.checkpoint = checkpoint
        self.device = device
        self.flip = flip
        self.network: Network = checkpoint.network.to(device).eval()
        self.prepare = partial(resize, size=self.network.config.image_size)

    @property
    def length(self) -> int:
        """The number of values of a descriptor."""
        return self.network.config.descriptor

    @property
    def configuration(self) -> dict[str, Any]:
        """The configuration of the network, as results store it."""
        config = self.network.config
        return {"architecture": config.architecture, "filters": config.filters, "region_size": config.region_size}

    def describe(self, images: Source | Iterable[Source], batch_size: int = 64) -> np.ndarray:
        """Describe images.

        Args:
            images: Paths, bytes, open files, PIL images or arrays, or a single one of these.
            batch_size: Number of images of a batch.

        Returns:
            Descriptors, float32 (N, D) of unit length, in the order of the images.

        Raises:
            UserError: If an image cannot be used.
        """
        if isinstance(images, (str, os.PathLike, bytes, Image.Image)) or _is_file_or_array(images):
            images = [images]
        return self._stack(list(self.describe_stream(images, batch_size)))

    def describe_stream(self, images: Iterable[Source], batch_size: int = 64) -> Iterator[np.ndarray]:
        """Describe a stream of images of any length.

        The images are read a few batches ahead of the descriptors, so that memory does not grow with their number.

        Args:
            images: As in `describe`.
            batch_size: Number of images of a batch.

        Yields:
            Descriptors of one batch, float32 (B, D), in the order of the images.
        """
        yield from (embedded for _, embedded in self._embed_all(read_batches(images, batch_size, prepare=self.prepare)))

    def describe_records(
        self,
        records: Sequence[Record],
        batch_size: int = 64,
        on_error: OnError = lambda source, why: None,
        on_progress: Callable[[int], None] = lambda count: None,
    ) -> tuple[np.ndarray, list[Record]]:
        """Describe the images of records.

        Args:
            records: The records.
            batch_size: Number of images of a batch.
            on_error: Called for each image that cannot be used; the image is skipped.
            on_progress: Called after each batch with the number of its images.

        Returns:
            Descriptors, float32 (N, D), and the records of these N images.
        """
        descriptors, kept = [], []
        batches = read_batches((record.path for record in records), batch_size, on_error, self.prepare)
        for positions, embedded in self._embed_all(batches):
            descriptors.append(embedded)
            kept += [records[position] for position in positions]
            on_progress(len(positions))
        return self._stack(descriptors), kept

    def describe_images(self, images: Tensor, batch_size: int = 128) -> np.ndarray:
        """Describe images that are already read and resized: uint8 (N, 3, 160, 60) -> float32 (N, D)."""
        return self._stack([self._embed(batch) for batch in images.split(batch_size)] if len(images) else [])

    def score(self, first: np.ndarray, second: np.ndarray) -> float:
        """Compute the score of two descriptors (D,), as a search does."""
        return float(first @ second)

    def _embed_all(self, batches: Iterable[tuple[list[int], Tensor]]) -> Iterator[tuple[list[int], np.ndarray]]:
        """Describe batches, in order. On a CPU (number of cores) / (threads of torch) batches run at a time."""
        workers = max(1, (os.cpu_count() or 1) // torch.get_num_threads()) if self.device == "cpu" else 1
        with ThreadPoolExecutor(workers) as pool:
            pending: deque = deque()
            for positions, images in batches:
                pending.append((positions, pool.submit(self._embed, images)))
                if len(pending) > workers:
                    positions, future = pending.popleft()
                    yield positions, future.result()
            yield from ((positions, future.result()) for positions, future in pending)

    def _embed(self, images: Tensor) -> np.ndarray:
        with torch.inference_mode():
            images = images.to(self.device)
            embedding = self._embedding(images)
            if self.flip:
                embedding = (embedding + self._embedding(images.flip(3))) / 2
            return F.normalize(embedding, dim=1).float().cpu().numpy()

    def _embedding(self, images: Tensor) -> Tensor:
        """Compute `Network.embedding`; on a CPU the steps up to the region vectors run in blocks of images."""
        config = self.network.config
        filters = first_filters(config.backbone_width) if config.architecture == MOBILE else config.filters
        size = max(1, IMAGES_PER_BLOCK // filters) if self.device == "cpu" else len(images)
        return self.network.embed(torch.cat([self.network.vectors(block) for block in images.split(size)]))

    def _stack(self, descriptors: list[np.ndarray]) -> np.ndarray:
        empty = np.empty((0, self.length), np.float32)
        return np.concatenate([empty, *descriptors])


def load(path: str | os.PathLike, device: str = "auto", flip: bool = False) -> Model:
    """Load a model.

    Args:
        path: A checkpoint folder, a run folder, or the folder of a baseline (core.inference.baseline).
        device: "cpu", "cuda", "mps" (the GPU of an Apple processor) or "auto".
        flip: Whether to use mirror images.

    Raises:
        UserError: If the checkpoint is missing or damaged, or if the device is not available.
    """
    if is_baseline(folder := find_checkpoint(Path(path))):
        from core.inference.baseline import Baseline  # a Model itself

        return Baseline.open(folder, flip)
    return Model(load_checkpoint(folder), choose_device(device), flip)


def choose_device(name: str) -> str:
    """Return a torch device: for "auto" it is "cuda" if a GPU of NVIDIA or AMD is available, otherwise "cpu".

    Raises:
        UserError: If the device is not available.
    """
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind = name.partition(":")[0]
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not available.get(kind):
        raise UserError(f"The device {name!r} is not available; use cpu or auto.")
    return name


def _is_file_or_array(images: object) -> TypeGuard[BinaryIO | np.ndarray]:
    """Return whether `images` is a single open file or array, which are iterable but one image."""
    return images.ndim < 4 if isinstance(images, np.ndarray) else hasattr(images, "read")
