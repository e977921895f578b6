"""Several renderings as one, to train on all of them: `python -m assets.render.join --out DIR RENDERING RENDERING ...`.

Identities, families and cameras are numbered on from one to the next. Pictures are hard links where the disk allows
it, so that they take no place twice.
"""

import argparse
import csv
import filecmp
import os
import re
import shutil
from pathlib import Path

from .dataset import TABLE
from .plan import GALLERY, QUERY, TRAIN

NAME = re.compile(r"(-?\d+)_c(\d+)(.*)")
NOBODY = (0, -1)  # false alarms and junk keep their numbers


class NotARendering(Exception):
    """There is no picture in a folder, it is not named as ours are, or the folder to fill has other ones."""


def join(folders: list[Path], out: Path) -> int:
    """-> how many pictures there are in `out` now. Raises NotARendering."""
    planned, rows, identities, cameras = [], [], 0, 0
    for folder in folders:
        found = [
            (part, path, NAME.fullmatch(path.name))
            for part in (TRAIN, GALLERY, QUERY)
            for path in sorted((folder / part).glob("*.jpg"))
        ]
        if not found or not all(match for _, _, match in found):
            raise NotARendering(f"{folder} is no rendering: pictures are named like 0002_c1s2_000451_03.jpg")
        for part, path, match in found:
            identity, camera = int(match[1]), int(match[2]) + cameras
            identity += 0 if identity in NOBODY else identities
            planned.append((path, part, identity, f"c{camera}{match[3]}"))
        rows += _renumbered(folder / TABLE, identities, max((row["family"] for row in rows), default=0))
        identities += max(int(match[1]) for _, _, match in found)
        cameras += max(int(match[2]) for _, _, match in found)
    digits = max(4, len(str(identities)))
    places = {}
    for path, part, identity, rest in planned:
        name = f"{identity:0{digits}d}" if identity >= 0 else str(identity)
        places[out / part / f"{name}_{rest}"] = path
    _refuse_others(out, places)
    for part in (TRAIN, GALLERY, QUERY):
        (out / part).mkdir(parents=True, exist_ok=True)
    if rows:
        with (out / TABLE).open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["identity", "family"])
            writer.writerows([f"{row['identity']:0{digits}d}", row["family"]] for row in rows)
    for place, path in places.items():
        _link(path, place)
    return len(planned)


def _refuse_others(out: Path, places: dict[Path, Path]) -> None:
    """Raise NotARendering if `out` has pictures of other renderings: two people would get one identity."""
    for present in (path for part in (TRAIN, GALLERY, QUERY) for path in (out / part).glob("*.jpg")):
        if present not in places or not filecmp.cmp(present, places[present], shallow=False):
            raise NotARendering(f"{out} has pictures of other renderings, e.g. {present.name}; choose another --out")


def _renumbered(table: Path, identities: int, families: int) -> list[dict[str, int]]:
    """The identities of a rendering with their families, numbered on; none if the rendering has no families."""
    if not table.exists():
        return []
    with table.open(newline="") as file:
        found = [row for row in csv.DictReader(file) if row.get("family")]
    return [{"identity": int(r["identity"]) + identities, "family": int(r["family"]) + families} for r in found]


def _link(path: Path, place: Path) -> None:
    if place.exists():
        return
    try:
        os.link(path, place)
    except OSError:  # another disk
        shutil.copyfile(path, place)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m assets.render.join", description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder to fill")
    parser.add_argument("renderings", nargs="+", type=Path, metavar="RENDERING")
    given = parser.parse_args(arguments)
    try:
        count = join(given.renderings, given.out)
    except (NotARendering, OSError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    print(f"{count} pictures of {len(given.renderings)} renderings are in {given.out}")


if __name__ == "__main__":
    main()
