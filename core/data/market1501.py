"""Layout of Market-1501 (Zheng et al., ICCV 2015), which many other data sets use.

The folders `bounding_box_train`, `bounding_box_test` and `query` contain images named like `0002_c1s1_000451_03.jpg`:
identity, camera, sequence, frame, box. Identity 0000 marks distractors, which are part of the gallery. Identity -1
marks junk images, which the evaluation ignores; they are skipped.
"""

import json
import re
from contextlib import suppress
from pathlib import Path

from core.counts import counted
from core.data.images import IMAGE_SUFFIXES
from core.data.records import DISTRACTOR, Dataset, Record
from core.errors import UserError

FOLDERS = {"train": "bounding_box_train", "query": "query", "gallery": "bounding_box_test"}
NAME_PATTERN = re.compile(r"(-?\d+)_c(\d+)(s\d+)?_\w+(\.\w+)+$")  # 22 of the published names end in .jpg.jpg
JUNK = "-1"
RENDERING = "rendering.json"  # the renderer's settings, in the folder of a data set of rendered people
PUBLISHED_COUNTS = {"train": 12936, "query": 3368, "gallery": 15913}  # images, without junk


def parse_name(path: Path) -> Record | None:
    """Make a Record from a name like `0002_c1s1_000451_03.jpg`. Return None for a name of another form."""
    if match := NAME_PATTERN.match(path.name):
        return Record(path, match[1], int(match[2]))
    return None


def find_root(folder: Path) -> Path | None:
    """Find the folder with any of Market-1501's folders: `folder` or a folder directly in it. None if there is none."""
    for candidate in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        if any((candidate / name).is_dir() for name in FOLDERS.values()):
            return candidate
    return None


def read_market1501(root: Path) -> Dataset:
    """Read the file names of a data set with Market-1501's layout. No image is opened.

    Raises:
        UserError: If none of the three folders has images.
    """
    notes: list[str] = []
    lists = {part: _read_folder(root / name, notes) for part, name in FOLDERS.items()}
    if not any(lists.values()):
        raise UserError(f"{root} has Market-1501's folders, but they have no image named like 0002_c1s1_000451_03.jpg.")
    lists["train"] = [record for record in lists["train"] if record.identity != DISTRACTOR]
    is_original = re.search("market.?1501", root.resolve().name, re.IGNORECASE)
    if is_original:
        notes += [
            f"{FOLDERS[part]} has {len(lists[part]):,} images; {published:,} were published"
            for part, published in PUBLISHED_COUNTS.items()
            if len(lists[part]) != published
        ]
    if both := {r.identity for r in lists["train"]} & {r.identity for r in lists["query"]}:
        identities = counted(len(both), "identity is", "identities are")
        notes.append(f"{identities} in both train and query, e.g. {min(both)}; results will be too high")
    namespace = "market1501" if is_original else _settings_of_rendering(root)
    train, query, gallery = (lists[part] for part in ("train", "query", "gallery"))
    return Dataset(root, "market1501", train, query, gallery, notes=notes, own_namespace=namespace)


def _settings_of_rendering(root: Path) -> str:
    """Return a namespace from the renderer's settings, which determine the rendered people; "" for other data."""
    with suppress(OSError, ValueError):
        settings = json.loads((root / RENDERING).read_text(encoding="utf-8"))
        return f"rendering {json.dumps(settings, sort_keys=True)}"
    return ""


def _read_folder(folder: Path, notes: list[str]) -> list[Record]:
    if not folder.is_dir():
        notes.append(f"there is no folder {folder.name}")
        return []
    records, junk, other = [], 0, []
    for path in sorted(folder.iterdir()):
        record = parse_name(path) if path.suffix.lower() in IMAGE_SUFFIXES else None
        if record is None:
            other.append(path.name)
        elif record.identity == JUNK:
            junk += 1
        else:
            records.append(record)
    if junk:
        notes.append(f"{counted(junk, 'junk image')} (-1) in {folder.name} skipped")
    if other:
        files = counted(len(other), "file")
        notes.append(f"{files} in {folder.name} skipped: not images of this layout, e.g. {other[0]}")
    return records
