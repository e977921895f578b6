"""Arrays in one .npz file, laid so that large ones can be used where they lie, without being read first."""

import os
import struct
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np

ALIGNMENT = 64  # bytes; numpy's header of an array has a multiple of it
PADDING = 0xD935  # the number by which zip readers know a field to be padding (Android's zipalign)
LOCAL_HEADER = 30  # bytes before a member's name, whose last four are the lengths of the name and of the extra fields
ZIP64_FIELD = 20  # bytes that Python adds to the extra fields of a member of unknown size
MAPPED = 2**26  # bytes from which an array is mapped; smaller ones are read, and held against their checksum


def write_arrays(file: Path, **arrays: np.ndarray) -> None:
    """Write a .npz that `np.load` reads as well; whoever reads it at the same time sees the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{os.getpid()}.{file.name}")
    with temporary.open("wb") as raw, ZipFile(raw, "w", ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = ZipInfo(f"{name}.npy")
            begin = raw.tell() + LOCAL_HEADER + len(member.filename) + ZIP64_FIELD
            padding = -(begin + 4) % ALIGNMENT
            member.extra = struct.pack("<HH", PADDING, padding) + bytes(padding)
            with archive.open(member, "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, np.asarray(array), allow_pickle=False)
    os.replace(temporary, file)


def read_arrays(file: Path) -> dict[str, np.ndarray]:
    """The arrays of a .npz, those of 64 MB and more mapped from it. Raises what zipfile and numpy raise."""
    with file.open("rb") as raw, ZipFile(raw) as archive:
        return {
            member.filename.removesuffix(".npy"): _read(file, raw, archive, member) for member in archive.infolist()
        }


def _read(file: Path, raw, archive: ZipFile, member: ZipInfo) -> np.ndarray:
    with archive.open(member) as stream:
        if member.compress_type != ZIP_STORED or member.file_size < MAPPED:
            return np.lib.format.read_array(stream, allow_pickle=False)
        version = np.lib.format.read_magic(stream)
        if version != (1, 0):
            raise ValueError(f"{member.filename} has a header of version {version}, not (1, 0)")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        header = stream.tell()
    raw.seek(member.header_offset + LOCAL_HEADER - 4)
    lengths = struct.unpack("<HH", raw.read(4))
    begin = member.header_offset + LOCAL_HEADER + sum(lengths) + header
    mapped = np.memmap(file, dtype, "r", begin, shape, "F" if fortran else "C")
    return mapped if begin % ALIGNMENT == 0 else np.array(mapped)  # written by numpy, anywhere in the file
