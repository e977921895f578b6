import os

import numpy as np
import pytest
import torch
from conftest import draw_person
from PIL import Image

from core.data.datasets import read_dataset
from core.data.images import resize
from core.data.records import Record
from core.errors import UserError
from core.inference import model as describe
from core.inference.model import choose_device, load


@pytest.fixture(scope="module")
def model(checkpoint):
    return load(checkpoint)


def test_paths_images_and_arrays_give_the_same(model, market):
    paths = sorted((market / "query").iterdir())[:3]
    from_paths = model.describe(paths)
    assert from_paths.shape == (3, 500) and from_paths.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(from_paths, axis=1), 1, atol=1e-5)
    images = [draw_person(5, camera, 0) for camera in (1, 2, 3)]
    for others in (
        map(str, paths),
        images,
        [np.asarray(image) for image in images],
        np.stack([np.asarray(image) for image in images]),
    ):
        np.testing.assert_allclose(model.describe(others), from_paths, atol=1e-5)


def test_one_image(model, market):
    path = next((market / "query").iterdir())
    assert model.describe(path).shape == model.describe(draw_person(1, 1, 0)).shape == (1, 500)
    assert model.describe(np.asarray(draw_person(1, 1, 0))).shape == (1, 500)
    with path.open("rb") as file:
        np.testing.assert_array_equal(model.describe(file), model.describe(path))
    assert model.describe([]).shape == (0, 500)


def test_a_descriptor_does_not_depend_on_its_batch(model):
    images = [draw_person(i, 1, 0) for i in range(9)]
    np.testing.assert_allclose(model.describe(images, batch_size=2), model.describe(images, batch_size=9), atol=1e-5)


def test_blocks_give_the_same_descriptors(model, monkeypatch):
    images = torch.from_numpy(np.stack([resize(draw_person(i, 1, 0)) for i in range(7)]))
    filters, sizes, vectors = model.network.config.filters, [], model.network.vectors
    monkeypatch.setattr(model.network, "vectors", lambda block: sizes.append(len(block)) or vectors(block))
    at_once = model.describe_images(images)
    monkeypatch.setattr(describe, "IMAGES_PER_BLOCK", 3 * filters)
    in_blocks = model.describe_images(images)
    assert sizes == [7, 3, 3, 1]
    np.testing.assert_allclose(in_blocks, at_once, atol=1e-5)


def test_flip_is_the_mean_of_two_embeddings(checkpoint):
    image = draw_person(3, 1, 0)
    mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    both = load(checkpoint, flip=True)
    np.testing.assert_allclose(both.describe(image), both.describe(mirrored), atol=1e-5)
    one_way = load(checkpoint)
    assert abs(one_way.describe(image) - one_way.describe(mirrored)).max() > 1e-3
    images = torch.stack([torch.tensor(resize(each)) for each in (image, mirrored)])
    with torch.inference_mode():
        mean = one_way.network.embedding(images).mean(0)
    np.testing.assert_allclose(both.describe(image)[0], mean / mean.norm(), atol=1e-5)


def test_unreadable_image_raises(model):
    with pytest.raises(UserError, match="not an image"):
        model.describe([draw_person(1, 1, 0), b"no"])


def test_describe_records_skips_unreadable_images(model, market, tmp_path):
    records = read_dataset(market).query[:2]
    (tmp_path / "bad.jpg").write_bytes(b"")
    skipped = []
    descriptors, kept = model.describe_records(
        [records[0], Record(tmp_path / "bad.jpg"), records[1]], on_error=lambda source, why: skipped.append(why)
    )
    assert descriptors.shape == (2, 500) and kept == records and "bad.jpg" in skipped[0]


def test_unavailable_device_raises():
    assert choose_device("auto") in ("cpu", "cuda")
    assert choose_device("cpu:0") == "cpu:0"
    with pytest.raises(UserError, match="'tpu' is not available"):
        choose_device("tpu")


def test_stream_reads_only_a_few_batches_ahead(model):
    """The number of images that are read ahead does not depend on the length of the stream."""
    read, size = 0, 4

    def images(count):
        nonlocal read
        for number in range(count):
            read += 1
            yield draw_person(number % 5, 1, 0)

    ahead = size * (2 + 1 + (os.cpu_count() or 1))  # two decoded batches, one for each worker, and one that is finished
    stream, taken = model.describe_stream(images(100_000), batch_size=size), 0
    for batch in stream:
        taken += len(batch)
        assert batch.shape == (size, 500) and read - taken <= ahead
        if taken == 40 * size:
            break
    stream.close()
    assert taken == 40 * size and read <= 40 * size + ahead  # the other images are not read
    images = [draw_person(number % 5, 1, 0) for number in range(7)]
    np.testing.assert_array_equal(np.concatenate(list(model.describe_stream(images, 3))), model.describe(images, 3))
