import numpy as np
import pytest
import torch
from conftest import draw_person

from core.data.datasets import read_dataset
from core.data.images import resize
from core.data.loading import load_images, read_batches
from core.errors import UserError


def test_read_batches_keeps_order_and_skips_unreadable_images(tmp_path):
    sources = [draw_person(i, 1, 0) for i in range(7)]
    sources[2] = b"not an image"
    skipped = []
    batches = list(read_batches(sources, size=3, on_error=lambda source, why: skipped.append(why)))
    assert [positions for positions, _ in batches] == [[0, 1], [3, 4, 5], [6]]
    assert batches[0][1].shape == (2, 3, 160, 60) and batches[0][1].dtype == torch.uint8
    assert np.array_equal(batches[2][1][0], resize(sources[6]))
    assert len(skipped) == 1 and "not an image" in skipped[0]
    with pytest.raises(UserError, match="not an image"):
        list(read_batches(sources, size=3))


def test_at_most_two_batches_are_read_ahead():
    taken = []

    def sources():
        for i in range(100):
            taken.append(i)
            yield draw_person(i, 1, 0)

    batches = read_batches(sources(), size=4)
    next(batches)
    assert len(taken) == 8


def test_load_images(market):
    records = read_dataset(market).train
    counted = []
    images, kept = load_images(records, lambda source, why: None, counted.append)
    assert images.shape == (24, 3, 160, 60) and kept == records and sum(counted) == 24
    assert load_images([], lambda source, why: None)[0].shape == (0, 3, 160, 60)
