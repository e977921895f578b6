"""Layouts of CUHK01 and VIPeR, two data sets with two cameras, A (1) and B (2), and without an official split.

CUHK01 (Li, Zhao, Wang, ACCV 2012) has files `campus/PPPPIII.png`: PPPP is the identity, images 001 and 002 are from
camera A, and 003 and 004 from camera B.
VIPeR (Gray, Brennan, Tao, PETS 2007) has files `cam_a/<id>_<angle>.bmp` and `cam_b/<id>_<angle>.bmp`: one image of each
identity from each camera.
"""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from core.data.images import IMAGE_SUFFIXES
from core.data.records import Dataset, Record
from core.errors import UserError

CUHK01_NAME = re.compile(r"(\d{4})(00[1-4])\.\w+$")
VIPER_NAME = re.compile(r"(\d+)_(-?\d+)\.\w+$")
VIPER_FOLDERS = {"cam_a": 1, "cam_b": 2}


def find_cuhk01(folder: Path) -> Path | None:
    """Find the folder of CUHK01's images: `folder`, `folder/campus` or `folder/*/campus`. None if there is none."""
    for path in (folder, folder / "campus", *sorted(folder.glob("*/campus"))):
        names = [file.name for file in path.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES] if path.is_dir() else []
        if names and all(map(CUHK01_NAME.match, names)):
            return path
    return None


def read_cuhk01(folder: Path) -> Dataset:
    """Read CUHK01: 971 identities with two images from each camera. No image is opened."""
    return _dataset("cuhk01", folder, _read(folder, _parse_cuhk01), 3884, 971)


def find_viper(folder: Path) -> Path | None:
    """Find the folder with `cam_a` or `cam_b`: `folder` or a folder directly in it. None if there is none."""
    for path in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        if any((path / name).is_dir() for name in VIPER_FOLDERS):
            return path
    return None


def read_viper(folder: Path) -> Dataset:
    """Read VIPeR: 632 identities with one image from each camera.

    The identity is the part of the file name before the angle. No image is opened.

    Raises:
        UserError: If one of the two cameras is missing.
    """
    records = []
    for name, camera in VIPER_FOLDERS.items():
        if not (folder / name).is_dir():
            raise UserError(f"{folder} has no folder {name}; VIPeR consists of cam_a and cam_b with 632 images each.")
        records += _read(folder / name, partial(_parse_viper, camera=camera))
    return _dataset("viper", folder, records, 1264, 632)


def _read(folder: Path, parse: Callable[[Path], Record | None]) -> list[Record]:
    return [
        record for path in sorted(folder.iterdir()) if path.suffix.lower() in IMAGE_SUFFIXES and (record := parse(path))
    ]


def _parse_cuhk01(path: Path) -> Record | None:
    match = CUHK01_NAME.match(path.name)
    return Record(path, match[1], 1 if match[2] in ("001", "002") else 2) if match else None


def _parse_viper(path: Path, camera: int) -> Record | None:
    match = VIPER_NAME.match(path.name)
    return Record(path, match[1], camera) if match else None


def _dataset(layout: str, root: Path, pool: list[Record], images: int, identities: int) -> Dataset:
    """Make a Dataset and compare the numbers of its images and identities with the published ones."""
    if not pool:
        raise UserError(f"{root} has no image that is named like the images of {layout}.")
    found = len({record.identity for record in pool})
    notes = []
    if (len(pool), found) != (images, identities):
        notes.append(f"{len(pool):,} images of {found:,} identities; {images:,} of {identities:,} were published")
    return Dataset(root, layout, pool=pool, notes=notes)
