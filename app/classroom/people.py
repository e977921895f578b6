"""The probes and the gallery of the page: descriptors, labels, and the image files as they are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.shared.images import Images, names_in_links, spread_out
from core.data.records import DISTRACTOR, Record
from core.data.rule_dataset import RENDERING
from core.data.subsample import REFERENCE_IMAGES, sample
from core.evaluation.same_camera import cameras_of, same_camera_rule_applies
from core.explain.mean_vectors import average_vectors
from core.inference.model import Model
from core.search.gallery import Gallery

PROBES = 48
TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}


def choose_probes(images: Images) -> list[Record]:
    """Choose probes, each of another identity, from alternating cameras."""
    return spread_out(images.query or images.gallery, images.gallery, PROBES)


def ranking_arrays(
    model: Model, gallery: Gallery, probes: Sequence[Record], images: Images
) -> tuple[dict[str, np.ndarray], dict]:
    """Return the descriptors of the gallery as they are stored, those of the probes, and the labels of all.

    A name stands for one file: the page ignores the probe in its own ranking by its name.
    """
    paths = [Path(path) for path in gallery.paths]
    names = names_in_links(list(dict.fromkeys([*paths, *(record.path for record in probes)])), images.root)
    arrays = {"gallery": gallery.descriptors, "probes": model.describe([record.path for record in probes])}
    about = {
        "gallery": _labels([names[path] for path in paths], gallery.identities.tolist(), gallery.cameras.tolist()),
        "probes": _labels(*zip(*((names[each.path], each.identity, each.camera) for each in probes), strict=True)),
        "ignoredCameras": [list(cameras_of(each)) if same_camera_rule_applies(each) else [] for each in probes],
        "distractor": DISTRACTOR,
        "isComputerGenerated": (images.root / RENDERING).is_file(),
    }
    return arrays, about


def image_arrays(gallery: Gallery, probes: Sequence[Record]) -> tuple[dict[str, np.ndarray], dict]:
    """Return the bytes of the image files, one after another, first the gallery."""
    paths = [*map(Path, gallery.paths), *(record.path for record in probes)]
    files = [path.read_bytes() for path in paths]
    types = [TYPES.get(path.suffix.lower(), "") for path in paths]
    return {"bytes": np.frombuffer(b"".join(files), np.uint8)}, {"sizes": list(map(len, files)), "types": types}


def mean_vectors(model: Model, gallery: Gallery) -> np.ndarray:
    """Return the mean region vectors of the gallery, the baseline of an attribution on the page Compare."""
    paths = sample([str(path) for path in gallery.paths], REFERENCE_IMAGES)
    return average_vectors(model, paths, on_error=lambda path, reason: None)  # the mean of those that can be read


def _labels(names: Sequence[str], identities: Sequence, cameras: Sequence[int]) -> dict[str, list]:
    return {"names": list(names), "identities": list(identities), "cameras": list(cameras)}
