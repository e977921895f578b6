"""The table of the points: one row per image, with columns to colour and filter by."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from app.embedding import texts
from core.data.records import DISTRACTOR, UNKNOWN_CAMERA, Record
from core.errors import UserError
from core.evaluation.evaluators import evaluate_single_query

PROBE, GALLERY, DISTRACTOR_SUBSET = "probe", "gallery", "distractor"  # values of the column subset
TRUE_MATCH, FALSE_MATCH = "true match", "false match"  # values of the column rank-1
UNKNOWN = "unknown"  # an identity or camera
ATTRIBUTES = "identities.csv"  # an optional file of the data set: one row per identity


def point_table(gallery: Sequence[Record], probes: Sequence[Record], names: dict[Path, str]) -> pd.DataFrame:
    """Return one row per image, gallery first: `image` (its name in links), `path`, `identity`, `camera`, `subset`."""
    rows = [
        (names[record.path], record.path, record.identity or UNKNOWN, camera_label(record.camera), subset)
        for subset, records in ((GALLERY, gallery), (PROBE, probes))
        for record in records
    ]
    table = pd.DataFrame(rows, columns=["image", "path", "identity", "camera", "subset"])
    table.loc[table["identity"] == DISTRACTOR, "subset"] = DISTRACTOR_SUBSET
    return table


def records_of(table: pd.DataFrame) -> list[Record]:
    """Return the records of a table of points."""
    identities, cameras = table["identity"].replace(UNKNOWN, ""), table["camera"].replace(UNKNOWN, str(UNKNOWN_CAMERA))
    return [Record(*row) for row in zip(table["path"], identities, cameras.astype(int), strict=True)]


def camera_label(camera: int) -> str:
    """Return the label of a camera."""
    return UNKNOWN if camera == UNKNOWN_CAMERA else str(camera)


def with_attributes(table: pd.DataFrame, root: Path) -> pd.DataFrame:
    """Join the columns of `identities.csv`, if there is such a file, except columns with a single value."""
    try:
        attributes = pd.read_csv(root / ATTRIBUTES, dtype=str)
    except (OSError, ValueError):
        return table
    if "identity" not in attributes or attributes["identity"].duplicated().any():
        return table
    clash = [name for name in attributes.columns if name in table.columns and name != "identity"]
    joined = table.merge(attributes.drop(columns=[*clash, "split"], errors="ignore"), on="identity", how="left")
    described = joined["identity"].isin(attributes["identity"])
    known = [name for name in joined.columns[len(table.columns) :] if joined[described][name].nunique(dropna=False) > 1]
    labels = {name: name.replace("_", " ") for name in known}
    return joined[[*table.columns, *known]].fillna(dict.fromkeys(known, "none")).rename(columns=labels)


def with_ranks(
    table: pd.DataFrame,
    gallery: Sequence[Record],
    probes: Sequence[Record],
    described: np.ndarray,
) -> pd.DataFrame:
    """Add `rank-1` (true or false match) and `average precision` of the probes, from descriptors (N, D) of the rows."""
    table = table.assign(**{"rank-1": pd.Series([None] * len(table), dtype=object), "average precision": np.nan})
    try:
        of_probes = evaluate_single_query(described[len(gallery) :], probes, described[: len(gallery)], gallery).probes
    except UserError:  # there are no labels, or no true matches
        return table
    scored = of_probes.set_index(of_probes["path"].map(str))
    mine = table["path"].map(str)
    found = (table["subset"] == PROBE) & mine.isin(scored.index)
    table.loc[found, "rank-1"] = np.where(mine[found].map(scored["first_rank"]) == 1, TRUE_MATCH, FALSE_MATCH)
    table.loc[found, "average precision"] = mine[found].map(scored["average_precision"])
    return table


def identity_label(identity: str) -> str:
    """Return the label of an identity."""
    return texts.DISTRACTOR if identity == DISTRACTOR else texts.IDENTITY.format(identity=identity)


def point_labels(table: pd.DataFrame) -> list[str]:
    """Return the label of each point, for hover and for screen readers."""
    columns = zip(table["identity"], table["camera"], table["subset"], table["image"], strict=True)
    return [
        texts.POINT.format(who=identity_label(identity), camera=camera, subset=subset, image=image)
        for identity, camera, subset, image in columns
    ]


def colour_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns to colour and filter by: those with two values or more, but not one value per image.

    Without such a column, return `identity`: the map of unlabelled images has one colour.
    """
    found = [
        name
        for name in table.columns
        if name not in ("image", "path") and 1 < table[name].nunique(dropna=False) < len(table)
    ]
    return found or ["identity"]
