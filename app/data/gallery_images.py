"""The images of a gallery for the page Data: their table with the user's changes, and filters."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.data import texts
from app.shared.cache import of_galleries
from core.data.quality import DataQuality
from core.galleries.changes import CAMERA, IDENTITY, REMOVED, TAGS, Changes, apply_changes, read_changes
from core.galleries.gallery_folder import StoredGallery

ALL, UNLABELLED, DUPLICATES, SHAPES, ONE_CAMERA, RELABELLED, REMOVED_IMAGES, SKIPPED = (
    "all",
    "unlabelled",
    "duplicates",
    "shapes",
    "one_camera",
    "relabelled",
    "removed",
    "skipped",
)


@dataclass(frozen=True)
class GalleryImages:
    """The table of images with the user's changes: path, identity, camera, time, columns, rows, bytes, tags.

    A change shows at once, before the update that it requests has ended. `removed` lists the removed images.
    """

    table: pd.DataFrame
    removed: list[str]
    changes: Changes

    def select(
        self, health: DataQuality, show: str, identity: str | None, cameras: Collection[int], tag: str | None
    ) -> pd.DataFrame:
        """Return the rows that pass all filters. `show` is a key of `texts.SHOW`."""
        table = self.table
        if show == REMOVED_IMAGES:
            table = pd.DataFrame({"path": self.removed, "identity": "", "camera": 0}).reindex(columns=table.columns)
            return table.fillna({"identity": "", "camera": 0})
        known = {
            UNLABELLED: table["identity"] == "",
            DUPLICATES: table["path"].isin([path for group in health.duplicates for path in group]),
            SHAPES: table["path"].isin(list(health.odd["path"])),
            ONE_CAMERA: table["identity"].isin(health.one_camera),
            RELABELLED: table["path"].isin(
                [path for path, change in self.changes.items() if IDENTITY in change or CAMERA in change]
            ),
        }
        keep = known.get(show, pd.Series(True, index=table.index))
        if identity is not None:
            keep &= table["identity"] == identity
        if cameras:
            keep &= table["camera"].isin(list(cameras))
        if tag is not None:
            keep &= table["path"].isin([path for path, change in self.changes.items() if tag in change.get(TAGS, ())])
        return table[keep].reset_index(drop=True)

    def tags(self, path: str) -> list[str]:
        """Return the tags of an image."""
        return self.changes.get(path, {}).get(TAGS, [])


def read_gallery_images(gallery: StoredGallery) -> GalleryImages:
    """Read the images of an indexed gallery. Raises UserError if it was deleted."""
    changes = read_changes(gallery)
    records = _records(gallery.key, gallery)
    removed = sorted(path for path, change in changes.items() if change.get(REMOVED))
    return GalleryImages(apply_changes(records, changes), removed, changes)


def describe_row(row: pd.Series, tags: Collection[str]) -> list[tuple[str, str]]:
    """Return the record of an image as names and values; unknown values are omitted."""
    facts = [
        (texts.COLUMN_IDENTITY, row["identity"]),
        (texts.COLUMN_CAMERA, row["camera"] or ""),
        (texts.TIME, "" if pd.isna(row["time"]) else f"{row['time']:.12g}"),
        (texts.IMAGE_SIZE, f"{row['columns']:.0f} x {row['rows']:.0f}" if row["columns"] > 0 else ""),
        (texts.FILE_SIZE, f"{row['bytes'] / 1000:,.1f} kB" if row["bytes"] > 0 else ""),
        (texts.TAGS, ", ".join(tags)),
        (texts.PATH, row["path"]),
    ]
    return [(name, str(value)) for name, value in facts if value != ""]


@of_galleries
@st.cache_resource(max_entries=4, show_spinner=False)
def _records(key: tuple | None, _gallery: StoredGallery) -> pd.DataFrame:
    return _gallery.records()
