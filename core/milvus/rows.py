"""Conversion between a gallery and a Milvus server: images to rows, filters to expressions, results to tables."""

import json
import os
from hashlib import blake2b

import numpy as np
import pandas as pd

from core.errors import UserError
from core.search.exact import as_float32
from core.search.filters import Filter
from core.search.gallery import Gallery

MAX_LABEL_BYTES = {"path": 4096, "identity": 256}  # the longest texts on the server, in bytes
FIELDS = (*MAX_LABEL_BYTES, "camera", "time", "place")


def expression(filters: Filter) -> str:
    """Convert a filter to a Milvus expression."""
    parts = []
    if filters.cameras is not None:
        parts.append(f"camera in {list(filters.cameras)}")
    if filters.identities is not None:
        parts.append(f"identity in {_quoted(list(filters.identities))}")
    if filters.between is not None:
        ends = zip((">=", "<="), filters.between, strict=True)
        parts += ["time is not null", *(f"time {sign} {moment!r}" for sign, moment in ends if np.isfinite(moment))]
    if filters.probe is not None:
        parts.append(f"id != {_quoted(identifier(str(filters.probe.path)))}")
    if filters.probe is not None and filters.rule:
        cameras = list(filters.ignored_cameras)
        parts.append(f"(identity != {_quoted(filters.probe.identity)} or camera not in {cameras})")
    return " and ".join(parts)


def _quoted(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)


def identifier(path: str) -> str:
    """Compute the id of a row from its path."""
    return blake2b(os.fsencode(path), digest_size=16).hexdigest()


def row_of(gallery: Gallery, position: int) -> dict:
    """Create the row of an image.

    Args:
        gallery: The gallery.
        position: The position of the image in the gallery, which is stored as `place`.

    Raises:
        UserError: If its path or identity is not UTF-8 or is too long.
    """
    labels = {"path": str(gallery.paths[position]), "identity": str(gallery.identities[position])}
    for name, text in labels.items():
        if not _fits(text, MAX_LABEL_BYTES[name]):
            raise UserError(
                f"The {name} {text!r} is not UTF-8 or is longer than {MAX_LABEL_BYTES[name]} bytes, the limit on a "
                "Milvus server. Rename it."
            )
    descriptor = as_float32(gallery.descriptors[position : position + 1])[0]
    camera, time = int(gallery.cameras[position]), float(gallery.times[position])
    content = blake2b(repr((labels["identity"], camera, time)).encode(), digest_size=16)
    content.update(descriptor.tobytes())
    return {
        "id": identifier(labels["path"]),
        "content": content.hexdigest(),
        "descriptor": descriptor,
        **labels,
        "camera": camera,
        "time": None if np.isnan(time) else time,
        "place": position,
    }


def _fits(text: str, max_bytes: int) -> bool:
    try:
        return len(text.encode()) <= max_bytes
    except UnicodeEncodeError:  # a file name that is not UTF-8
        return False


def table_of(hits: list[dict], top: int, with_times: bool) -> pd.DataFrame:
    """Convert the results of a server to the table of `Gallery.search`.

    Args:
        hits: The results of one probe.
        top: The number of results.
        with_times: Whether the table has a column `time`.
    """
    hits = sorted(hits, key=lambda hit: (-hit["distance"], hit["entity"]["place"]))[:top]
    column = {name: [hit["entity"][name] for hit in hits] for name in FIELDS}
    table = pd.DataFrame(
        {
            "rank": np.arange(1, len(hits) + 1),
            "score": np.array([hit["distance"] for hit in hits], np.float32),
            "path": pd.Series(column["path"], dtype=object),
            "identity": np.array(column["identity"], dtype=str),
            "camera": np.array(column["camera"], np.int32),
        }
    )
    return table.assign(time=np.array(column["time"], np.float64)) if with_times else table
