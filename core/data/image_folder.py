"""Data sets of one's own: a folder of one folder an identity, or a flat folder of images."""

import re
from collections import defaultdict
from pathlib import Path

from core.data.images import list_image_files
from core.data.market1501 import JUNK, parse_name
from core.data.records import UNKNOWN_CAMERA, Dataset, Record
from core.errors import UserError

CAMERA_PATTERN = re.compile(r"(?:^|_)c(?:am)?_?(\d+)(?=\D|$)", re.IGNORECASE)


def read_identity_folders(root: Path) -> Dataset:
    """`root/<identity>/*.jpg`; a camera is read from names like `c2_001.jpg` or `cam2_001.jpg`.

    A protocol says which identities are trained on and which are tested. For evaluation the first image of each
    identity and camera is a probe and the others are the gallery.
    """
    records = [
        Record(path, path.relative_to(root).parts[0], camera_in_name(path))
        for path in list_image_files(root)
        if path.parent != root
    ]
    notes = []
    if loose := sum(path.parent == root for path in list_image_files(root)):
        notes.append(f"{loose} images lie beside the identities' folders and are left out")
    seen = defaultdict(list)
    for record in records:
        seen[record.identity, record.camera].append(record)
    query = [group[0] for group in seen.values()]
    probes = set(query)
    gallery = [record for record in records if record not in probes]
    notes.append("for evaluation the first image of each identity and camera is a probe, the others are the gallery")
    return Dataset(root, "identity folders", records, query, gallery, notes=notes)


def read_flat_folder(root: Path) -> Dataset:
    """Images anywhere below `root` as a gallery; identity and camera are read from Market-1501 names only."""
    parsed = [parse_name(path) or Record(path) for path in list_image_files(root)]
    records = [record for record in parsed if record.identity != JUNK]
    if not records:
        raise UserError(
            f"There is no image in {root}; give a folder with .jpg or .png files, with one folder an "
            "identity, or in Market-1501's layout."
        )
    notes = []
    if junk := len(parsed) - len(records):
        notes.append(f"{junk:,} junk boxes (-1) left out")
    if unlabelled := sum(not record.identity for record in records):
        notes.append(f"{unlabelled:,} images are unlabelled: they can be searched, not trained on")
    return Dataset(root, "flat folder", gallery=records, notes=notes)


def camera_in_name(path: Path) -> int:
    """`c2_001.jpg`, `cam2_001.jpg` -> 2; 0 for a name that tells none."""
    match = CAMERA_PATTERN.search(path.stem)
    return int(match[1]) if match else UNKNOWN_CAMERA
