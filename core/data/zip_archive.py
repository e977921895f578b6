"""Safe unpacking of images from zip archives of unknown origin.

An archive is rejected as a whole if it has an absolute path, a path with `..`, a link or an encrypted entry. It is also
rejected if it has too many entries, too many bytes, or too many bytes for its compressed size. Bytes are counted as
they are written, because headers may be wrong.

Each entry is unpacked, or listed with the reason why it is not, or counted as hidden, or it is a folder.
"""

import errno
import mmap
import os
import re
import shutil
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from core.atomic_files import name_in_errors
from core.data.file_names import IMAGE_SUFFIXES, printable
from core.data.zip_names import decode_names, describe_page
from core.errors import UserError

MAX_FILES = 200_000
MAX_TOTAL_BYTES = 20 * 2**30  # of all images unpacked
MAX_FILE_BYTES = 200 * 2**20
MAX_COMPRESSION_RATIO = 100  # unpacked bytes / bytes of the archive; images are compressed already and have 1 to 3
UNCHECKED_BYTES = 20 * 2**20  # bytes that the ratio does not limit
MIN_FREE_BYTES = 2**30  # bytes that stay free on the disk
MAX_NAME_BYTES = 240  # of a file name; Linux and Windows allow it
MAX_PATH_BYTES = 1000
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")
TABLE_SUFFIXES = (".csv", ".tsv", ".parquet")  # labels (core.data.labels) are unpacked with the images
NOT_AN_IMAGE = "is not named like an image, e.g. .jpg, .png or .tif"
NAME_ERRORS = (errno.EINVAL, errno.EILSEQ, errno.ENAMETOOLONG)  # of a name that the file system does not allow
SkippedFiles = list[tuple[str, str]]  # skipped files: name, reason


@dataclass
class Unpacked:
    """What became of the entries of an archive."""

    skipped: SkippedFiles = field(default_factory=list)
    hidden: int = 0  # hidden files, and those that macOS adds
    code_page: str = ""  # assumed encoding of the names, "" if they are UTF-8

    def notes(self) -> list[str]:
        """Return the unusual findings, for the user."""
        if not self.code_page:
            return []
        return [f"the names in the zip are not UTF-8; they are read as {describe_page(self.code_page)}"]


def check_zip(file: Path) -> int:
    """Check the names and headers of a zip archive without unpacking it.

    Returns:
        The number of images and CSV files.

    Raises:
        UserError: If the archive is rejected, as in `unpack_zip`.
    """
    with _opened(file) as archive:
        return len(_wanted(archive, file)[0])


def unpack_zip(file: Path, folder: Path, on_progress: Callable[[int], None] = lambda count: None) -> Unpacked:
    """Unpack the images and CSV files of a zip archive.

    Args:
        file: The archive.
        folder: The folder to write to. If the archive is rejected, files that are already written stay in it.
        on_progress: Called with 1 after each file.

    Returns:
        The skipped files with the reasons, the number of hidden files, and the assumed encoding of the names.

    Raises:
        UserError: If the archive is rejected as a whole.
        OSError: If the disk has not enough free space. The archive itself may be good.
    """
    folder.mkdir(parents=True, exist_ok=True)
    budget = _most_bytes(file)
    with _opened(file) as archive, name_in_errors(folder):
        wanted, unpacked = _wanted(archive, file)
        if sum(info.file_size for info, _ in wanted) > shutil.disk_usage(folder).free - MIN_FREE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        for info, path in wanted:
            try:
                budget -= _write(archive, info, folder / path, budget, file)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                unpacked.skipped.append((printable(str(path)), "has the same name as another entry"))
            except _Damaged as error:
                (folder / path).unlink()
                unpacked.skipped.append((printable(str(path)), str(error)))
            except OSError as error:
                if error.errno not in NAME_ERRORS:
                    raise
                unpacked.skipped.append((printable(str(path)), "has a name that this computer does not allow"))
            on_progress(1)
    return unpacked


def safe_relative_path(name: str) -> PurePosixPath:
    """Convert an untrusted name to a relative path inside a folder.

    Raises:
        UserError: If the path is absolute or contains `..`.
    """
    name = name.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or re.match(r"[A-Za-z]:", name):
        raise UserError(f"{printable(name)!r} is an absolute path; use paths inside the folder.")
    if ".." in path.parts:
        raise UserError(f"{printable(name)!r} contains '..'; use paths inside the folder.")
    return path


class _Damaged(Exception):
    """An entry of the archive cannot be read completely."""


@contextmanager
def _opened(file: Path) -> Iterator[ZipFile]:
    if not file.is_file():
        raise UserError(f"There is no zip file {file}.")
    try:
        _count_entries(file)
        with ZipFile(file) as archive:
            yield archive
    except (BadZipFile, UnicodeDecodeError, NotImplementedError, EOFError):
        raise UserError(f"{printable(file.name)} is not a zip file or is damaged; create it again.") from None


def _count_entries(file: Path) -> None:
    """Raise UserError for too many entries. Their common signature is counted, so that no entry has to be parsed."""
    with file.open("rb") as opened:
        if not file.stat().st_size:
            raise BadZipFile
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            for number, _ in enumerate(re.finditer(rb"PK\x01\x02", content)):
                if number == MAX_FILES:
                    raise UserError(
                        f"{printable(file.name)} has more than {MAX_FILES:,} entries; divide it into several archives."
                    )


def _wanted(archive: ZipFile, file: Path) -> tuple[list[tuple[ZipInfo, PurePosixPath]], Unpacked]:
    """Return the entries to write, with their paths, and the other entries."""
    wanted = []
    names, code_page = decode_names(archive.infolist())
    unpacked = Unpacked(code_page=code_page)
    for info, name in zip(archive.infolist(), names, strict=True):
        path = _checked_path(info, name, file)
        is_folder = name.endswith(("/", "\\")) and not info.file_size
        if is_folder:
            continue
        if any(part.startswith((".", "__MACOSX")) for part in path.parts):
            unpacked.hidden += 1
        elif reason := _reason_to_skip(info, name, path):
            unpacked.skipped.append((printable(str(path)), reason))
        else:
            wanted.append((info, path))
    _check_bytes(sum(info.file_size for info, _ in wanted), _most_bytes(file), file)
    return wanted, unpacked


def _checked_path(info: ZipInfo, name: str, file: Path) -> PurePosixPath:
    """Return the path of an entry. Raises UserError for an unsafe path, a link, a device or an encrypted entry."""
    try:
        path = safe_relative_path(name)
    except UserError as error:
        raise UserError(f"{printable(file.name)} is rejected: {error}") from None
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UserError(
            f"{printable(file.name)} is rejected: {printable(name)!r} is a link or a device; pack files only."
        )
    if info.flag_bits & 1:
        raise UserError(f"{printable(file.name)} is encrypted; create it without a password.")
    return path


def _reason_to_skip(info: ZipInfo, name: str, path: PurePosixPath) -> str:
    """Return why an entry is skipped, "" if it is not."""
    if not path.parts:
        return "has no name"
    if name.endswith(("/", "\\")):
        return "is named like a folder, but has content"
    suffix = path.suffix.lower()
    if suffix in ARCHIVES:
        return "is an archive inside the zip and is not unpacked"
    if suffix not in (*IMAGE_SUFFIXES, *TABLE_SUFFIXES):
        return NOT_AN_IMAGE
    if max(len(part.encode()) for part in path.parts) > MAX_NAME_BYTES or len(str(path).encode()) > MAX_PATH_BYTES:
        return "has a name that is too long"
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "has an unsupported compression method; use deflate"
    if info.file_size > MAX_FILE_BYTES:
        return f"has {info.file_size:,} bytes; the limit is {MAX_FILE_BYTES:,}"
    return ""


def _write(archive: ZipFile, info: ZipInfo, target: Path, budget: int, file: Path) -> int:
    """Write an entry and return its bytes. Raises UserError above the budget, _Damaged for a damaged entry."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with target.open("xb") as output:
        for chunk in _chunks(archive, info):
            written += len(chunk)
            _check_bytes(written, budget, file)
            output.write(chunk)
    return written


def _chunks(archive: ZipFile, info: ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(info) as source:
            while chunk := source.read(2**18):
                yield chunk
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError):
        raise _Damaged("is damaged inside the zip") from None


def _most_bytes(file: Path) -> int:
    return min(MAX_TOTAL_BYTES, MAX_COMPRESSION_RATIO * file.stat().st_size + UNCHECKED_BYTES)


def _check_bytes(count: int, most: int, file: Path) -> None:
    if count > most:
        raise UserError(
            f"{printable(file.name)} is rejected: unpacked it has more than {max(most, 0):,} bytes, which is "
            "too much for its compressed size."
        )
