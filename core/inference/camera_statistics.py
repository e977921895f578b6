"""The batch-norm statistics of cameras on disk, so that `CameraModels` estimates them once for a model and its images.

A file has the statistics of each camera, and those of all cameras together if they were needed. It has a few kilobytes
for each camera. Its name is a hash of the network and of the images, so that other weights or other images have another
file.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from core.data.images import file_of
from core.data.records import Record
from core.models.network import Network
from core.models.norm_statistics import Statistics

CAMERA_STATISTICS = "camera-statistics"  # the folder of the files, in the cache folder
ALL = "all"  # stands for all cameras together

OfCameras = Mapping[int | str, Statistics]  # camera or ALL -> its statistics


def statistics_name(network: Network, records: Sequence[Record], settings: Sequence[int]) -> str:
    """Compute the name of the file of a network and records.

    It is a hash of the weights and of the paths, cameras, sizes and times of writing of the images. Their content is
    not read.

    Args:
        network: The network with the statistics of its training.
        records: The records of the images.
        settings: Numbers that the estimate depends on.
    """
    digest = hashlib.blake2b(repr((network.config, *settings)).encode(), digest_size=16)
    for name, value in network.state_dict().items():
        digest.update(name.encode() + value.detach().cpu().contiguous().numpy().tobytes())
    for record in records:
        digest.update(os.fsencode(record.path) + f"\0{record.camera}\0{_state_of_file(record.path)}\0".encode())
    return f"{digest.hexdigest()}.safetensors"


def write_statistics(file: Path, of_cameras: OfCameras) -> None:
    """Replace a file in one step.

    Raises:
        OSError: The file cannot be written.
    """
    tensors = {
        f"{camera}.{layer}.{kind}": value.cpu().contiguous()
        for camera, statistics in of_cameras.items()
        for layer, pair in enumerate(statistics)
        for kind, value in zip(("mean", "variance"), pair, strict=True)
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{os.getpid()}.{file.name}")
    save_file(tensors, temporary)
    os.replace(temporary, file)


def read_statistics(file: Path, like: Statistics) -> dict[int | str, Statistics]:
    """Read a file of `write_statistics`. A file that is missing, damaged or of another network gives no statistics.

    Args:
        file: The file.
        like: Statistics of the network, for the number of layers and the device.
    """
    try:
        tensors = load_file(file)
        cameras = dict.fromkeys(name.split(".")[0] for name in tensors)
        return {
            camera if camera == ALL else int(camera): [
                (
                    tensors[f"{camera}.{layer}.mean"].to(mean).reshape_as(mean),
                    tensors[f"{camera}.{layer}.variance"].to(variance).reshape_as(variance),
                )
                for layer, (mean, variance) in enumerate(like)
            ]
            for camera in cameras
        }
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError):
        return {}


def _state_of_file(path: Path) -> tuple[int, int]:
    """Return the size and the time of writing of an image's file, or zeros for a missing file."""
    try:
        status = file_of(path).stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
