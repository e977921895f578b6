"""Batch-norm statistics of a camera and its adapted descriptors on disk, so that they are computed once.

A folder has two files for each camera: its statistics, some kilobytes, and the descriptors of its images. Their name is
a hash of the network and of the camera's images. Other weights or other images of a camera have other files, and the
other cameras keep theirs.
"""

import hashlib
import os
import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from core.atomic_files import replace_file
from core.data.images import file_of
from core.data.records import Record
from core.models.network import Network
from core.models.norm_statistics import Statistics

CAMERA_STATISTICS = "camera-statistics"  # the folder of the files, in the cache folder
UNUSED_DAYS = 30  # after so many days without a use, a file of the cache folder is deleted
STATISTICS, DESCRIPTORS = ".safetensors", ".npy"


def hash_network(network: Network, settings: Sequence[int]) -> bytes:
    """Compute a hash of a network with the statistics of its training.

    Args:
        network: The network.
        settings: Numbers that the estimate of statistics depends on.
    """
    digest = hashlib.blake2b(repr((network.config, *settings)).encode(), digest_size=16)
    for name, value in network.state_dict().items():
        digest.update(name.encode() + value.detach().cpu().contiguous().numpy().tobytes())
    return digest.digest()


def name_files(network: bytes, records: Iterable[Record], root: Path | None = None, with_files: bool = True) -> str:
    """Compute the name of the files of a network and records, without suffix.

    It is a hash of the network and of the paths, cameras, sizes and times of writing of the images. Their content is
    not read.

    Args:
        network: The result of `hash_network`.
        records: The records of the images.
        root: A folder that may be renamed: paths in it are relative to it.
        with_files: Whether sizes and times are part of the hash. Without them the image files are not looked at.
    """
    digest = hashlib.blake2b(network, digest_size=16)
    for record in records:
        inside = root is not None and record.path.is_relative_to(root)
        path = record.path.relative_to(root) if root is not None and inside else record.path
        state = _state_of_file(record.path) if with_files else ""
        digest.update(os.fsencode(path) + f"\0{record.camera}\0{state}\0".encode())
    return digest.hexdigest()


def write_statistics(file: Path, statistics: Statistics) -> None:
    """Write the statistics of a camera.

    Raises:
        OSError: The file cannot be written.
    """
    tensors = {
        f"{layer}.{kind}": value.cpu().contiguous()
        for layer, pair in enumerate(statistics)
        for kind, value in zip(("mean", "variance"), pair, strict=True)
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    with replace_file(file) as temporary:
        save_file(tensors, temporary)


def read_statistics(file: Path, like: Statistics) -> Statistics | None:
    """Read a file of `write_statistics`; None for a file that is missing, damaged or of another network.

    Args:
        file: The file.
        like: Statistics of the network, for the number of layers and the device.
    """
    try:
        tensors = load_file(file)
        statistics = [
            (
                tensors[f"{layer}.mean"].to(mean).reshape_as(mean),
                tensors[f"{layer}.variance"].to(variance).reshape_as(variance),
            )
            for layer, (mean, variance) in enumerate(like)
        ]
    except (OSError, SafetensorError, KeyError, RuntimeError):
        return None
    _mark_used(file)
    return statistics


def write_descriptors(file: Path, descriptors: np.ndarray) -> None:
    """Write the descriptors (N, D) of a camera's images.

    Raises:
        OSError: The file cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with replace_file(file) as temporary:
        np.save(temporary, descriptors, allow_pickle=False)


def read_descriptors(file: Path, shape: tuple[int, int]) -> np.ndarray | None:
    """Map a file of `write_descriptors`; None for a file that is missing, damaged or of another shape."""
    try:
        descriptors = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    _mark_used(file)
    return descriptors if descriptors.shape == shape else None


def delete_others(folder: Path, names: Collection[str]) -> None:
    """Delete the files of a folder that have other names."""
    for file in _files(folder):
        if file.stem not in names:
            file.unlink(missing_ok=True)


def delete_unused(folder: Path) -> None:
    """Delete the files of a folder that were not used for UNUSED_DAYS: of changed images, or of deleted checkpoints."""
    oldest = time.time() - UNUSED_DAYS * 86_400
    for file in _files(folder):
        with suppress(OSError):  # another process has deleted it
            if file.stat().st_mtime < oldest:
                file.unlink()


def _mark_used(file: Path) -> None:
    with suppress(OSError):  # a file that may not be changed
        os.utime(file)


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.glob("*") if file.suffix in (STATISTICS, DESCRIPTORS)]


def _state_of_file(path: Path) -> tuple[int, int]:
    """Return the size and the time of writing of an image's file, or zeros for a missing file."""
    try:
        status = file_of(path).stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
