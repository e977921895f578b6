"""What is known of each point of the map: a row an image, with columns that one can colour and filter by."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.records import DISTRACTOR, UNKNOWN_CAMERA, Record
from core.errors import UserError
from core.evaluation.evaluators import evaluate_single_query

PROBE, GALLERY, FALSE_ALARM = "probe", "gallery", "distractor"
ATTRIBUTES = "identities.csv"  # beside the data, if somebody wrote one: a row an identity
UNSAID = "not known"


def point_table(gallery: Sequence[Record], probes: Sequence[Record], names: dict[Path, str]) -> pd.DataFrame:
    """One row an image, gallery first: `image` (its name in links), `path`, `person`, `camera`, `part`."""
    rows = [
        (names[record.path], record.path, record.identity or UNSAID, where(record.camera), part)
        for part, records in ((GALLERY, gallery), (PROBE, probes))
        for record in records
    ]
    table = pd.DataFrame(rows, columns=["image", "path", "person", "camera", "part"])
    table.loc[table["person"] == DISTRACTOR, "part"] = FALSE_ALARM
    return table


def records_of(table: pd.DataFrame) -> list[Record]:
    """The other way round."""
    people, cameras = table["person"].replace(UNSAID, ""), table["camera"].replace(UNSAID, str(UNKNOWN_CAMERA))
    return [Record(*row) for row in zip(table["path"], people, cameras.astype(int), strict=True)]


def where(camera: int) -> str:
    return UNSAID if camera == UNKNOWN_CAMERA else str(camera)


def with_attributes(table: pd.DataFrame, root: Path) -> pd.DataFrame:
    """Columns of `identities.csv` joined by person, where there is such a file; those with one value are left out."""
    try:
        attributes = pd.read_csv(root / ATTRIBUTES, dtype=str).rename(columns={"identity": "person"})
    except (OSError, ValueError):
        return table
    if "person" not in attributes or attributes["person"].duplicated().any():
        return table
    clash = [name for name in attributes.columns if name in table.columns and name != "person"]
    joined = table.merge(attributes.drop(columns=[*clash, "split"], errors="ignore"), on="person", how="left")
    described = joined["person"].isin(attributes["person"])
    known = [name for name in joined.columns[len(table.columns) :] if joined[described][name].nunique(dropna=False) > 1]
    words = {name: name.replace("_", " ") for name in known}
    return joined[[*table.columns, *known]].fillna(dict.fromkeys(known, "none")).rename(columns=words)


def with_ranks(
    table: pd.DataFrame,
    gallery: Sequence[Record],
    probes: Sequence[Record],
    described: np.ndarray,
) -> pd.DataFrame:
    """`rank-1` (right or wrong) and `average precision` of the probes, from descriptors (N, D) in the table's order."""
    table = table.assign(**{"rank-1": pd.Series([None] * len(table), dtype=object), "average precision": np.nan})
    try:
        of_probes = evaluate_single_query(described[len(gallery) :], probes, described[: len(gallery)], gallery).probes
    except UserError:  # nobody knows who is who, or nobody is there twice
        return table
    scored = of_probes.set_index(of_probes["path"].map(str))
    mine = table["path"].map(str)
    found = (table["part"] == PROBE) & mine.isin(scored.index)
    table.loc[found, "rank-1"] = np.where(mine[found].map(scored["first_rank"]) == 1, "right", "wrong")
    table.loc[found, "average precision"] = mine[found].map(scored["average_precision"])
    return table


def sentences(table: pd.DataFrame) -> list[str]:
    """Each point in words, for hover and for those who listen."""
    who = ("person " + table["person"]).where(table["person"] != DISTRACTOR, "distractor")
    return (who + "\ncamera " + table["camera"] + ", " + table["part"] + "\n" + table["image"]).tolist()


def colour_columns(table: pd.DataFrame) -> list[str]:
    """By what points may be coloured and filtered: columns with at least two values and not one for each image."""
    return [
        name
        for name in table.columns
        if name not in ("image", "path") and 1 < table[name].nunique(dropna=False) < len(table)
    ]
