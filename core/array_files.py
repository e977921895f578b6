"""Reading of NumPy's .npz and .npy files of unknown origin. Nothing is unpickled."""

from pathlib import Path
from zipfile import ZipFile

import numpy as np

MAX_COMPRESSION_RATIO = 100  # bytes of the arrays / bytes of the file
UNCHECKED_BYTES = 20 * 2**20  # bytes that the ratio does not limit


def read_arrays(file: Path) -> dict[str, np.ndarray]:
    """Read all arrays of a .npz file.

    Raises:
        OSError: If the system refuses to read the file.
        ValueError: If the file is damaged or is something else, or if its arrays are far larger than the file.
    """
    try:
        with ZipFile(file) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size > MAX_COMPRESSION_RATIO * file.stat().st_size + UNCHECKED_BYTES:
            raise ValueError(f"its arrays have {size:,} bytes, which is too much for the size of the file")
        with np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)
    except Exception as error:  # zipfile and numpy raise many kinds of error on damaged files
        raise _readable(error) from None


def map_array(file: Path) -> np.ndarray:
    """Map the array of a .npy file into memory.

    Raises:
        OSError: If the system refuses to read the file.
        ValueError: If the file is damaged or is something else.
    """
    try:
        return np.lib.format.open_memmap(file, mode="r")  # unlike np.load, it reads only .npy files
    except Exception as error:  # numpy parses the header as Python text, and raises many kinds of error
        raise _readable(error) from None


def _readable(error: Exception) -> Exception:
    """Return an error of the operating system as it is, and any other one as a ValueError of one line."""
    if isinstance(error, OSError) and error.errno:
        return error
    first_line = str(error).partition("\n")[0]
    return ValueError(first_line or f"it is damaged ({type(error).__name__})")
