"""Data quality of a gallery: sizes, aspect ratios, duplicates and labels of its images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.counts import counted
from core.data.images import PERSON_SHAPE
from core.data.records import DISTRACTOR, UNKNOWN_CAMERA

MAX_EXAMPLES = 5  # examples of each finding in the text
Size = tuple[int, int]  # columns, rows


@dataclass(frozen=True)
class DataQuality:
    """The findings. Counts are numbers of images. Sizes are None if no size is known."""

    images: int
    bytes: int
    identities: int
    cameras: int
    unlabelled: int
    smallest: Size | None  # by area
    median: Size | None
    largest: Size | None
    duplicates: list[list[str]]  # groups of paths of files with identical bytes
    contradictions: list[list[str]]  # the groups of `duplicates` with more than one identity
    odd: pd.DataFrame  # path, columns, rows of images with a height / width outside PERSON_SHAPE
    one_camera: list[str]  # identities seen by one camera only; they have no true match in another camera
    unreadable: list[tuple[str, str]]  # skipped files: name, reason
    near: list[tuple[str, str]] | None = None  # some pairs of images with nearly equal descriptors; None: not computed
    near_count: int | None = None  # number of all such pairs

    def text(self) -> str:
        """Format the findings as text for the user, one line for each finding."""
        low, high = PERSON_SHAPE
        labels = f"{counted(self.identities, 'identity', 'identities')}, {counted(self.cameras, 'camera')}"
        lines = [
            f"{counted(self.images, 'image')}, {self.bytes / 1e6:,.1f} MB; {labels}, "
            f"{share(self.unlabelled, self.images)} unlabelled"
        ]
        if self.smallest and self.median and self.largest:
            sizes = zip(("smallest", "median", "largest"), (self.smallest, self.median, self.largest), strict=True)
            lines.append("sizes: " + ", ".join(f"{name} {size[0]} x {size[1]}" for name, size in sizes))
        extra = sum(len(group) - 1 for group in self.duplicates)
        for count, one, several, examples in (
            (
                extra,
                "image is a duplicate of another",
                "images are duplicates of others",
                [" = ".join(group[:3]) for group in self.duplicates],
            ),
            (
                len(self.contradictions),
                "group of duplicates has more than one identity",
                "groups of duplicates have more than one identity",
                [" = ".join(group[:3]) for group in self.contradictions],
            ),
            (
                self.near_count or 0,
                "pair of images has nearly equal descriptors",
                "pairs of images have nearly equal descriptors",
                map(" ~ ".join, self.near or ()),
            ),
            (
                len(self.odd),
                f"image has a height / width outside {low} to {high}, the range of a standing person",
                f"images have a height / width outside {low} to {high}, the range of a standing person",
                self.odd["path"],
            ),
            (
                len(self.one_camera),
                "identity is seen by one camera only",
                "identities are seen by one camera only",
                self.one_camera,
            ),
            (
                len(self.unreadable),
                "file is skipped",
                "files are skipped",
                [f"{name}: {why}" for name, why in self.unreadable],
            ),
        ):
            if count:
                lines += [
                    counted(count, one, several),
                    *(f"    {example}" for example in list(examples)[:MAX_EXAMPLES]),
                ]
                lines += [f"    and {count - MAX_EXAMPLES:,} more"] if count > MAX_EXAMPLES else []
        return "\n".join(lines)


def check_data_quality(
    records: pd.DataFrame,
    unreadable: Sequence[tuple[str, str]] = (),
    near: list[tuple[str, str]] | None = None,
    near_count: int | None = None,
) -> DataQuality:
    """Compute the data quality of a gallery.

    Args:
        records: One row for each image: path, identity, camera, bytes, content (a hash), columns, rows (0 if unknown).
        unreadable: Skipped files: name and reason.
        near: Pairs of images with nearly equal descriptors, or some of the pairs; None if they were not computed.
        near_count: Number of all such pairs. The default is the length of `near`.
    """
    columns, rows = records["columns"].to_numpy(), records["rows"].to_numpy()
    known = columns > 0
    by_area = np.argsort(columns[known].astype(np.int64) * rows[known], kind="stable")
    sizes = list(zip(columns[known][by_area].tolist(), rows[known][by_area].tolist(), strict=True))
    shape = rows / np.maximum(columns, 1)
    odd = known & ((shape < PERSON_SHAPE[0]) | (shape > PERSON_SHAPE[1]))
    named = records[~records["identity"].isin(["", DISTRACTOR])]
    duplicates, contradictions = _duplicates(records)
    return DataQuality(
        images=len(records),
        bytes=int(records["bytes"].sum()),
        identities=named["identity"].nunique(),
        cameras=records.loc[records["camera"] != UNKNOWN_CAMERA, "camera"].nunique(),
        unlabelled=int((records["identity"] == "").sum()),
        smallest=sizes[0] if sizes else None,
        median=sizes[(len(sizes) - 1) // 2] if sizes else None,
        largest=sizes[-1] if sizes else None,
        duplicates=duplicates,
        contradictions=contradictions,
        odd=records.loc[odd, ["path", "columns", "rows"]].reset_index(drop=True),
        one_camera=_one_camera(named),
        unreadable=list(unreadable),
        near=near,
        near_count=len(near) if near is not None and near_count is None else near_count,
    )


def share(part: int, whole: int) -> str:
    """Format a share: `3 of 12`, a percentage if `whole` is 100 or more, "none" or "all"."""
    if part in (0, whole):
        return "none" if part == 0 else "all"
    return f"{part:,} of {whole:,}" if whole < 100 else f"{100 * part / whole:.1f} %"


def _duplicates(records: pd.DataFrame) -> tuple[list[list[str]], list[list[str]]]:
    """Return the groups of paths with the same content, and those of these groups with more than one identity."""
    same = records[records.duplicated("content", keep=False) & (records["content"] != "")]
    groups = [(list(group["path"]), set(group["identity"]) - {""}) for _, group in same.groupby("content", sort=False)]
    return [paths for paths, _ in groups], [paths for paths, identities in groups if len(identities) > 1]


def _one_camera(named: pd.DataFrame) -> list[str]:
    seen = named.groupby("identity")["camera"].agg(["min", "max"])
    return sorted(seen.index[(seen["min"] == seen["max"]) & (seen["min"] != UNKNOWN_CAMERA)])
