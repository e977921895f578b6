"""What lies on a Milvus server: a gallery's images as rows, a filter in Milvus' words, its answers as a table."""

import json
import os
from hashlib import blake2b

import numpy as np
import pandas as pd

from core.errors import UserError
from core.search.exact import as_float32
from core.search.filters import Filter
from core.search.gallery import Gallery

MAX_LABEL_BYTES = {"path": 4096, "identity": 256}  # bytes at most
FIELDS = (*MAX_LABEL_BYTES, "camera", "time", "place")


def expression(wanted: Filter) -> str:
    """A filter in Milvus' words."""
    parts = []
    if wanted.cameras is not None:
        parts.append(f"camera in {list(wanted.cameras)}")
    if wanted.identities is not None:
        parts.append(f"identity in {_quoted(list(wanted.identities))}")
    if wanted.between is not None:
        ends = zip((">=", "<="), wanted.between, strict=True)
        parts += ["time is not null", *(f"time {sign} {moment!r}" for sign, moment in ends if np.isfinite(moment))]
    if wanted.probe is not None:
        parts.append(f"id != {_quoted(identifier(str(wanted.probe.path)))}")
    if wanted.probe is not None and wanted.rule:
        parts.append(f"(identity != {_quoted(wanted.probe.identity)} or camera != {wanted.probe.camera})")
    return " and ".join(parts)


def _quoted(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)


def identifier(path: str) -> str:
    return blake2b(os.fsencode(path), digest_size=16).hexdigest()


def row_of(gallery: Gallery, place: int) -> dict:
    """What the server keeps of an image. Raises UserError for names that it cannot take."""
    labels = {"path": str(gallery.paths[place]), "identity": str(gallery.identities[place])}
    for name, text in labels.items():
        if not _fits(text, MAX_LABEL_BYTES[name]):
            raise UserError(
                f"The {name} {text!r} is not UTF-8, or longer than the {MAX_LABEL_BYTES[name]} bytes that a Milvus "
                "server is asked to keep; rename it."
            )
    descriptor = as_float32(gallery.descriptors[place : place + 1])[0]
    camera, time = int(gallery.cameras[place]), float(gallery.times[place])
    content = blake2b(repr((labels["identity"], camera, time)).encode(), digest_size=16)
    content.update(descriptor.tobytes())
    return {
        "id": identifier(labels["path"]),
        "content": content.hexdigest(),
        "descriptor": descriptor,
        **labels,
        "camera": camera,
        "time": None if np.isnan(time) else time,
        "place": place,
    }


def _fits(text: str, most: int) -> bool:
    try:
        return len(text.encode()) <= most
    except UnicodeEncodeError:  # a name made of other bytes
        return False


def table_of(hits: list[dict], top: int, with_times: bool) -> pd.DataFrame:
    """A server's hits -> the table of `Gallery.search`."""
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
