"""A named gallery is adapted to its cameras by the job that indexes it."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import draw_person

from core.data.records import Dataset, Record
from core.errors import UserError
from core.galleries.adaptation import ADAPTED, MIN_IMAGES, has_enough_images, is_adapted, open_adapted
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery, rename_gallery
from core.galleries.changes import relabel_images
from core.galleries.update import describe_gallery
from core.inference.camera_adaptation import CameraModels
from core.inference.checkpoint import Checkpoint, save_checkpoint
from core.inference.model import Model, load
from core.inference.provenance import Provenance, TrainingRecord, hash_identities, write_provenance
from core.jobs.progress import FINISHED
from core.models.network import build_network
from core.search.gallery import Gallery


@pytest.fixture
def images(market, tmp_path) -> Path:
    """12 test images: 4 identities, seen once by each of 3 cameras."""
    return Path(shutil.copytree(market / "bounding_box_test", tmp_path / "images"))


def index(images: Path, checkpoint: Path, folder: Path):
    gallery = create_gallery("station", folder / "galleries", checkpoint)
    add_folder(gallery, images)
    describe_gallery(gallery, "cpu")
    return gallery


@pytest.fixture
def station(images, checkpoint, tmp_path, monkeypatch):
    """The images as a gallery, whose cameras have enough images."""
    monkeypatch.setattr("core.galleries.adaptation.MIN_IMAGES", 3)
    return index(images, checkpoint, tmp_path)


def draw(path: Path) -> Path:
    draw_person(9, 1, 0).save(path)
    return path


@pytest.fixture
def described(monkeypatch) -> list[int]:
    """The number of images of each call that describes images."""
    counted, compute = [], Model.describe_records

    def count(model, records, *more, **options):
        counted.append(len(records))
        return compute(model, records, *more, **options)

    monkeypatch.setattr(Model, "describe_records", count)
    return counted


def test_the_job_stores_adapted_descriptors_beside_the_plain_ones(station, checkpoint, described):
    model, indexed = load(checkpoint, "cpu"), station.open()
    assert is_adapted(station) and station.progress.state == FINISHED
    adapted, models = open_adapted(station, model, indexed)
    assert not described  # nothing is computed
    records = [Record(Path(path), camera=camera) for path, camera in zip(indexed.paths, indexed.cameras, strict=True)]
    expected = CameraModels(model).fit(records).describe_records(records)[0]
    np.testing.assert_allclose(adapted.descriptors, expected, atol=1e-5)
    np.testing.assert_allclose(indexed.descriptors, model.describe_records(records)[0], atol=1e-5)
    assert adapted.paths.tolist() == indexed.paths.tolist()
    assert models.statistics_.keys() == {1, 2, 3}


def test_an_update_adapts_only_the_camera_that_has_changed(station, images, described):
    before = set((station.folder / ADAPTED).iterdir())
    described.clear()
    next(images.glob("*_c2*")).unlink()
    station.ask()
    describe_gallery(station, "cpu")
    assert is_adapted(station) and sum(described) == 3  # the images of camera 2
    after = set((station.folder / ADAPTED).iterdir())
    assert len(after) == len(before) and len(after & before) == 5  # two cameras and adapted.json
    described.clear()
    station.ask()
    describe_gallery(station, "cpu")
    assert not described


def test_a_model_that_was_trained_on_images_of_the_gallery_is_not_adapted(images, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr("core.galleries.adaptation.MIN_IMAGES", 3)
    paths = sorted(images.iterdir())
    for name, path, expected in (("inside", paths[5], False), ("outside", draw(tmp_path / "other.png"), True)):
        trained = hash_identities(Dataset(tmp_path, "folder"), [Record(path, "7", 1)])
        provenance = Provenance((TrainingRecord("tiny", "other data", trained=frozenset(trained)),))
        copied = Path(shutil.copytree(checkpoint, tmp_path / "checkpoints" / name))
        write_provenance(provenance, copied)
        assert is_adapted(index(images, copied, tmp_path / name)) == expected


def test_a_renamed_gallery_stays_adapted(station, checkpoint, described):
    described.clear()
    renamed = rename_gallery(station, "platform")
    open_adapted(renamed, load(checkpoint, "cpu"), renamed.open())
    assert is_adapted(renamed) and not described


@pytest.mark.parametrize("change", ["delete", "touch"])
def test_stored_descriptors_are_read_without_looking_at_the_images(change, station, images, checkpoint, described):
    model = load(checkpoint, "cpu")
    expected = open_adapted(station, model, station.open())[0].descriptors
    for file in images.iterdir():
        if change == "delete":
            file.unlink()
        else:
            os.utime(file, (1, 1))
    described.clear()
    adapted, models = open_adapted(station, model, station.open(), most=0)
    np.testing.assert_array_equal(adapted.descriptors, expected)
    assert not described and models.statistics_.keys() == {1, 2, 3}
    models.describe([np.zeros((160, 60, 3), np.uint8)], camera=99)  # the statistics of all cameras are stored, too


def test_files_of_other_images_or_of_another_network_are_not_read(station, images, checkpoint):
    model, indexed = load(checkpoint, "cpu"), station.open()
    paths = [*indexed.paths[1:], indexed.paths[0]]
    moved = Gallery(indexed.descriptors, paths, indexed.identities, indexed.cameras)
    other = load(checkpoint, "cpu")
    with torch.no_grad():
        other.network.linear.bias += 1
    for describer, gallery in ((model, moved), (other, indexed)):
        with pytest.raises(UserError, match="cannot be read"):
            open_adapted(station, describer, gallery, most=0)
    next((station.folder / ADAPTED).glob("*.npy")).write_bytes(b"damaged")
    with pytest.raises(UserError, match="cannot be read"):
        open_adapted(station, model, indexed, most=0)
    repaired = open_adapted(station, model, indexed)[0].descriptors
    np.testing.assert_array_equal(open_adapted(station, model, indexed, most=0)[0].descriptors, repaired)


def test_read_only_mode_writes_nothing_to_a_gallery(images, checkpoint, tmp_path, monkeypatch):
    gallery = index(images, checkpoint, tmp_path)
    before = sorted(gallery.folder.rglob("*"))
    monkeypatch.setenv("MR_BCNN_READ_ONLY", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    adapted, _ = open_adapted(gallery, load(checkpoint, "cpu"), gallery.open())
    assert len(adapted) == 12 and sorted(gallery.folder.rglob("*")) == before
    assert len(list((tmp_path / "cache").rglob("*.npy"))) == 3


def test_a_camera_with_too_few_images_ends_the_adaptation(station):
    paths = station.records().query("camera == 1")["path"].tolist()
    relabel_images(station, paths[:2], camera=2)
    describe_gallery(station, "cpu")
    assert not is_adapted(station) and not (station.folder / ADAPTED).exists()
    assert station.progress.state == FINISHED


def test_few_images_and_networks_without_batch_norm_are_not_adapted(images, checkpoint, tmp_path, monkeypatch):
    assert not is_adapted(index(images, checkpoint, tmp_path / "few"))
    monkeypatch.setattr("core.galleries.adaptation.MIN_IMAGES", 3)
    plain = tmp_path / "plain"
    save_checkpoint(Checkpoint(build_network("cnn", filters=2, descriptor=4).eval()), plain)
    assert not is_adapted(index(images, plain, tmp_path))


def test_a_stopped_adaptation_goes_on_at_the_next_update(images, checkpoint, tmp_path, monkeypatch, described):
    """The gallery can be searched meanwhile, and finished cameras are not described again."""
    monkeypatch.setattr("core.galleries.adaptation.MIN_IMAGES", 3)
    read = CameraModels._read_or_describe

    def stop_after_the_first_camera(models, camera, *more):
        if camera == 2:
            gallery.job.stop()
        return read(models, camera, *more)

    monkeypatch.setattr(CameraModels, "_read_or_describe", stop_after_the_first_camera)
    gallery = create_gallery("station", tmp_path / "galleries", checkpoint)
    add_folder(gallery, images)
    describe_gallery(gallery, "cpu")
    assert len(gallery.open()) == 12 and not is_adapted(gallery)
    monkeypatch.setattr(CameraModels, "_read_or_describe", read)
    described.clear()
    describe_gallery(gallery, "cpu")
    assert is_adapted(gallery) and sum(described) <= 8


@pytest.mark.parametrize(
    ("cameras", "expected"),
    [
        ([1] * MIN_IMAGES + [2] * MIN_IMAGES, True),
        ([1] * MIN_IMAGES + [2] * (MIN_IMAGES - 1), False),
        ([1] * 2 * MIN_IMAGES, False),
        ([1] * MIN_IMAGES + [2] * MIN_IMAGES + [0] * MIN_IMAGES, False),
    ],
)
def test_adaptation_is_the_default_if_each_camera_has_enough_images(cameras, expected):
    assert has_enough_images(np.array(cameras)) == expected
