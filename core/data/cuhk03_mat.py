"""Reading of `cuhk-03.mat`, the file in which CUHK03 is distributed (Li et al., CVPR 2014).

The file has MATLAB's format 7.3, which is HDF5. Images are read one at a time. Each has a path inside the file, for
example `.../cuhk-03.mat/detected/1_001_2_06.png`: the boxes, then the camera pair, the person, the view and the slot.

`labeled` and `detected` each hold a reference to one matrix of slots for each camera pair. MATLAB's persons x 10 matrix
is 10 x persons in HDF5: five slots of the first camera, then five of the second. Slots may be empty. `testsets` holds
references to 20 lists of (pair, person).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.data.git_lfs import POINTER_START, pointer_sentence
from core.errors import UserError

MAT_NAME = "cuhk-03.mat"
BOXES = ("labeled", "detected")
MAX_ARRAY_BYTES = 20 * 10**6  # the largest image of CUHK03 has less than one million
IMAGES_PER_IDENTITY = 10  # slots of an identity: five of the first camera of a pair, five of the second
WHERE_TO_GET_IT = "request the file from the authors of CUHK03"


def find_mat_above(path: str | os.PathLike) -> Path | None:
    """Return the .mat file that contains an image's path, or None for an image that is a file."""
    return next((parent for parent in Path(path).parents if parent.suffix.lower() == ".mat" and parent.is_file()), None)


def image_names(mat: Path, boxes: str) -> tuple[str, ...]:
    """List the names of all images, such as `1_001_1_01.png`, sorted by pair, person and slot. No image is decoded."""
    return _names(mat, boxes, _changed(mat))


@lru_cache(maxsize=8)
def _names(mat: Path, boxes: str, changed: int) -> tuple[str, ...]:
    names = []
    file = _open(mat)
    for pair, slots in enumerate(_matrices(mat, boxes), start=1):
        for person in range(slots.shape[1]):
            with _reading(mat):
                names += [
                    f"{pair}_{person + 1:03d}_{1 + slot // 5}_{slot + 1:02d}.png"
                    for slot in range(IMAGES_PER_IDENTITY)
                    if file[slots[slot, person]].ndim == 3
                ]
    return tuple(names)


def read_image(path: str | os.PathLike) -> np.ndarray:
    """Read the image at a path inside a .mat file.

    Returns:
        RGB, uint8 (H, W, 3).

    Raises:
        UserError: If the file has no such image or is damaged.
    """
    path = Path(path)
    mat = find_mat_above(path)
    if mat is None:
        raise UserError(f"There is no image {path}: the path does not contain a .mat file.")
    try:
        pair, person, _, slot = (int(number) for number in path.stem.split("_"))
        reference = _matrices(mat, path.parent.name)[pair - 1][slot - 1, person - 1]
    except (ValueError, IndexError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"There is no image {path.parent.name}/{path.name} in {mat}.") from None
    with _reading(mat):
        image = _values(_open(mat)[reference])
    if image.ndim != 3:
        raise UserError(f"There is no image {path.parent.name}/{path.name} in {mat}.")
    return image.transpose(2, 1, 0)  # stored as (3, W, H)


def official_test_sets(mat: Path) -> list[list[str]]:
    """Return the official test identities of each split, such as `1_001`; an empty list if the file has none."""
    file = _open(mat)
    with _reading(mat):
        if "testsets" not in file:
            return []
        lists = [_values(file[reference]).astype(int) for reference in np.ravel(_values(file["testsets"]))]
        return [[f"{pair}_{person:03d}" for pair, person in zip(*rows, strict=True)] for rows in lists]


def _matrices(mat: Path, boxes: str) -> tuple[np.ndarray, ...]:
    """Return the slots of each camera pair, a matrix (10, persons) of HDF5 references."""
    file = _open(mat)
    with _reading(mat):
        has_boxes = boxes in file
    if not has_boxes:
        raise UserError(f"{mat} has no {boxes} boxes; expected labeled, detected and testsets.")
    return _slots(mat, boxes, _changed(mat))


def _changed(mat: Path) -> int:
    """Return the time of the file's last change, as part of cache keys: a path alone does not identify the content."""
    return mat.stat().st_mtime_ns if mat.is_file() else 0


def _open(mat: Path):
    """Open the file for reading. Raises UserError that says what the file is instead, if that is known."""
    return _opened(mat, _changed(mat))


@lru_cache(maxsize=16)
def _slots(mat: Path, boxes: str, changed: int) -> tuple[np.ndarray, ...]:
    file = _open(mat)
    with _reading(mat):
        matrices = tuple(_values(file[reference]) for reference in np.ravel(_values(file[boxes])))
    if wrong := [matrix.shape for matrix in matrices if matrix.ndim != 2 or matrix.shape[0] != IMAGES_PER_IDENTITY]:
        raise UserError(
            f"{mat}: {boxes} has a matrix of shape {wrong[0]}; expected {IMAGES_PER_IDENTITY} slots for each person."
        )
    return matrices


def _values(dataset) -> np.ndarray:
    """Read a whole array of the file. A damaged or hostile header may claim far more than the largest image has."""
    if dataset.nbytes > MAX_ARRAY_BYTES:
        raise ValueError(f"an array has {dataset.nbytes:,} bytes")
    return dataset[()]


@contextmanager
def _reading(mat: Path) -> Iterator[None]:
    """Raise UserError if the file is damaged."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # h5py raises many kinds of error on damaged files
        raise UserError(f"{mat} is damaged or truncated ({error}); {WHERE_TO_GET_IT}.") from None


@lru_cache(maxsize=4)
def _opened(mat: Path, changed: int):
    import h5py  # its import takes 0.3 s, and only this data set needs it

    try:
        return h5py.File(mat, "r")
    except OSError as error:
        start = mat.open("rb").read(512) if mat.is_file() else b""
        if not start:
            raise UserError(f"There is no file {mat}, or it is empty; {WHERE_TO_GET_IT}.") from None
        if start.startswith(POINTER_START):
            raise UserError(pointer_sentence(mat, "the data")) from None
        if start.lstrip()[:1] == b"<":
            raise UserError(f"{mat} is a saved web page, not the data; download the file itself.") from None
        if start.startswith(b"MATLAB 5.0"):
            raise UserError(
                f"{mat} has the older .mat format (MATLAB 5), like the split of the new protocol; "
                f"{MAT_NAME} has the format MATLAB 7.3."
            ) from None
        if b"MATLAB 7.3" in start or start.startswith(b"\x89HDF"):
            raise UserError(f"{mat} is damaged or truncated ({error}); download it again.") from None
        raise UserError(f"{mat} is not a MATLAB 7.3 (HDF5) file; {WHERE_TO_GET_IT}.") from None
