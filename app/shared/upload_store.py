"""Store uploads on the server for one day, each under an id that cannot be guessed.

An upload is stored as a PNG of its decoded image, in one folder per visitor. Whoever has an id can read and delete the
upload. The store has no function that lists ids.
"""

import hashlib
import io
import os
import re
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from core.atomic_files import name_in_errors
from core.data.images import open_image
from core.errors import UserError
from core.read_only import refuse_if_read_only

LIFETIME_S = 24 * 3600
SWEEP_INTERVAL_S = 600  # at most this long after its lifetime an upload is deleted
VISITOR_BYTES, TOTAL_BYTES = 200 * 2**20, 2**30  # 16 images of 1600 x 1600 pixels take at most 123 MB
ID_BYTES = 24
ID = re.compile(r"[A-Za-z0-9_-]{32}")  # 24 bytes in base64
PLACE = re.compile(r"[0-9a-f]{32}")  # the folder of a visitor
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_changes = threading.Lock()  # so that the folder of a new upload is not deleted as an empty one


def is_expired(changed: float) -> bool:
    """Return whether a file of this time is deleted: it is a day old, or the clock was set back by a day since."""
    return abs(time.time() - changed) > LIFETIME_S


@dataclass(frozen=True)
class UploadStore:
    """Uploads in a folder that only the app's user can open."""

    folder: Path

    def put(self, image: Image.Image, visitor: str) -> tuple[str, int]:
        """Store an image -> its id, and how many earlier uploads were deleted to make space.

        Raises:
            OSError: If the folder cannot be written.
            UserError: In read-only mode.
        """
        refuse_if_read_only()
        file = io.BytesIO()
        image.save(file, "PNG", compress_level=1)
        key = secrets.token_urlsafe(ID_BYTES)
        place = self.folder / hashlib.blake2b(visitor.encode(), digest_size=16).hexdigest()
        with _changes:
            self._sweep()
            for folder in (self.folder, place):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            deleted = self._make_space(place.name, len(file.getvalue()))
            unfinished = place / f".{key}"
            try:
                with name_in_errors(place), open(os.open(unfinished, NEW_FILE, 0o600), "wb") as out:
                    out.write(file.getvalue())
                unfinished.replace(place / f"{key}.png")
            except OSError:
                unfinished.unlink(missing_ok=True)  # a full disk needs the space
                raise
        return key, deleted

    def has(self, key: str) -> bool:
        """Return whether an upload is stored and has not expired."""
        return self._find(key) is not None

    def get(self, key: str) -> Image.Image | None:
        """Return the image of an upload, or None if the id is invalid, deleted or expired."""
        path = self._find(key)
        if path is None:
            return None
        try:
            return open_image(path)
        except UserError:  # deleted meanwhile, or damaged
            return None

    def delete(self, key: str) -> None:
        """Delete an upload; an unknown id is ignored."""
        if path := self._find(key):
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Delete expired uploads, and the folders that are empty then."""
        with _changes:
            self._sweep()

    def sweep_regularly(self) -> None:
        """Sweep now and then every ten minutes, until the process ends."""

        def run() -> None:
            while True:
                with suppress(OSError):
                    self.sweep()
                time.sleep(SWEEP_INTERVAL_S)

        threading.Thread(target=run, name="uploads", daemon=True).start()

    def _find(self, key: str) -> Path | None:
        if not ID.fullmatch(key):  # so that no path can be built from an id
            return None
        for path in self.folder.glob(f"*/{key}.png"):
            with suppress(OSError):  # deleted meanwhile
                if not is_expired(path.stat().st_mtime):
                    return path
        return None

    def _sweep(self) -> None:
        for path, changed, _ in self._files():
            if is_expired(changed):
                path.unlink(missing_ok=True)
        for place in self.folder.glob("*"):
            if PLACE.fullmatch(place.name):
                with suppress(OSError):  # not empty
                    place.rmdir()

    def _files(self) -> list[tuple[Path, float, int]]:
        """Return the path, time and size of each stored upload, the oldest first; other files are left alone."""
        found = []
        for path in self.folder.glob("*/*"):
            if PLACE.fullmatch(path.parent.name) and ID.fullmatch(path.stem.removeprefix(".")):
                with suppress(OSError):  # deleted meanwhile
                    facts = path.stat()
                    found.append((path, facts.st_mtime, facts.st_size))
        return sorted(found, key=lambda file: file[1])

    def _make_space(self, place: str, needed: int) -> int:
        """Delete the oldest uploads until `needed` bytes are free, for the visitor and in total; return how many."""
        deleted = 0
        for visitor, limit in ((place, VISITOR_BYTES), ("", TOTAL_BYTES)):
            files = [file for file in self._files() if visitor in ("", file[0].parent.name)]
            used = sum(size for _, _, size in files)
            for path, _, size in files:
                if used + needed <= limit:
                    break
                path.unlink(missing_ok=True)
                used -= size
                deleted += 1
        return deleted
