"""What is odd about a gallery's images, before anybody searches in them: sizes, shapes, duplicates, labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.images import PERSON_SHAPE
from core.data.records import DISTRACTOR, UNKNOWN_CAMERA

MAX_EXAMPLES = 5  # examples of each kind in the text
Size = tuple[int, int]  # columns, rows


@dataclass(frozen=True)
class Health:
    """Counts are of images; sizes are None where none could be told."""

    images: int
    bytes: int
    identities: int
    cameras: int
    unlabelled: int
    smallest: Size | None  # by area
    median: Size | None
    largest: Size | None
    duplicates: list[list[str]]  # paths of files that are the same, byte by byte
    contradictions: list[list[str]]  # those of them that are labelled as different people
    odd: pd.DataFrame  # path, columns, rows of images that are not shaped like a standing person
    one_camera: list[str]  # identities that only one known camera has seen: nothing is found of them across cameras
    unreadable: list[tuple[str, str]]  # names with the reason
    near: list[tuple[str, str]] | None = None  # that the model cannot tell apart, or some; None: not looked for
    near_count: int | None = None  # pairs of them in all

    def text(self) -> str:
        """What a person reads, a line for each that is worth one."""
        low, high = PERSON_SHAPE
        lines = [
            f"{self.images:,} images, {self.bytes / 1e6:,.1f} MB; {self.identities:,} identities, "
            f"{self.cameras:,} cameras, {share(self.unlabelled, self.images)} unlabelled"
        ]
        if self.smallest and self.median and self.largest:
            sizes = zip(("smallest", "median", "largest"), (self.smallest, self.median, self.largest), strict=True)
            lines.append("sizes: " + ", ".join(f"{name} {size[0]} x {size[1]}" for name, size in sizes))
        extra = sum(len(group) - 1 for group in self.duplicates)
        for count, what, examples in (
            (extra, "images are copies of others", [" = ".join(group[:3]) for group in self.duplicates]),
            (
                len(self.contradictions),
                "of these are labelled as different people",
                [" = ".join(group[:3]) for group in self.contradictions],
            ),
            (self.near_count or 0, "pairs of images are the same to the model", map(" ~ ".join, self.near or ())),
            (
                len(self.odd),
                f"images are not {low} to {high} times as high as wide, as one standing person is",
                self.odd["path"],
            ),
            (len(self.one_camera), "identities are seen by one camera only", self.one_camera),
            (len(self.unreadable), "files were left out", [f"{name}: {why}" for name, why in self.unreadable]),
        ):
            if count:
                lines += [f"{count:,} {what}", *(f"    {example}" for example in list(examples)[:MAX_EXAMPLES])]
                lines += [f"    and {count - MAX_EXAMPLES:,} more"] if count > MAX_EXAMPLES else []
        return "\n".join(lines)


def check_health(
    records: pd.DataFrame,
    unreadable: Sequence[tuple[str, str]] = (),
    near: list[tuple[str, str]] | None = None,
    near_count: int | None = None,
) -> Health:
    """A row an image: path, identity, camera, bytes, content (a hash), columns, rows (0 if unknown) -> Health.

    Of many pairs `near`, some are given, and `near_count` says how many there are.
    """
    columns, rows = records["columns"].to_numpy(), records["rows"].to_numpy()
    known = columns > 0
    by_area = np.argsort(columns[known].astype(np.int64) * rows[known], kind="stable")
    sizes = list(zip(columns[known][by_area].tolist(), rows[known][by_area].tolist(), strict=True))
    shape = rows / np.maximum(columns, 1)
    odd = known & ((shape < PERSON_SHAPE[0]) | (shape > PERSON_SHAPE[1]))
    named = records[~records["identity"].isin(["", DISTRACTOR])]
    duplicates, contradictions = _duplicates(records)
    return Health(
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
    """`3 of 12`, or in percent where there are many; "none" and "all" where it is that."""
    if part in (0, whole):
        return "none" if part == 0 else "all"
    return f"{part:,} of {whole:,}" if whole < 100 else f"{100 * part / whole:.1f} %"


def _duplicates(records: pd.DataFrame) -> tuple[list[list[str]], list[list[str]]]:
    """Groups of paths with the same content; and of these the groups with more than one identity."""
    same = records[records.duplicated("content", keep=False) & (records["content"] != "")]
    groups = [(list(group["path"]), set(group["identity"]) - {""}) for _, group in same.groupby("content", sort=False)]
    return [paths for paths, _ in groups], [paths for paths, identities in groups if len(identities) > 1]


def _one_camera(named: pd.DataFrame) -> list[str]:
    seen = named.groupby("identity")["camera"].agg(["min", "max"])
    return sorted(seen.index[(seen["min"] == seen["max"]) & (seen["min"] != UNKNOWN_CAMERA)])
