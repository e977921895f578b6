"""Faults that the fuzzer found, one test each: small files that gave another error, took seconds or much memory."""

import io
import json
import shutil
import struct
import zipfile

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fuzzing.seeds import make_seeds
from PIL import Image

from core import array_files
from core.data import bit_depth, cuhk03_lists, images, table_files
from core.data.cuhk03_mat import read_image
from core.data.rule_files import read_rules
from core.data.table_files import open_table
from core.errors import UserError
from core.evaluation import calibration
from core.evaluation.report import read_report
from core.evaluation.verification import ScoreCounts
from core.inference.checkpoint import load_checkpoint
from core.inference.model_card import write_card
from core.inference.overlap import OLD_COUNT, Overlap
from core.json_file import read_json
from core.projection.projector import Projector
from core.search.gallery import Gallery

GROUP = "[[images]]\npattern = '(?P<identity>.).*'\n"


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000], ids=["lists", "objects"])
def test_nested_json(text, tmp_path):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(UserError, match="a.json cannot be read as JSON"):
        read_json(tmp_path / "a.json")


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("notes = " + "[" * 20_000, "nested too deeply"),
        ("a." * 20_000 + "a = 1", "more than 1,000 dots"),
        ("#" * 300_000, "more than 200,000 bytes"),
        ("images = [1]", "is not a table"),
        ("notes = [1]\n" + GROUP, "notes has 1, which is not a text"),
        ("junk = [[]]\n" + GROUP, "junk has"),
        ("[cameras]\nplaces = [[[1]]]\n" + GROUP, "places is"),
        ("[cameras]\nfirst = -1\n" + GROUP, "first is -1"),
        ("[cameras]\nfirst = true\n" + GROUP, "not a whole number"),
        ("[original]\ntrain = 3\n" + GROUP, "original: train is 3"),
        ("[original]\nfolder = '('\n" + GROUP, "not a valid regular expression"),
    ],
    ids=range(11),
)
def test_rules(text, sentence, tmp_path):
    (tmp_path / "dataset.toml").write_text(text)
    with pytest.raises(UserError, match=sentence):
        read_rules(tmp_path / "dataset.toml")


def npy(header: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(128)


HEADERS = ["{'descr': '<f4', 'shape': (4, 8", "{'descr': '|O', 'fortran_order': False, 'shape': (4, 8)}", " " * 60_000]


@pytest.mark.parametrize("header", HEADERS, ids=["damaged", "objects", "long"])
def test_headers_of_npy_files(header, tmp_path):
    (tmp_path / "a.npy").write_bytes(npy(header))
    with pytest.raises(UserError, match="is not an array of descriptors"):
        Gallery.open(tmp_path / "a.npy")


def test_values_that_are_not_numbers(tmp_path):
    np.save(tmp_path / "a.npy", np.full((2, 4), np.nan, np.float32))
    with pytest.raises(UserError, match="infinite values or values that are not numbers"):
        Gallery.open(tmp_path / "a.npy")


def test_arrays_that_are_far_larger_than_their_file(tmp_path, monkeypatch):
    monkeypatch.setattr(array_files, "UNCHECKED_BYTES", 1000)
    np.savez_compressed(tmp_path / "a.npz", descriptors=np.zeros((1000, 1000)))
    with pytest.raises(UserError, match="too much for the size of the file"):
        Gallery.open(tmp_path / "a.npz")


def test_pickled_arrays_of_a_map(tmp_path):
    np.savez(tmp_path / "a.npz", method=np.array([{}], object))
    with pytest.raises(UserError, match="is not a map"):
        Projector.open(tmp_path / "a.npz")


def test_arrays_of_a_map_that_do_not_fit(tmp_path):
    settings = {"method": "pca", "dimensions": 2, "neighbours": 15, "min_distance": 0.1, "seed": 0}
    np.savez(tmp_path / "a.npz", coordinates=np.zeros(4), mean=np.zeros(8), axes=np.zeros((8, 2)), **settings)
    with pytest.raises(UserError, match="arrays have the shapes"):
        Projector.open(tmp_path / "a.npz")


def test_labels_of_two_dimensions(tmp_path):
    arrays = {"paths": np.zeros((2, 2), str), "identities": np.zeros(2, str), "cameras": np.zeros(2, int)}
    np.savez(tmp_path / "a.npz", descriptors=np.zeros((2, 4), np.float32), **arrays)
    with pytest.raises(UserError, match="is not a gallery"):
        Gallery.open(tmp_path / "a.npz")


def test_a_table_of_more_rows_than_descriptors(tmp_path):
    gallery = Gallery(np.eye(2, dtype=np.float32), ["a", "b"])
    gallery.save(tmp_path / "gallery")
    records = {"path": ["a"] * 9, "identity": [""] * 9, "camera": [0] * 9, "time": [0.0] * 9}
    pq.write_table(pa.table(records), tmp_path / "gallery" / "records.parquet")
    with pytest.raises(UserError, match="has 2 rows and records.parquet has 9"):
        Gallery.open(tmp_path / "gallery")


def test_a_parquet_table_of_too_many_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(table_files, "MAX_ROWS", 3)
    pq.write_table(pa.table({"path": ["a"] * 4}), tmp_path / "a.parquet")
    with pytest.raises(UserError, match="has 4 rows; the limit is 3"):
        open_table(tmp_path / "a.parquet", bool)


def test_equal_texts_of_a_parquet_table_are_one_text_in_memory(tmp_path):
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 1000 + [None]), pa.array(["x" * 1000]))
    pq.write_table(pa.table({"path": column}), tmp_path / "a.parquet")
    values = open_table(tmp_path / "a.parquet", bool).load(0)
    assert len(values) == 1001 and values[-1] == "" and len(set(map(id, values[:1000]))) == 1


def test_a_damaged_parquet_table_gives_one_line(tmp_path):
    pq.write_table(pa.table({"path": ["a"]}), tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(content[:8] + b"\xff" * 20 + content[28:])
    with pytest.raises(UserError, match="a.parquet is a damaged Parquet file") as raised:
        open_table(tmp_path / "a.parquet", bool).load(0)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("is_huge", [True, False])
def test_a_mat_file_with_a_huge_or_missing_array(is_huge, tmp_path):
    mat = tmp_path / "cuhk-03.mat"
    with h5py.File(mat, "w") as file:
        image = file.create_dataset("image", (3, 1000, 100_000), dtype="u1", chunks=(1, 1, 1))
        matrix = np.empty((10, 1), h5py.ref_dtype)
        matrix[:] = image.ref
        pair = file.create_dataset("pair", data=matrix, dtype=h5py.ref_dtype)
        file.create_dataset("detected", data=np.array([[pair.ref]], h5py.ref_dtype), dtype=h5py.ref_dtype)
        if not is_huge:
            del file["image"]
    with pytest.raises(UserError, match="cuhk-03.mat is damaged or truncated"):
        read_image(mat / "detected" / "1_001_1_01.png")


def encoded(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def test_a_webp_image_has_a_lower_limit(monkeypatch):
    monkeypatch.setattr(images, "MAX_WEBP_PIXELS", 1000)
    assert images.open_image(encoded(Image.new("RGB", (40, 30)), "PNG")).size == (40, 30)
    with pytest.raises(UserError, match="megapixels"):
        images.open_image(encoded(Image.new("RGB", (40, 30)), "WEBP"))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "I;16", "F", "I"])
def test_strips_give_the_same_image(mode, monkeypatch):
    """Images that are converted some rows at a time are the same as in one piece."""
    values = np.random.default_rng(0).integers(0, 250, (40, 30, 4)).astype(np.uint8)
    image = Image.fromarray(values)
    if mode in ("I;16", "F", "I"):
        kind = {"I;16": np.uint16, "F": np.float32, "I": np.int32}[mode]
        image = Image.fromarray(values[..., 0].astype(kind) * 13)
    else:
        image = image.convert(mode)
    whole = np.asarray(images.open_image(image))
    monkeypatch.setattr(bit_depth, "PIXELS_PER_STRIP", 100)
    np.testing.assert_array_equal(np.asarray(images.open_image(image)), whole)


def test_an_image_that_is_given_is_not_changed():
    image = Image.new("RGB", (40, 30))
    image.getexif()[0x0112] = 6
    assert images.open_image(image).size == (30, 40) and image.size == (40, 30)


def test_a_configuration_that_claims_a_huge_network(checkpoint, tmp_path):
    config = json.loads((checkpoint / "config.json").read_text())
    config["network"]["filters"] = 100_000
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "weights.safetensors").write_bytes((checkpoint / "weights.safetensors").read_bytes())
    with pytest.raises(UserError, match="linear.weight has the shape"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("metrics", ["[]", "3", '"x"', "null"])
def test_metrics_that_are_no_object(metrics, checkpoint, tmp_path):
    for name in ("config.json", "weights.safetensors"):
        (tmp_path / name).write_bytes((checkpoint / name).read_bytes())
    (tmp_path / "metrics.json").write_text(metrics)
    with pytest.raises(UserError, match="metrics.json is damaged"):
        load_checkpoint(tmp_path)


def test_a_card_of_damaged_metrics(checkpoint):
    loaded = load_checkpoint(checkpoint)
    loaded.metrics["results"] = {"mine": 3}
    with pytest.raises(UserError, match="The metrics of mine are damaged"):
        write_card("mine", loaded, "MIT")


def test_scores_above_the_largest_integer(tmp_path):
    (tmp_path / "scores.csv").write_text(f"score,same,different,strangers,own,found\n0.5,{10**30},1,1,1,1\n")
    with pytest.raises(UserError, match="is not a table of counted scores"):
        ScoreCounts.read(tmp_path / "scores.csv")


def test_text_in_place_of_ranks(tmp_path):
    for name, content in make_seeds()["report"][0].items():
        (tmp_path / name).write_bytes(content.replace(b"a.png,1,1,1,", b"a.png,1,1,first,"))
    with pytest.raises(UserError, match="'first_rank' does not hold numbers"):
        read_report(tmp_path)


def test_a_damaged_array_in_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("descriptors.npy", npy("{'descr': (("))
    with pytest.raises(UserError, match="is not a gallery"):
        Gallery.open(tmp_path / "a.npz")


def test_a_crash_of_the_reader_of_mat_files_ends_only_its_process(tmp_path, monkeypatch):
    (tmp_path / "split.mat").write_bytes(b"")
    monkeypatch.setattr(cuhk03_lists.sys, "executable", shutil.which("false"))  # prints nothing, as after a crash
    with pytest.raises(UserError, match="split.mat cannot be read as a .mat file .it is damaged."):
        cuhk03_lists.read_lists(tmp_path / "split.mat")


def test_a_gallery_whose_identities_are_not_one_for_each_descriptor(tmp_path):
    """As texts, two million numbers would take 256 MB."""
    arrays = {"descriptors": np.eye(4, dtype=np.float32), "paths": np.array(list("abcd")), "cameras": np.arange(4)}
    np.savez_compressed(tmp_path / "gallery.npz", identities=np.zeros((1, 2_000_000), np.float32), **arrays)
    with pytest.raises(UserError, match=r"4 descriptors and identities of the shape \(1, 2000000\)"):
        Gallery.open(tmp_path / "gallery.npz")


def test_a_calibration_with_an_empty_gallery(checkpoint, tmp_path):
    shutil.copytree(checkpoint, tmp_path / "model")
    folder = tmp_path / "model" / calibration.FOLDER
    folder.mkdir()
    content = {"data": "x", "people": "y", "gallery": 0, "slope": 1, "intercept": 0, "fingerprint": "z"}
    (folder / calibration.CALIBRATION).write_text(json.dumps(content))
    with pytest.raises(UserError, match="is not a calibration"):
        calibration.read_calibration(tmp_path / "model")


@pytest.mark.parametrize("count, is_valid", [([1], False), ("many", False), (3, True), (None, True)])
def test_a_result_of_an_earlier_version_with_another_count(count, is_valid):
    assert Overlap.is_kept_in({OLD_COUNT: count}) is is_valid
