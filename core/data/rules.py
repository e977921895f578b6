r"""Rules of a data set: what the folders and file names of its images mean, from a file `dataset.toml`.

    name = "station"                  # optional; the default is the folder's name
    root = "images"                   # optional; relative to this file, the default is its folder
    junk = ["-1"]                     # identities of images to skip
    distractors = ["0000"]            # identities of people who are in the gallery only

    [cameras]
    first = 0                         # the lowest number in the names is 0; the cameras are numbered from 1 here
    places = [[1, 4], [2, 5]]         # cameras, as numbered here, that count as one for the same-camera rule

    [[images]]                        # a group of files; a file belongs to the first group that fits
    split = "train"                   # train, validation, probe, gallery, test, pool or skip; the default is none
    pattern = 'train/(?P<identity>\d+)_c(?P<camera>\d+)_\w+\.jpg'

    [[images]]
    folders = ["split", "identity"]   # meanings of the folder levels, instead of a pattern; "*" has no meaning
    name = 'c(?P<camera>\d+)_.*'      # optional pattern of the file name

A pattern is a regular expression for the whole path relative to the root, with `/` between folders. Its named groups
are identity, camera, scene, time, tracklet and split. The parts `identity_1` and `identity_2` are joined by a hyphen.
Instead of groups of files, `table = "labels.csv"` names a table (core.data.tables).
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MEANINGS = ("identity", "camera", "scene", "time", "tracklet", "split")
SPLITS = ("train", "validation", "probe", "gallery", "test", "pool", "skip")
SPLIT_NAMES = {
    **{name: name for name in SPLITS},
    **{"training": "train", "val": "validation", "valid": "validation", "query": "probe", "probes": "probe"},
    **{"queries": "probe", "testing": "test", "all": "pool", "junk": "skip", "ignore": "skip"},
}
GUESS = "guess"  # instead of rules: accept the guess
RULES_NAME = "dataset.toml"  # the file of rules in a folder of images
JOINED = tuple(f"{meaning}_{number}" for meaning in ("identity", "scene") for number in (1, 2, 3))
NO_MEANING = "*"


@dataclass(frozen=True)
class FileRule:
    """A group of files and the meaning of their names.

    Attributes:
        pattern: Regular expression for the path relative to the root.
        split: One of SPLITS, or "" if the pattern says it, or if there is no split.
        camera: The camera of all files of the group, if the names do not have it.
        identity_prefix: Put before each identity, where numbers of two groups stand for different people.
        junk: Identities of images to skip.
        distractors: Identities of people who are in the gallery only.
        list: A text file with the paths of the group's images, one a line. What follows the path is not read.
        below: Folders that paths in the list may be relative to.
    """

    pattern: re.Pattern
    split: str = ""
    camera: str = ""
    identity_prefix: str = ""
    junk: tuple[str, ...] = ()
    distractors: tuple[str, ...] = ()
    list: str = ""
    below: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Rules:
    """What the folders and file names of a data set mean.

    Attributes:
        layout: The name of the layout, which protocols and results know it by.
        images: Groups of files; a file belongs to the first that fits.
        name: The name of the data set, "" for that of its folder.
        namespace: See `Dataset.namespace`.
        root: The folder of the images, if the file of rules names it.
        table: A table that describes the images, instead of groups.
        by_name: Whether the table's paths are matched by the file names alone.
        junk: Identities of images that are skipped; of the table, as groups have their own.
        distractors: Identities of people who are in the gallery only; of the table.
        protocols: Names of evaluation protocols, the default first; () for those that fit the splits.
        original: For a preset: how to know the data set itself among others of its layout (`folder`, a pattern of the
            folder's name), its namespace, and its published numbers of images and identities by split.
        title: What users call the layout.
        first_camera: The lowest camera number in the names.
        places: Cameras that count as one for the same-camera rule.
        notes: Sentences for the user about the data set.
        file: The file that the rules are from.
    """

    layout: str
    images: tuple[FileRule, ...] = ()
    name: str = ""
    namespace: str = ""
    root: Path | None = None
    table: Path | None = None
    by_name: bool = False
    junk: tuple[str, ...] = ()
    distractors: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()
    original: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    first_camera: int | None = None
    places: tuple[tuple[int, ...], ...] = ()
    notes: tuple[str, ...] = ()
    file: Path | None = None
