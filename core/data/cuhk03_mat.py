"""`cuhk-03.mat`, the file in which CUHK03 is distributed: images inside an HDF5 file, opened one at a time.

An image in it has a path like any other, `.../cuhk-03.mat/detected/1_001_2_06.png`: boxes, then the camera pair, the
person in the pair, the view and the slot. `labeled` and `detected` refer to one matrix of slots for each camera pair;
MATLAB's persons x 10 appears in HDF5 as 10 x persons, five slots of the first camera and five of the second, some of
them empty. `testsets` refers to 20 lists of (pair, person). (Li et al., CVPR 2014; MATLAB 7.3.)
"""

import os
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.errors import UserError

MAT_NAME = "cuhk-03.mat"
BOXES = ("labeled", "detected")
IMAGES_PER_IDENTITY = 10  # of a person: five of the pair's first camera, five of its second
WHERE_TO_GET_IT = "it is given out by the authors of CUHK03, on request"


def find_mat_above(path: str | os.PathLike) -> Path | None:
    """The .mat file that an image's path leads into; None for an image in a file of its own."""
    return next((above for above in Path(path).parents if above.suffix.lower() == ".mat" and above.is_file()), None)


def image_names(mat: Path, boxes: str) -> tuple[str, ...]:
    """The names of all images that are there, `1_001_1_01.png`, by pair, person and slot. No image is decoded."""
    return _names(mat, boxes, _changed(mat))


@lru_cache(maxsize=8)
def _names(mat: Path, boxes: str, changed: int) -> tuple[str, ...]:
    names = []
    for pair, slots in enumerate(_matrices(mat, boxes), start=1):
        for person in range(slots.shape[1]):
            names += [
                f"{pair}_{person + 1:03d}_{1 + slot // 5}_{slot + 1:02d}.png"
                for slot in range(IMAGES_PER_IDENTITY)
                if _open(mat)[slots[slot, person]].ndim == 3
            ]
    return tuple(names)


def read_image(path: str | os.PathLike) -> np.ndarray:
    """A path into the file -> RGB uint8 (H, W, 3). Raises UserError if there is no such image in it."""
    path = Path(path)
    mat = find_mat_above(path)
    if mat is None:
        raise UserError(f"There is no image {path}: no .mat file lies above it.")
    try:
        pair, person, _, slot = (int(number) for number in path.stem.split("_"))
        reference = _matrices(mat, path.parent.name)[pair - 1][slot - 1, person - 1]
        image = _open(mat)[reference][()]
    except (ValueError, IndexError):
        raise UserError(f"There is no image {path.parent.name}/{path.name} in {mat}.") from None
    except OSError as error:
        raise UserError(f"{mat} is damaged or cut off ({error}); {WHERE_TO_GET_IT}.") from None
    if image.ndim != 3:
        raise UserError(f"There is no image {path.parent.name}/{path.name} in {mat}.")
    return image.transpose(2, 1, 0)  # HDF5 holds (3, W, H)


def official_test_sets(mat: Path) -> list[list[str]]:
    """The official test identities of each split, as `1_001`; empty if the file has none."""
    file = _open(mat)
    if "testsets" not in file:
        return []
    lists = (file[reference][()].astype(int) for reference in np.ravel(file["testsets"][()]))
    return [[f"{pair}_{person:03d}" for pair, person in zip(*rows, strict=True)] for rows in lists]


def _matrices(mat: Path, boxes: str) -> tuple[np.ndarray, ...]:
    """The slots of each camera pair, (10, persons) of references."""
    file = _open(mat)
    if boxes not in file:
        raise UserError(f"{mat} has no {boxes} boxes; it should hold labeled, detected and testsets.")
    return _slots(mat, boxes, _changed(mat))


def _changed(mat: Path) -> int:
    """When the file last changed: another file may take its place, so a path alone is no key of a cache."""
    return mat.stat().st_mtime_ns if mat.is_file() else 0


def _open(mat: Path):
    """The file, opened to read. Raises UserError, with what the file really is where that can be told."""
    return _opened(mat, _changed(mat))


@lru_cache(maxsize=16)
def _slots(mat: Path, boxes: str, changed: int) -> tuple[np.ndarray, ...]:
    file = _open(mat)
    matrices = tuple(file[reference][()] for reference in np.ravel(file[boxes][()]))
    if wrong := [matrix.shape for matrix in matrices if matrix.ndim != 2 or matrix.shape[0] != IMAGES_PER_IDENTITY]:
        raise UserError(
            f"{mat} should hold {IMAGES_PER_IDENTITY} slots a person in {boxes}, and has a matrix {wrong[0]}."
        )
    return matrices


@lru_cache(maxsize=4)
def _opened(mat: Path, changed: int):
    import h5py  # a third of a second, for this one data set

    try:
        return h5py.File(mat, "r")
    except OSError as error:
        start = mat.open("rb").read(512) if mat.is_file() else b""
        if not start:
            raise UserError(f"There is no file {mat}, or it is empty; {WHERE_TO_GET_IT}.") from None
        if start.lstrip()[:1] == b"<":
            raise UserError(f"{mat} is a saved web page, not the data: download the file itself.") from None
        if start.startswith(b"MATLAB 5.0"):
            raise UserError(
                f"{mat} is an older kind of .mat file (MATLAB 5), such as the new protocol's split; "
                f"{MAT_NAME} is MATLAB 7.3."
            ) from None
        if b"MATLAB 7.3" in start or start.startswith(b"\x89HDF"):
            raise UserError(f"{mat} is damaged or cut off ({error}); download it again.") from None
        raise UserError(f"{mat} is not a MATLAB 7.3 (HDF5) file; {WHERE_TO_GET_IT}.") from None
