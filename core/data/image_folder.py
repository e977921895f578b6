"""Layouts for the user's own data: identity folders (one folder for each identity) and a flat folder of images."""

import re
from collections import defaultdict
from pathlib import Path

from core.counts import counted
from core.data.images import list_image_files
from core.data.market1501 import JUNK, parse_name
from core.data.records import UNKNOWN_CAMERA, Dataset, Record
from core.errors import UserError

CAMERA_PATTERN = re.compile(r"(?:^|_)c(?:am)?_?(\d+)(?=\D|$)", re.IGNORECASE)


def read_identity_folders(root: Path) -> Dataset:
    """Read images `root/<identity>/*.jpg`; the camera is read from names like `c2_001.jpg` or `cam2_001.jpg`.

    `train` holds all images; a protocol splits the identities. For the evaluation the first image of each identity and
    camera is a probe, and the other images are the gallery.
    """
    records = [
        Record(path, path.relative_to(root).parts[0], camera_in_name(path))
        for path in list_image_files(root)
        if path.parent != root
    ]
    notes = []
    if loose := sum(path.parent == root for path in list_image_files(root)):
        notes.append(f"{loose} images are outside the identity folders and are skipped")
    seen = defaultdict(list)
    for record in records:
        seen[record.identity, record.camera].append(record)
    query = [group[0] for group in seen.values()]
    probes = set(query)
    gallery = [record for record in records if record not in probes]
    notes.append("evaluation: the first image of each identity and camera is a probe, the others are the gallery")
    return Dataset(root, "identity folders", records, query, gallery, notes=notes)


def read_flat_folder(root: Path) -> Dataset:
    """Read all images below `root` as a gallery.

    Identity and camera are read from file names of Market-1501's form. Other images are unlabelled, and junk images are
    skipped.

    Raises:
        UserError: If there is no image.
    """
    parsed = [parse_name(path) or Record(path) for path in list_image_files(root)]
    records = [record for record in parsed if record.identity != JUNK]
    if not records:
        raise UserError(
            f"There is no image in {root}; give a folder with .jpg or .png files, with one folder for each "
            "identity, or in Market-1501's layout."
        )
    notes = []
    if junk := len(parsed) - len(records):
        notes.append(f"{counted(junk, 'junk image (-1) is', 'junk images (-1) are')} skipped")
    if unlabelled := sum(not record.identity for record in records):
        images = counted(unlabelled, "image is", "images are")
        notes.append(f"{images} unlabelled and can be used for search, but not for training")
    return Dataset(root, "flat folder", gallery=records, notes=notes)


def camera_in_name(path: Path) -> int:
    """Return the camera in a file name, 2 for `c2_001.jpg` or `cam2_001.jpg`; 0 if the name has none."""
    match = CAMERA_PATTERN.search(path.stem)
    return int(match[1]) if match else UNKNOWN_CAMERA
