"""A data set from rules: the labels of its images become records, divided as the rules say."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.counts import counted
from core.data.cameras import number_cameras
from core.data.file_names import encodable
from core.data.folder_scan import FolderScan, scan_folder
from core.data.probe_division import divide_probes
from core.data.records import DISTRACTOR, UNKNOWN_CAMERA, Dataset, Record
from core.data.rule_matching import Labels, Matches, match_files
from core.data.rules import Rules
from core.data.times import read_times
from core.errors import UserError

PARTS = {"train": "train", "validation": "validation", "probe": "query", "gallery": "gallery", "pool": "pool"}
RENDERING = "rendering.json"  # the renderer's settings, in the folder of a data set of rendered people
SCENE_STEP = 100  # camera 3 of scene 11 is camera 1103


def read_with_rules(rules: Rules, root: Path, scan: FolderScan | None = None, said: str = "") -> Dataset:
    """Read a data set with rules for its files. No image is opened.

    Args:
        rules: The rules.
        root: The folder that the rules are for.
        scan: The list of the folder, if it is already read.
        said: The rules as the user named them, "" if they were detected. See `Dataset.rules`.

    Raises:
        UserError: If no image fits the rules, or if a camera's number is below the rules' first.
    """
    scan = scan or scan_folder(root)
    return read_matches(rules, scan, match_files(rules, root, scan.images), root, said)


def read_matches(rules: Rules, scan: FolderScan, matches: Matches, root: Path, said: str = "") -> Dataset:
    """Read a data set whose files are already matched. See `read_with_rules`."""
    if not matches.labels:
        found = f"its {len(scan.images):,} images, e.g. {scan.images[0]}" if scan.images else "it has no image"
        raise UserError(f"No image in {root} fits the rules {rules.title}: {found}.")
    dataset = make_dataset(rules, root, matches.labels, said)
    expected = {group.split for group in rules.images if group.list not in matches.unused} & set(PARTS)
    missing = [f"there are no {split} images" for split in sorted(expected - {one.split for one in matches.labels})]
    return replace(dataset, notes=[*dataset.notes, *missing, *matches.notes(), *scan.notes()])


def make_dataset(
    rules: Rules,
    root: Path,
    labels: Sequence[Labels],
    said: str = "",
    times: Sequence[float | None] | None = None,
) -> Dataset:
    """Make a data set from the labels of its images.

    Images without a split are all for training, and half of their identities are held out for a test. Of test images,
    the first of each identity and camera is a probe, and the others are the gallery (core.data.probe_division).

    Args:
        rules: The rules that the labels are from.
        root: The folder of the images.
        labels: The labels, in the order of the data set.
        said: The rules as the user named them.
        times: The times in seconds, if they are known already.

    Raises:
        UserError: If a camera's number is below `rules.first_camera`.
    """
    cameras, notes = _cameras(rules, labels)
    if times is None:
        times, time_notes = read_times([one.time for one in labels], lambda row: labels[row].path)
        notes += time_notes
    places = {camera: tuple(place) for place in rules.places for camera in place}
    parts: dict[str, list[Record]] = defaultdict(list)
    for one, camera, time in zip(labels, cameras, times, strict=True):
        identity = DISTRACTOR if one.distractor else encodable(one.identity)
        parts[one.split].append(Record(root / one.path, identity, camera, time, places.get(camera, ())))
    lists = {PARTS[split]: records for split, records in parts.items() if split in PARTS}
    if tested := parts.get("test"):
        query, gallery, note = _divide(tested)
        lists["query"], lists["gallery"] = lists.get("query", []) + query, lists.get("gallery", []) + gallery
        notes.append(f"test: {note}")
    undivided = parts.get("", [])
    if undivided and lists:
        notes.append(f"{counted(len(undivided), 'image')} without a split skipped")
    elif undivided and any(record.identity for record in undivided):
        query, gallery, note = _divide(undivided)
        lists = {"train": undivided, "query": query, "gallery": gallery}
        notes.append(f"evaluation: {note}")
    elif undivided:
        lists = {"gallery": undivided}
    original = rules.original if re.search(rules.original.get("folder", "$^"), root.resolve().name, re.I) else {}
    return Dataset(
        root,
        rules.layout,
        train=lists.get("train", []),
        validation=lists.get("validation", []),
        query=lists.get("query", []),
        gallery=lists.get("gallery", []),
        pool=lists.get("pool", []),
        notes=[*rules.notes, *notes, *_compare_counts(original, lists), *_in_both(lists)],
        own_namespace=rules.namespace or original.get("namespace", "") or _settings_of_rendering(root),
        own_name=rules.name or (root.resolve().name if said and "pool" in lists else ""),
        protocols=rules.protocols,
        undivided=bool(undivided) and "train" in lists and lists["train"] is undivided,
        rules=said,
    )


def _divide(records: Sequence[Record]) -> tuple[list[Record], list[Record], str]:
    """Return the probes, the gallery, and a note about them."""
    probes, gallery = ([records[position] for position in positions] for positions in divide_probes(records))
    others = "all images" if len(gallery) == len(records) else "the others"
    note = f"the first image of each identity and camera is a probe, {others} are the gallery"
    return probes, gallery, note


def _cameras(rules: Rules, labels: Sequence[Labels]) -> tuple[list[int], list[str]]:
    """Assign numbers to the cameras of all images, within their scenes if there are scenes."""
    numbered = [one for one in labels if one.camera.isdecimal()]
    lowest = min(numbered, key=lambda one: int(one.camera), default=None)
    if lowest and rules.first_camera and int(lowest.camera) < rules.first_camera:
        raise UserError(
            f"{lowest.path} has camera {lowest.camera}, but `first` of [cameras] is {rules.first_camera}; write "
            f"`first = {int(lowest.camera)}`."
        )
    if not any(one.scene for one in labels):
        texts = [one.camera for one in labels]
        if rules.first_camera is None or not all(text.isdecimal() for text in texts if text):
            return number_cameras(texts)
        shift = 1 - rules.first_camera
        notes = [f"cameras count from {rules.first_camera}; they are numbered from 1 here"] if shift else []
        return [int(text) + shift if text else UNKNOWN_CAMERA for text in texts], notes
    return _cameras_of_scenes([(one.scene, one.camera) for one in labels], rules.first_camera)


def _cameras_of_scenes(texts: list[tuple[str, str]], first: int | None) -> tuple[list[int], list[str]]:
    """Assign numbers to cameras that are named within a scene."""
    if all(scene.isdecimal() and camera.isdecimal() and int(camera) < SCENE_STEP - 1 for scene, camera in texts):
        first = min(1, *(int(camera) for _, camera in texts)) if first is None else first
        numbers = [SCENE_STEP * int(scene) + int(camera) - first + 1 for scene, camera in texts]
        return numbers, [f"a camera's number is {SCENE_STEP} times its scene, plus its number in the scene from 1"]
    names = sorted({text for text in texts if text[1]})
    number = {text: place for place, text in enumerate(names, start=1)}
    shown = ", ".join(f"{place} is {scene} {camera}" for (scene, camera), place in list(number.items())[:3])
    return [number.get(text, UNKNOWN_CAMERA) for text in texts], [f"cameras are numbered by scene and name: {shown}"]


def _compare_counts(original: dict, lists: dict[str, list[Record]]) -> list[str]:
    """Return a sentence for each part whose size is not the published one."""
    notes = []
    for split, part in PARTS.items():
        if split in original and (records := lists.get(part)):
            people = len({record.identity for record in records} - {"", DISTRACTOR})
            images, identities = original[split]
            if (len(records), people) != (images, identities):
                notes.append(
                    f"{part} has {counted(len(records), 'image')} of {counted(people, 'identity', 'identities')}; "
                    f"{images:,} of {identities:,} were published"
                )
    return notes


def _in_both(lists: dict[str, list[Record]]) -> list[str]:
    """Return a sentence if identities are in both the training and the test of a given split."""
    both = {r.identity for r in lists.get("train", [])} & {r.identity for r in lists.get("query", [])}
    if not both or lists["query"][0] in lists["train"]:
        return []
    identities = counted(len(both), "identity is", "identities are")
    return [f"{identities} in both train and query, e.g. {min(both)}; results will be too high"]


def _settings_of_rendering(root: Path) -> str:
    """Return a namespace from the renderer's settings, which determine the rendered people; "" for other data."""
    with suppress(OSError, ValueError):
        settings = json.loads((root / RENDERING).read_text(encoding="utf-8"))
        return f"rendering {json.dumps(settings, sort_keys=True)}"
    return ""
