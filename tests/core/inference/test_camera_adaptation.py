"""Batch-norm adaptation (AdaBN): statistics of a camera's images, averaged with those of the training."""

import os
import shutil
import time
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.data.datasets import read_dataset
from core.data.loading import load_images
from core.data.records import DISTRACTOR, Record
from core.errors import UserError
from core.evaluation.evaluate import evaluate_model
from core.evaluation.protocols import choose_protocol
from core.inference.camera_adaptation import CameraModels, can_adapt
from core.inference.camera_statistics import delete_others
from core.inference.checkpoint import Checkpoint
from core.inference.model import Model, load
from core.models.network import build_network
from core.models.norm_statistics import PRIOR_IMAGES, copy_statistics, mix_statistics, set_statistics
from core.search.gallery import Gallery
from core.search.reranking import adapt_gallery

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def model(checkpoint):
    return load(checkpoint)


@pytest.fixture(scope="module")
def dataset(market):
    return read_dataset(market)


def test_statistics_are_a_weighted_mean_of_images_and_training(model):
    images = torch.randint(0, 256, (30, 3, 160, 60), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    before = copy_statistics(model.network)
    after = mix_statistics(model.network, images)
    own = 30 / (30 + PRIOR_IMAGES)
    parts = model.network.prepare(images).transpose(0, 1).flatten(0, 1)
    stream = model.network.streams[0]
    with torch.inference_mode():
        maps = torch.max_pool2d(stream.conv1(parts), 2)
    mean, variance = before[0]
    torch.testing.assert_close(after[0][0], own * maps.mean((0, 2, 3)) + (1 - own) * mean)
    torch.testing.assert_close(after[0][1], own * maps.var((0, 2, 3)) + (1 - own) * variance)
    assert len(before) == 2 * (1 + 3) + 1  # conv1 and three conv2 of two streams, and the last layer


def test_without_prior_images_the_mean_embedding_of_a_camera_is_the_bias(model, dataset, monkeypatch):
    monkeypatch.setattr("core.models.norm_statistics.PRIOR_IMAGES", 0)
    records = dataset.gallery
    adapted = CameraModels(model).fit(records)
    assert set(adapted.statistics_) == {record.camera for record in records}
    for camera in (1, 2):
        network = adapted.model.network
        set_statistics(network, adapted.statistics_[camera])
        images, _ = load_images([record for record in records if record.camera == camera], on_error=None)
        with torch.inference_mode():
            embedded = network.embedding(images)
        spread = network.norm.weight.detach().abs().mean()
        assert (embedded.mean(0) - network.norm.bias).abs().mean() < 0.05 * spread


@pytest.mark.slow
def test_adaptation_corrects_a_colour_cast(tmp_path):
    """With adaptation, more images with a strong colour cast find the same images without it."""
    model = load(ROOT / "checkpoints" / "pedestrians-mr_bcnn")
    of_camera = [record for record in read_dataset(ROOT / "assets" / "pedestrians").query if record.camera == 1][:60]
    cast = []
    for record in of_camera:
        pixels = np.asarray(Image.open(record.path).convert("RGB")).astype(float)
        path = tmp_path / f"{record.path.stem}.png"
        Image.fromarray((pixels * (1.0, 0.6, 0.4)).astype(np.uint8)).save(path)
        cast.append(Record(path, record.identity, 2))
    found = {}
    for name, describer in {"plain": model, "adapted": CameraModels(model).fit(of_camera + cast)}.items():
        without, with_cast = (describer.describe_records(records)[0] for records in (of_camera, cast))
        found[name] = ((with_cast @ without.T).argmax(1) == np.arange(len(cast))).mean()
    assert found["adapted"] > found["plain"] + 0.1


def test_order_and_skipped_images(model, dataset, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no image")
    records = [*dataset.query[:5], Record(tmp_path / "broken.jpg", "9", 1), *dataset.query[5:9], dataset.query[0]]
    adapted, skipped, counted = CameraModels(model).fit(records), [], []
    described, kept = adapted.describe_records(records, lambda source, why: skipped.append(source), counted.append)
    assert kept == records[:5] + records[6:] and sum(counted) == len(kept)
    assert skipped == [tmp_path / "broken.jpg"]
    np.testing.assert_allclose(described[0], described[-1], atol=1e-5)
    for index in (1, 7):
        single, _ = adapted.describe_records([kept[index]])
        np.testing.assert_allclose(described[index], single[0], atol=1e-5)
    assert adapted.describe_records([])[0].shape == (0, 500)


def test_the_model_stays_unchanged(model, dataset):
    before = model.describe(dataset.query[0].path)
    CameraModels(model).fit(dataset.query)
    assert np.array_equal(model.describe(dataset.query[0].path), before)


def test_unseen_camera_has_the_statistics_of_all_cameras(model, dataset):
    elsewhere = replace(dataset.query[0], camera=99)
    described, _ = CameraModels(model).fit(dataset.gallery).describe_records([elsewhere])
    as_one = [replace(record, camera=1) for record in dataset.gallery]
    expected, _ = CameraModels(model).fit(as_one).describe_records([replace(elsewhere, camera=1)])
    np.testing.assert_allclose(described, expected, atol=1e-5)
    assert not np.allclose(described, model.describe(elsewhere.path), atol=1e-3)


def test_describes_images_without_records_for_a_camera(model, dataset):
    adapted = CameraModels(model).fit(dataset.gallery)
    for camera in (1, 99):
        records = [replace(record, camera=camera) for record in dataset.query[:3]]
        described = adapted.describe([record.path for record in records], camera)
        np.testing.assert_allclose(described, adapted.describe_records(records)[0], atol=1e-5)


def test_a_single_image_of_a_camera_changes_nothing(model, dataset):
    one = dataset.query[:1]
    np.testing.assert_allclose(
        CameraModels(model).fit(one).describe_records(one)[0], model.describe(one[0].path), atol=1e-5
    )


def test_network_without_batch_norm_raises():
    network = build_network("cnn", 2, descriptor=4)
    with pytest.raises(UserError, match="no batch normalisation"):
        CameraModels(Model(Checkpoint(network)))


def test_report_states_the_adaptation(model, dataset):
    protocol = choose_protocol(dataset, None)
    plain, adapted = (evaluate_model(model, dataset, protocol, adapt=adapt) for adapt in (False, True))
    assert adapted.result["adapted"] and "adapted" not in plain.result
    assert adapted.name == f"{plain.name}-adapted"
    assert adapted.result["summary"]["probes"] == plain.result["summary"]["probes"]


def test_statistics_of_all_cameras_are_estimated_once_for_unseen_cameras(model, dataset, monkeypatch):
    looked_at, load = [], load_images
    monkeypatch.setattr(
        "core.inference.camera_adaptation.load_images",
        lambda records, *more, **size: looked_at.append(len(records)) or load(records, *more, **size),
    )
    adapted = CameraModels(model).fit(dataset.gallery)
    adapted.describe_records(dataset.gallery)
    assert sum(looked_at) == len(dataset.gallery)
    for _ in range(2):
        adapted.describe([dataset.query[0].path], camera=99)
    assert sum(looked_at) == 2 * len(dataset.gallery)


def count_images(monkeypatch) -> list[int]:
    """Count the images that statistics are estimated from."""
    counted, load = [], load_images

    def load_and_count(records, *more, **options):
        counted.append(len(records))
        return load(records, *more, **options)

    monkeypatch.setattr("core.inference.camera_adaptation.load_images", load_and_count)
    return counted


def test_stored_statistics_are_read_instead_of_estimated_again(model, dataset, tmp_path, monkeypatch):
    counted = count_images(monkeypatch)
    first = CameraModels(model).fit(dataset.gallery, folder=tmp_path / "new")
    assert sum(counted) == len(dataset.gallery)
    second = CameraModels(model).fit(dataset.gallery, folder=tmp_path / "new")
    assert sum(counted) == len(dataset.gallery)
    assert second.statistics_.keys() == first.statistics_.keys() == {1, 2, 3}
    for camera, statistics in first.statistics_.items():
        for pair, found in zip(statistics, second.statistics_[camera], strict=True):
            assert all(map(torch.equal, pair, found))
    elsewhere = [replace(dataset.query[0], camera=99)]
    expected = second.describe_records(elsewhere)[0]
    assert sum(counted) == 2 * len(dataset.gallery)  # all cameras together, at the first image of a new camera
    third = CameraModels(model).fit(dataset.gallery, folder=tmp_path / "new")
    assert np.array_equal(third.describe_records(elsewhere)[0], expected)
    assert sum(counted) == 2 * len(dataset.gallery)
    assert np.array_equal(third.describe_records(dataset.query)[0], first.describe_records(dataset.query)[0])


def test_statistics_are_estimated_again_if_anything_changes(model, dataset, tmp_path, monkeypatch):
    counted = count_images(monkeypatch)
    images = [Path(shutil.copy(record.path, tmp_path)) for record in dataset.gallery[:4]]
    records = [Record(path, camera=1 + index % 2) for index, path in enumerate(images)]
    fitted = CameraModels(model).fit(records, folder=tmp_path / "kept")
    other = Model(replace(model.checkpoint, network=deepcopy(model.network)))
    with torch.no_grad():
        other.network.linear.bias += 1
    moved = [replace(record, camera=3 - record.camera) for record in records]
    for changed, seen, again in ((other, records, 4), (model, moved, 4), (model, records[:3], 1)):
        counted.clear()
        CameraModels(changed).fit(seen, folder=tmp_path / "kept")
        assert sum(counted) == again  # the images of the cameras that have changed
    shutil.copy(dataset.gallery[5].path, images[0])
    os.utime(images[0], (1, 1))
    for folder in (tmp_path / "kept", None):  # without a folder, nothing is read
        counted.clear()
        changed = CameraModels(model).fit(records, folder=folder)
        assert sum(counted) == (len(records) if folder is None else 2)  # the other camera keeps its statistics
    assert not torch.equal(changed.statistics_[1][0][0], fitted.statistics_[1][0][0])


def test_damaged_statistics_are_estimated_again(model, dataset, tmp_path, monkeypatch):
    expected = CameraModels(model).fit(dataset.gallery, folder=tmp_path).statistics_
    file, *others = tmp_path.iterdir()
    assert len(others) == 2  # a file for each camera
    whole, counted = file.read_bytes(), count_images(monkeypatch)
    for damaged in (whole[: len(whole) // 2], b"", b"no statistics"):
        file.write_bytes(damaged)
        counted.clear()
        found = CameraModels(model).fit(dataset.gallery, folder=tmp_path).statistics_
        assert 0 < sum(counted) < len(dataset.gallery) and found.keys() == expected.keys()
        assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_changes_nothing(model, dataset, tmp_path):
    (tmp_path / "file").touch()
    fitted = CameraModels(model).fit(dataset.gallery, folder=tmp_path / "file")
    assert fitted.statistics_.keys() == {1, 2, 3}


def names(models: CameraModels) -> set[str]:
    return set(models.stored["files"].values())


def test_stored_descriptors_are_read_instead_of_computed_again(model, dataset, tmp_path, monkeypatch):
    """Those of a camera whose images have changed are computed again, and the others are read."""
    records = [
        replace(record, path=Path(shutil.copy(record.path, tmp_path)))
        for record in dataset.gallery
        if record.identity != DISTRACTOR
    ]
    described, compute = [], Model.describe_records

    def count(self, records, *more, **options):
        described.append(len(records))
        return compute(self, records, *more, **options)

    monkeypatch.setattr(Model, "describe_records", count)
    expected = CameraModels(model).fit(records).describe_fitted()
    np.testing.assert_array_equal(expected, CameraModels(model).fit(records).describe_records(records)[0])
    kept = tmp_path / "kept"
    for again in (len(records), 0):
        described.clear()
        models = CameraModels(model).fit(records, folder=kept, root=tmp_path)
        np.testing.assert_array_equal(models.describe_fitted(), expected)
        assert sum(described) == again
    assert {file.stem for file in kept.iterdir()} < names(models)  # that of all cameras together is not estimated
    moved = tmp_path.rename(tmp_path.with_name("renamed"))
    records = [replace(record, path=moved / record.path.name) for record in records]
    described.clear()
    fitted = CameraModels(model).fit(records, folder=moved / "kept", root=moved)
    np.testing.assert_array_equal(fitted.describe_fitted(), expected)
    assert not described
    gone = next(index for index, record in enumerate(records) if record.camera == 2)
    fewer = [record for index, record in enumerate(records) if index != gone]
    models = CameraModels(model).fit(fewer, folder=moved / "kept", root=moved).fit_pooled()
    models.describe_fitted()
    assert sum(described) == sum(record.camera == 2 for record in fewer)
    delete_others(moved / "kept", names(models))
    assert len(list((moved / "kept").iterdir())) == 3 + 3 + 1
    np.save(next((moved / "kept").glob("*.npy")), np.zeros(3))
    described.clear()
    CameraModels(model).fit(fewer, folder=moved / "kept", root=moved).describe_fitted()
    assert 0 < sum(described) < len(fewer)


def test_files_that_may_not_be_changed_are_read(model, dataset, tmp_path, monkeypatch):
    """Tests may run as a user who may change any file, so the refusal is simulated."""
    expected = CameraModels(model).fit(dataset.gallery, folder=tmp_path).describe_fitted()
    counted = count_images(monkeypatch)
    monkeypatch.setattr(Model, "describe_records", None)

    def refuse(file):
        raise PermissionError(file)

    monkeypatch.setattr("os.utime", refuse)
    found = CameraModels(model).fit(dataset.gallery, folder=tmp_path).describe_fitted()
    assert np.array_equal(found, expected) and not counted


@pytest.mark.parametrize("is_cache", [True, False])
def test_files_of_the_cache_that_nobody_uses_are_deleted(is_cache, model, dataset, market, tmp_path):
    """Used files stay, however old they are. The folder of a named gallery keeps all files."""
    old = time.time() - 31 * 86_400
    gallery = Gallery.from_records(np.eye(len(dataset.gallery), 500), dataset.gallery)
    root = None if is_cache else market
    adapt_gallery(model, gallery, folder=tmp_path, root=root)
    kept = {file: file.stat().st_ino for file in tmp_path.iterdir()}
    assert len(kept) == 6  # statistics and descriptors of three cameras
    unused = {tmp_path / name for name in ("other.safetensors", "other.npy")}
    for file in (*unused, tmp_path / "letter.txt"):
        file.touch()
    for file in tmp_path.iterdir():
        os.utime(file, (old, old))
    adapt_gallery(model, gallery, folder=tmp_path, root=root)
    found = {file: file.stat().st_ino for file in tmp_path.iterdir()}
    assert kept.items() <= found.items()
    assert found.keys() - kept.keys() == {tmp_path / "letter.txt"} | (set() if is_cache else unused)


def test_an_evaluation_deletes_files_that_nobody_uses(model, dataset, tmp_path):
    old = time.time() - 31 * 86_400
    (tmp_path / "other.npy").touch()
    os.utime(tmp_path / "other.npy", (old, old))
    evaluate_model(model, dataset, choose_protocol(dataset, None), adapt=True, statistics=tmp_path)
    assert not (tmp_path / "other.npy").exists() and list(tmp_path.iterdir())


def test_only_networks_with_batch_norm_can_be_adapted(model):
    assert can_adapt(model) and not can_adapt(Model(Checkpoint(build_network("cnn", 2, descriptor=4))))


def test_progress_is_reported_from_the_first_images(model, dataset, monkeypatch, tmp_path):
    monkeypatch.setattr("core.models.norm_statistics.IMAGES_PER_BATCH", 2)
    counts = []
    CameraModels(model).fit(dataset.gallery, counts.append)
    assert sum(counts) == len(dataset.gallery) and max(counts) == 2
    counts.clear()
    for passes in (2, 1):  # the second evaluation reads the statistics
        counts.clear()
        options = {"adapt": True, "statistics": tmp_path, "on_progress": counts.append}
        evaluate_model(model, dataset, choose_protocol(dataset, None), **options)
        assert sum(counts) == passes * (len(dataset.query) + len(dataset.gallery))
