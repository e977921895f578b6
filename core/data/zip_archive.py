"""Images out of a zip that somebody else has packed: nothing in it is believed before it is seen.

Absolute and parent paths, links and encrypted entries refuse the whole archive, as do too many entries, too many bytes
and too many for the archive's size. Bytes are counted as they are written, whatever the headers say.
"""

import mmap
import re
import shutil
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from core.data.images import IMAGE_SUFFIXES
from core.errors import UserError

MAX_FILES = 200_000
MAX_TOTAL_BYTES = 20 * 2**30  # of all images unpacked
MAX_FILE_BYTES = 200 * 2**20
MAX_COMPRESSION_RATIO = 100  # bytes unpacked for one of the archive: images are compressed already, and give 1 to 3
UNCHECKED_BYTES = 20 * 2**20  # bytes for which no ratio is asked
MIN_FREE_BYTES = 2**30  # bytes that are left free on the disk
MAX_NAME_BYTES = 240  # bytes of a file's name, as Linux and Windows allow
MAX_PATH_BYTES = 1000
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")
TABLE_SUFFIX = ".csv"  # labels (core.data.labels) are unpacked with the images
NOT_AN_IMAGE = f"is not named like an image ({', '.join(IMAGE_SUFFIXES)})"
LeftOut = list[tuple[str, str]]  # names with the reason why


def check_zip(file: Path) -> int:
    """Look at names and headers only; returns how many images there are. Raises UserError as `unpack` does."""
    with _opened(file) as archive:
        return len(_wanted(archive, file)[0])


def unpack(file: Path, folder: Path, on_progress: Callable[[int], None] = lambda count: None) -> LeftOut:
    """Write the images and CSV files of a zip below a folder; returns what was left out, by name with the reason.

    `on_progress` hears of each file that is written. Raises UserError for an archive that is refused as a whole; what
    has been written by then stays, so give a folder that can be removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    budget = min(_most_bytes(file), shutil.disk_usage(folder).free - MIN_FREE_BYTES)
    with _opened(file) as archive:
        wanted, left_out = _wanted(archive, file)
        for info, path in wanted:
            try:
                budget -= _write(archive, info, folder / path, budget, file)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                left_out.append((str(path), "has the name of another entry"))
            except _Damaged as error:
                (folder / path).unlink()
                left_out.append((str(path), str(error)))
            on_progress(1)
    return left_out


def inside(name: str) -> PurePosixPath:
    """A name from elsewhere -> a relative path below the folder it is meant for. Raises UserError if it leads out."""
    name = name.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or re.match(r"[A-Za-z]:", name):
        raise UserError(f"{shown(name)!r} is an absolute path; only paths inside the folder are taken.")
    if ".." in path.parts:
        raise UserError(f"{shown(name)!r} leads out of its folder by '..'; only paths inside it are taken.")
    return path


def shown(name: str) -> str:
    """A name that can be printed, whatever bytes it was made of."""
    text = name.encode("utf-8", "backslashreplace").decode()
    return text if text.isprintable() else text.encode("unicode_escape").decode()


class _Damaged(Exception):
    """An entry that cannot be read to its end."""


@contextmanager
def _opened(file: Path) -> Iterator[ZipFile]:
    if not file.is_file():
        raise UserError(f"There is no zip file {file}.")
    try:
        _count_entries(file)
        with ZipFile(file) as archive:
            yield archive
    except (BadZipFile, UnicodeDecodeError, NotImplementedError, EOFError):
        raise UserError(f"{shown(file.name)} is not a zip file, or a damaged one; pack it again.") from None


def _count_entries(file: Path) -> None:
    """Raises UserError for too many. Each entry of the list of contents begins alike, so they are counted unread."""
    with file.open("rb") as opened:
        if not file.stat().st_size:
            raise BadZipFile
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            for number, _ in enumerate(re.finditer(rb"PK\x01\x02", content)):
                if number == MAX_FILES:
                    raise UserError(f"{shown(file.name)} has more than {MAX_FILES:,} entries; split it.")


def _wanted(archive: ZipFile, file: Path) -> tuple[list[tuple[ZipInfo, PurePosixPath]], LeftOut]:
    """Entries to be written, with their paths, and what is left out."""
    wanted, left_out = [], []
    for info in archive.infolist():
        path = _checked_path(info, file)
        if info.is_dir() or not path.parts or any(part.startswith((".", "__MACOSX")) for part in path.parts):
            continue
        if why := _unfit(info, path):
            left_out.append((shown(str(path)), why))
        else:
            wanted.append((info, path))
    _check_bytes(sum(info.file_size for info, _ in wanted), _most_bytes(file), file)
    return wanted, left_out


def _checked_path(info: ZipInfo, file: Path) -> PurePosixPath:
    """Raises UserError for what no honest archive of images holds."""
    name = _name(info)
    try:
        path = inside(name)
    except UserError as error:
        raise UserError(f"{shown(file.name)} is refused: {error}") from None
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UserError(f"{shown(file.name)} is refused: {shown(name)!r} is a link or a device; pack files only.")
    if info.flag_bits & 1:
        raise UserError(f"{shown(file.name)} needs a password; pack it without one.")
    return path


def _name(info: ZipInfo) -> str:
    """Names without the UTF-8 flag are UTF-8 all the same with most packers; else they stay what they look like."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _unfit(info: ZipInfo, path: PurePosixPath) -> str:
    """Why an entry is left out, "" if it is taken."""
    suffix = path.suffix.lower()
    if suffix in ARCHIVES:
        return "is an archive inside the zip, which is not opened"
    if suffix not in (*IMAGE_SUFFIXES, TABLE_SUFFIX):
        return NOT_AN_IMAGE
    if max(len(part.encode()) for part in path.parts) > MAX_NAME_BYTES or len(str(path).encode()) > MAX_PATH_BYTES:
        return "has too long a name"
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "is packed in a way that is not read here; pack it as a usual zip"
    if info.file_size > MAX_FILE_BYTES:
        return f"has {info.file_size:,} bytes; at most {MAX_FILE_BYTES:,} are taken"
    return ""


def _write(archive: ZipFile, info: ZipInfo, target: Path, budget: int, file: Path) -> int:
    """Bytes written. Raises UserError when they exceed the budget, _Damaged if the entry is."""
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
            f"{shown(file.name)} is refused: unpacked it has more than {max(most, 0):,} bytes, which is "
            "too much for its size or for the disk."
        )
