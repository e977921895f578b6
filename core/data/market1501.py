"""Market-1501's layout (Zheng et al., ICCV 2015), which many data sets have taken over.

`bounding_box_train`, `bounding_box_test` and `query` hold images named `0002_c1s1_000451_03.jpg`: identity, camera,
sequence, frame, box. Identity 0000 marks distractors, which stay in the gallery; -1 marks junk boxes, which count
neither for nor against and are left out.
"""

import json
import re
from contextlib import suppress
from pathlib import Path

from core.data.images import IMAGE_SUFFIXES
from core.data.records import DISTRACTOR, Dataset, Record
from core.errors import UserError

FOLDERS = {"train": "bounding_box_train", "query": "query", "gallery": "bounding_box_test"}
NAME_PATTERN = re.compile(r"(-?\d+)_c(\d+)(s\d+)?_\w+(\.\w+)+$")  # 22 of the published names end in .jpg.jpg
JUNK = "-1"
RENDERING = "rendering.json"  # in the folder of rendered people: the renderer's settings
PUBLISHED_COUNTS = {"train": 12936, "query": 3368, "gallery": 15913}  # images, without junk


def parse_name(path: Path) -> Record | None:
    """`0002_c1s1_000451_03.jpg` -> its Record; None for another kind of name."""
    if match := NAME_PATTERN.match(path.name):
        return Record(path, match[1], int(match[2]))
    return None


def find_root(folder: Path) -> Path | None:
    """The folder that holds Market-1501's three, `folder` itself or one directly below it; None if there is none."""
    for candidate in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        if any((candidate / name).is_dir() for name in FOLDERS.values()):
            return candidate
    return None


def read_market1501(root: Path) -> Dataset:
    """Read names only; no image is opened. Raises UserError if none of the three folders has images."""
    notes: list[str] = []
    lists = {part: _read_folder(root / name, notes) for part, name in FOLDERS.items()}
    if not any(lists.values()):
        raise UserError(f"{root} has Market-1501's folders, but no image named like 0002_c1s1_000451_03.jpg in them.")
    lists["train"] = [record for record in lists["train"] if record.identity != DISTRACTOR]
    is_original = re.search("market.?1501", root.resolve().name, re.IGNORECASE)
    if is_original:
        notes += [
            f"{FOLDERS[part]} has {len(lists[part]):,} images where {published:,} were published"
            for part, published in PUBLISHED_COUNTS.items()
            if len(lists[part]) != published
        ]
    if both := {r.identity for r in lists["train"]} & {r.identity for r in lists["query"]}:
        notes.append(f"{len(both)} identities are in train and query, e.g. {min(both)}: results would be too good")
    namespace = "market1501" if is_original else _settings_of_rendering(root)
    train, query, gallery = (lists[part] for part in ("train", "query", "gallery"))
    return Dataset(root, "market1501", train, query, gallery, notes=notes, own_namespace=namespace)


def _settings_of_rendering(root: Path) -> str:
    """The settings by which rendered people can be made again, and so what they are called; "" for other data."""
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
        notes.append(f"{junk:,} junk boxes (-1) in {folder.name} left out")
    if other:
        notes.append(f"{len(other)} files in {folder.name} are not images of this layout, e.g. {other[0]}")
    return records
