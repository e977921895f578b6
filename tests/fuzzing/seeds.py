"""Small valid files of each kind that the project reads. `make_seeds` returns them as bytes, by kind and file name."""

import io
import json
import tempfile
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from heic import HEIC, HEIC_SIDEWAYS
from PIL import Image, features

Files = dict[str, bytes]  # the files of a case, by their path in its folder
PEOPLE = 4


def person(seed: int = 0, size: tuple[int, int] = (20, 48)) -> Image.Image:
    """An image of noise, (rows, columns) = size[::-1]."""
    values = np.random.default_rng(seed).integers(0, 255, (*size[::-1], 3))
    return Image.fromarray(values.astype(np.uint8))


def encode(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@cache
def make_seeds() -> dict[str, list[Files]]:
    """Return the valid files of each kind. A kind has one or more cases, each of one or more files."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            "image": [{"image.jpg": content} for content in _images()],
            "zip": [{"images.zip": _zip()}],
            "table": _tables(),
            "rules": _rules(),
            "report": [_report()],
            "decisions": [{"decisions.csv": b"path,other,decision,time\na.png,b.png,same,2026-03-01T09:30:00+00:00\n"}],
            "gallery": _galleries(Path(folder)),
            "map": _maps(Path(folder)),
            "checkpoint": [_checkpoint(Path(folder))],
            "baseline": [_baseline(Path(folder))],
            "cuhk03": [{"cuhk-03.mat": _cuhk03(Path(folder))}],
            "new protocol": [_new_protocol(Path(folder))],
            "caffemodel": [{"net.caffemodel": _caffemodel()}],
        }


def _images() -> list[bytes]:
    image, grey = person(), person(1).convert("L")
    deep = Image.fromarray(np.random.default_rng(0).integers(0, 4000, (48, 20)).astype(np.uint16))
    clear = person(2).convert("RGBA")
    clear.putalpha(grey)
    exif = Image.Exif()
    exif[0x0112] = 6
    found = [
        encode(image, "JPEG", exif=exif),
        encode(image, "JPEG", progressive=True),
        encode(image.convert("CMYK"), "JPEG"),
        encode(image, "PNG"),
        encode(clear, "PNG"),
        encode(deep, "PNG"),
        encode(image.convert("P"), "PNG", transparency=3),
        encode(image, "WEBP", lossless=True),
        encode(image, "WEBP", save_all=True, append_images=[person(3)]),
        encode(image, "GIF", save_all=True, append_images=[person(3)]),
        encode(image, "BMP"),
        encode(grey, "BMP"),
        encode(image, "TIFF"),
        encode(image, "TIFF", compression="tiff_lzw"),
        encode(image, "TIFF", compression="jpeg"),
        encode(deep, "TIFF", compression="tiff_deflate"),
        encode(Image.fromarray(np.random.default_rng(0).random((48, 20)).astype(np.float32)), "TIFF"),
        HEIC,
        HEIC_SIDEWAYS,
    ]
    return found + ([encode(image, "AVIF", speed=10)] if features.check("avif") else [])


def _zip() -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        for number in range(3):
            archive.writestr(f"people/{number}.png", encode(person(number), "PNG"))
        archive.writestr("people/labels.csv", "path,identity\n0.png,a\n", 8)
        archive.writestr("notes.txt", "notes", 8)
    return buffer.getvalue()


def _columns() -> dict[str, list]:
    return {
        "path": ["a.png", "b.png", "c.png", "d.png"],
        "identity": ["1", "1", "2", "2"],
        "camera": [1, 2, 1, 2],
        "time": ["2026-03-01T09:30:00"] * 4,
        "split": ["train", "train", "query", "gallery"],
        "box": ["0 0 10 20"] * 4,
        "tracklet": ["x", "x", "y", "y"],
    }


def _parquet(columns: dict[str, list]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def _tables() -> list[Files]:
    columns = _columns()
    rows = [list(columns), *zip(*columns.values(), strict=True)]
    comma, tab = ("\n".join(mark.join(map(str, row)) for row in rows).encode() for mark in ",\t")
    return [{"labels.csv": comma}, {"labels.tsv": tab}, {"labels.parquet": _parquet(columns)}]


def _rules() -> list[Files]:
    groups = r"""
name = "mine"
layout = "mine"
namespace = "mine"
root = "."
title = "My images"
junk = ["-1"]
distractors = ["0"]
notes = ["one note"]
protocols = ["market1501"]
[cameras]
first = 1
places = [[1, 2]]
[[images]]
split = "gallery"
pattern = '(?P<identity>\d+)_c(?P<camera>\d)_\d+\.png'
[[images]]
folders = ["split", "identity"]
name = '.*'
identity_prefix = "x"
"""
    table = b'name = "mine"\ntable = "labels.csv"\nmatch = "name"\n'
    image = encode(person(), "PNG")
    return [
        {"dataset.toml": groups.encode(), "1_c1_1.png": image, "query/2/3.png": image},
        {"dataset.toml": table, "labels.csv": b"path,identity\na.png,1\n", "a.png": image},
    ]


def _report() -> Files:
    cameras = {"probe": [1], "gallery": [2], "recall@1": [[50.0]]}
    summary = {"probes": 2, "gallery": 2, "recall@1": 50.0, "mAP": 40.0}
    result = {"architecture": "mr_bcnn", "data": "mine", "layout": "mine", "protocol": "market1501", "rule": "r"}
    result |= {"filters": 4, "region_size": 5, "splits": [1], "curve": [50.0, 100.0], "summary": summary}
    result |= {"spread": {"recall@1": 1.0}, "cameras": cameras, "test_people_trained_on": 0}
    return {
        "result.json": json.dumps(result).encode(),
        "probes.csv": b"path,identity,camera,first_rank,average_precision\na.png,1,1,1,0.5\nb.png,2,1,2,0.4\n",
        "scores.csv": b"score,same,different,strangers,own,found\n0.5,1,2,3,4,5\n0.7,5,4,3,2,1\n",
    }


def _gallery():
    from core.search.gallery import Gallery

    rows = np.random.default_rng(0).normal(size=(PEOPLE, 8)).astype(np.float32)
    return Gallery(rows, [f"{n}.png" for n in range(PEOPLE)], ["1", "1", "2", "2"], [1, 2, 1, 2])


def _galleries(folder: Path) -> list[Files]:
    gallery = _gallery()
    gallery.save(folder / "gallery")
    gallery.save(folder / "gallery.npz")
    array = io.BytesIO()
    np.save(array, gallery.descriptors)
    return [
        _read_all(folder / "gallery", "gallery"),
        {"gallery.npz": (folder / "gallery.npz").read_bytes()},
        {"gallery.npy": array.getvalue()},
    ]


def _maps(folder: Path) -> list[Files]:
    from core.projection.projector import Projector

    projector = Projector("pca", 2)
    projector.fit_transform(_gallery().descriptors)
    projector.save(folder / "map.npz")
    return [{"map.npz": (folder / "map.npz").read_bytes()}]


def _checkpoint(folder: Path) -> Files:
    import torch

    from core.config import TrainingConfig
    from core.inference.checkpoint import Checkpoint, fingerprint, save_checkpoint
    from core.inference.model_card import write_card
    from core.inference.provenance import Provenance, TrainingRecord
    from core.models.network import build_network

    torch.manual_seed(0)
    network = build_network("mr_bcnn", filters=2, descriptor=8, batch_norm=True).eval()
    record = TrainingRecord("mine", "all", "market1501", trained=frozenset({("a" * 16, "b" * 16)}))
    made = Checkpoint(network, TrainingConfig(), {"name": "mine"}, _metrics(), Provenance((record,), ("x",)))
    save_checkpoint(made, folder / "checkpoint")
    files = _read_all(folder / "checkpoint", "")
    files["card.md"] = write_card("mine", made, "MIT").encode()
    about = {"data": "mine", "people": "2", "gallery": 4, "fingerprint": fingerprint(folder / "checkpoint")}
    files["calibration/calibration.json"] = json.dumps(about | {"slope": 9.0, "intercept": -5.0}).encode()
    files["calibration/scores.csv"] = b"score,same,different,strangers,own,found\n0.5,1,2,3,4,5\n0.7,5,4,3,2,1\n"
    return files


def _metrics() -> dict:
    result = {"probes": 2, "gallery": 4, "recall@1": 50.0, "mAP": 40.0, "protocol": "market1501", "rule": "r"}
    result |= {"tested_identities": {"tested": 2, "trained_on": 0, "validated_on": 0, "no_record_of": []}}
    validation = {"recall@1": 50.0, "mAP": 40.0}
    return {"step": 1, "training_seconds": 60.0, "machine": "m", "validation": validation, "results": {"mine": result}}


def _baseline(folder: Path) -> Files:
    from core.baselines.xqda import XQDA
    from core.inference.baseline import Baseline

    fitted = XQDA()
    fitted.components_ = np.zeros((12, 3), np.float32)
    Baseline("xqda", fitted, np.zeros(3, np.float32), 1.0).save(folder / "baseline", "MIT")
    return _read_all(folder / "baseline", "")


def _cuhk03(folder: Path) -> bytes:
    import h5py

    path = folder / "cuhk-03.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        for boxes in ("labeled", "detected"):
            pairs = []
            for pair in range(5):
                matrix = np.empty((10, 1), dtype=h5py.ref_dtype)
                for slot in range(10):
                    image = np.asarray(person(slot)).transpose(2, 1, 0)
                    matrix[slot, 0] = file.create_dataset(f"#refs#/{boxes}{pair}{slot}", data=image).ref
                pairs.append(file.create_dataset(f"#refs#/{boxes}{pair}", data=matrix, dtype=h5py.ref_dtype).ref)
            file.create_dataset(boxes, data=np.array([pairs], dtype=h5py.ref_dtype), dtype=h5py.ref_dtype)
        first = file.create_dataset("#refs#/set", data=np.array([[1.0], [1.0]]))
        file.create_dataset("testsets", data=np.array([[first.ref]], dtype=h5py.ref_dtype), dtype=h5py.ref_dtype)
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM".ljust(388, b"\0"))
    return path.read_bytes()


def _new_protocol(folder: Path) -> Files:
    from scipy.io import savemat

    stems = ["1_001_1_01", "1_001_2_06", "1_002_1_01", "1_002_2_06"]
    names = np.empty((len(stems), 1), dtype=object)
    names[:, 0] = [f"{stem}.png" for stem in stems]
    numbers = {f"{part}_idx": np.array([[1, 2]]) for part in ("train", "query", "gallery")}
    savemat(folder / "split.mat", {"filelist": names} | numbers)
    image = encode(person(), "PNG")
    files = {f"images_detected/{stem}.png": image for stem in stems}
    return files | {"cuhk03_new_protocol_config_detected.mat": (folder / "split.mat").read_bytes()}


def _caffemodel() -> bytes:
    def varint(number: int) -> bytes:
        low, rest = number & 127, number >> 7
        return bytes([low | 128]) + varint(rest) if rest else bytes([low])

    def field(number: int, value: bytes) -> bytes:
        return varint(number << 3 | 2) + varint(len(value)) + value

    def layer(name: str, *shapes: tuple[int, ...]) -> bytes:
        blobs = b""
        for shape in shapes:
            sizes = field(7, field(1, b"".join(map(varint, shape))))
            blobs += field(7, field(5, np.zeros(shape, "<f4").tobytes()) + sizes)
        return field(100, field(1, name.encode()) + blobs)

    net = field(1, b"net")
    for part in (1, 2, 3):
        net += layer(f"conv1_1_{part}", (1, 3, 7, 7), (1,)) + layer(f"conv2_1_{part}", (1, 1, 5, 5), (1,))
    return net + layer("ip1_reid", (2, 675), (2,))


def _read_all(folder: Path, under: str) -> Files:
    prefix = f"{under}/" if under else ""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {prefix + path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
