"""CUHK03 as distributed and as extracted: images, counts, both protocols, and errors."""

import os
import subprocess
import sys

import h5py
import numpy as np
import pytest
from benchmarks import cuhk03_image, write_cuhk03_folder, write_cuhk03_mat, write_images, write_new_protocol
from scipy.io import savemat

from core.data.cuhk03 import all_pairs_split, classic_split, new_protocol_split
from core.data.cuhk03_mat import read_image
from core.data.datasets import read_dataset
from core.data.images import file_of, open_image, read_content
from core.errors import UserError


@pytest.fixture(scope="module")
def mat(tmp_path_factory):
    return write_cuhk03_mat(tmp_path_factory.mktemp("cuhk03") / "cuhk03_release" / "cuhk-03.mat")


def test_reads_single_images_from_the_mat_file(mat):
    dataset = read_dataset(mat)
    assert (dataset.layout, dataset.name, len(dataset.pool)) == ("cuhk03-detected", "cuhk03-detected", 8 * 4)
    record = dataset.pool[2]
    assert (record.path.name, record.identity, record.camera) == ("1_001_2_06.png", "1_001", 2)
    np.testing.assert_array_equal(np.asarray(open_image(record.path)), cuhk03_image(1, 1, 6).transpose(2, 1, 0))
    assert file_of(record.path) == mat and read_content(record.path) != read_content(dataset.pool[3].path)
    assert {record.camera for record in dataset.pool} == set(range(1, 11))


def test_path_without_a_mat_file_raises(tmp_path):
    with pytest.raises(UserError, match="the path does not contain a .mat file"):
        read_image(tmp_path / "cuhk-03.mat" / "labeled" / "1_001_1_01.png")


def test_replaced_file_is_read_again(tmp_path):
    mat = write_cuhk03_mat(tmp_path / "cuhk-03.mat")
    before = read_dataset(mat)
    first = read_content(before.pool[0].path)
    mat.unlink()
    write_cuhk03_mat(mat, people=(2, 1, 1, 1, 1), slots=(1, 6), test_sets=(((2, 1),),))
    os.utime(mat, ns=(1, 1))
    after = read_dataset(mat)
    assert len(after.pool) == 6 * 2 and after.test_sets == [["2_001"]] != before.test_sets
    assert read_content(after.pool[0].path) != first


def test_path_selects_the_boxes(mat):
    labeled = read_dataset(mat / "labeled")
    assert labeled.layout == "cuhk03-labeled" and open_image(labeled.pool[0].path).height == 90
    assert read_dataset(mat.parent / "labeled").pool == labeled.pool
    assert read_dataset(mat.parent).layout == read_dataset(mat.parent.parent).layout == "cuhk03-detected"


def test_slots_after_an_empty_one_are_read(tmp_path):
    dataset = read_dataset(write_cuhk03_mat(tmp_path / "cuhk-03.mat", slots=(1, 4, 9)))
    assert [r.path.stem for r in dataset.pool[:3]] == ["1_001_1_02", "1_001_1_05", "1_001_2_10"]


def test_report_compares_counts_with_the_published_ones(mat):
    report = read_dataset(mat).report()
    assert "camera pair 1 has 12 images; 8,177 were published" in report
    assert "official test sets is missing" not in report


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_extracted_images(tmp_path, suffix):
    root = write_cuhk03_folder(tmp_path / "cuhk03", suffix=suffix)
    dataset = read_dataset(root)
    assert (dataset.layout, len(dataset.pool)) == ("cuhk03-detected", 32)
    assert read_dataset(root / "images_detected").pool == read_dataset(root.parent).pool == dataset.pool
    assert "test identities are drawn with a seed and recorded" in dataset.report()
    write_cuhk03_mat(root / "cuhk-03.mat")
    assert read_dataset(root).test_sets == [
        ["1_001", "2_001"]
    ]  # the official ones, from the .mat file in the same folder


def test_official_test_sets(mat):
    split = classic_split(read_dataset(mat), 1)
    assert split.origin == "official test set 1"
    assert {r.identity for r in split.query} == {r.identity for r in split.gallery} == {"1_001", "2_001"}
    assert {r.camera for r in split.query} == {1, 3} and {r.camera for r in split.gallery} == {2, 4}
    people = [{r.identity for r in part} for part in (split.train, split.validation, split.query)]
    assert set.union(*people) == {"1_001", "1_002", "1_003", "2_001", "2_002", "3_001"}
    assert sum(map(len, people)) == 6  # no identity twice, none of pairs 4 and 5
    all_pairs = all_pairs_split(read_dataset(mat), 1)
    assert {r.identity for r in all_pairs.train} - {r.identity for r in split.train} == {"4_001", "5_001"}
    assert all_pairs.query == split.query


def test_invalid_official_test_sets_raise(mat, tmp_path):
    with pytest.raises(UserError, match="no split 2: .* has 1 test sets"):
        classic_split(read_dataset(mat), 2)
    for other in ((4, 1), (1, 9)):
        dataset = read_dataset(write_cuhk03_mat(tmp_path / str(other) / "cuhk-03.mat", test_sets=[[(1, 1), other]]))
        with pytest.raises(UserError, match=f"have not seen, e.g. {other[0]}_00{other[1]}"):
            classic_split(dataset, 1)


def test_seeded_test_sets(tmp_path):
    names = [
        f"{1 + person % 5}_{person:03d}_{view}_{1 + 5 * (view - 1):02d}.png"
        for person in range(1, 601)
        for view in (1, 2)
    ]
    names.remove("1_005_2_06.png")  # seen by camera A only: a training identity, never a test identity
    write_images(tmp_path / "images_detected", names)
    dataset = read_dataset(tmp_path)
    one, two = classic_split(dataset, 1), classic_split(dataset, 2)
    assert len(one.query) == len(one.gallery) == 100 and len({r.identity for r in one.validation}) == 100
    assert len({r.identity for r in one.train}) == 360 - 200
    assert one.record() == classic_split(read_dataset(tmp_path), 1).record() != two.record()
    assert one.record()["test"] == sorted({r.identity for r in one.query}) and "seed 1" in one.record()["origin"]
    assert not any("1_005" in split.record()[part] for split in (one, two) for part in ("test", "validation"))
    with pytest.raises(UserError, match="CUHK03 has 1,360"):
        classic_split(read_dataset(write_cuhk03_folder(tmp_path / "few")), 1)


def test_new_protocol(tmp_path):
    root = write_cuhk03_folder(tmp_path / "cuhk03")
    dataset = read_dataset(root)
    with pytest.raises(UserError, match="needs the file cuhk03_new_protocol_config_detected.mat"):
        new_protocol_split(dataset)
    stems = [record.path.stem for record in dataset.pool]
    write_new_protocol(root, "detected", stems, train=[0, 1, 2, 3], query=[4, 6], gallery=[5, 7, 8])
    split = new_protocol_split(dataset)
    assert [r.path.stem for r in split.train] == stems[:4]
    assert [r.path.stem for r in split.query] == ["1_002_1_01", "1_002_2_06"]
    assert [(r.identity, r.camera) for r in split.gallery] == [("1_002", 1), ("1_002", 2), ("1_003", 1)]


def test_split_file_of_another_protocol_raises(tmp_path):
    root = write_cuhk03_folder(tmp_path / "cuhk03")
    dataset = read_dataset(root)
    write_new_protocol(root, "detected", ["1_001_1_05"], train=[0], query=[0], gallery=[0])
    with pytest.raises(UserError, match="3 images that the detected boxes do not have, e.g. 1_001_1_05"):
        new_protocol_split(dataset)
    file = root / "cuhk03_new_protocol_config_detected.mat"
    savemat(file, {"testsets": np.zeros((1, 20))})
    with pytest.raises(UserError, match="has no filelist; it is not a split of the new protocol"):
        new_protocol_split(dataset)
    file.write_text("<!DOCTYPE html>")
    with pytest.raises(UserError, match="cannot be read as a .mat file"):
        new_protocol_split(dataset)
    file.unlink()
    write_cuhk03_mat(file)
    with pytest.raises(UserError, match="not a split of the new protocol"):
        new_protocol_split(dataset)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"\n<!DOCTYPE html><html>", "a saved web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "is a Git LFS pointer, not the data; run `git lfs pull`"),
        (b"", "is empty"),
        (b"PK\x03\x04", "not a MATLAB 7.3"),
        (b"MATLAB 5.0 MAT-file".ljust(512), "older .mat format"),
    ],
)
def test_other_files_raise(tmp_path, content, message):
    (tmp_path / "cuhk-03.mat").write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        read_dataset(tmp_path)
    assert "\n" not in str(caught.value)


def test_truncated_file_raises(mat, tmp_path):
    for share in (0.2, 0.6, 0.95):
        file = tmp_path / f"{share}" / "cuhk-03.mat"
        file.parent.mkdir()
        file.write_bytes(mat.read_bytes()[: int(share * mat.stat().st_size)])
        with pytest.raises(UserError, match="damaged or truncated"):
            read_dataset(file)


def test_hdf5_file_without_cuhk03_raises(tmp_path):
    with h5py.File(tmp_path / "cuhk-03.mat", "w") as file:
        file["x"] = 1
    with pytest.raises(UserError, match="has no detected boxes; expected labeled, detected and testsets"):
        read_dataset(tmp_path)


def test_missing_image_raises(mat):
    for name in ("1_001_1_03.png", "1_009_1_01.png", "7_001_1_01.png", "holiday.png"):
        with pytest.raises(UserError, match=f"no image detected/{name}"):
            open_image(mat / "detected" / name)


def test_empty_folder_raises(tmp_path):
    (tmp_path / "images_detected").mkdir()
    with pytest.raises(UserError, match="no image in"):
        read_dataset(tmp_path)


def test_identity_folders_below_a_folder_of_the_same_name_are_not_cuhk03(tmp_path):
    write_images(tmp_path / "images_labeled" / "anna", ["1.png"])
    write_images(tmp_path / "images_labeled" / "bob", ["1.png"])
    assert {record.identity for record in read_dataset(tmp_path / "images_labeled").train} == {"anna", "bob"}
    assert read_dataset(tmp_path, "guess").layout == "guess"


def test_hdf5_is_not_imported_for_other_data(market):
    code = f"import sys, core.data.datasets as l; l.read_dataset({str(market)!r}); print('h5py' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
