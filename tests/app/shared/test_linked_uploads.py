"""Boxes in links."""

import pytest

from app.shared.linked_uploads import read_boxes, stores_uploads, write_boxes


def test_boxes_in_a_link_are_those_that_were_written():
    drawn = {1: ((0.25, 0.1, 0.5, 0.9), (0.0, 0.0, 1.0, 1.0)), 3: (), 4: ((1 / 3, 0.0, 2 / 3, 1.0),)}
    written = write_boxes(drawn)
    assert written == ["1,0.25,0.1,0.5,0.9", "1,0,0,1,1", "3", "4,0.3333,0,0.6667,1"]
    assert read_boxes(written, 4) == drawn | {4: ((0.3333, 0.0, 0.6667, 1.0),)}


@pytest.mark.parametrize(
    "value", ["", "x", "0,0,0,1,1", "3,0,0,1,1", "-1,0,0,1,1", "1,0,0,1", "1,a,0,1,1", "1,nan,0,1,1", "1,1,1,0,0", "²"]
)
def test_an_invalid_box_in_a_link_is_ignored(value):
    assert read_boxes([value, "2,0,0,1,1"], 2) == {2: ((0.0, 0.0, 1.0, 1.0),)}


@pytest.mark.parametrize(
    ("value", "stores"), [(None, True), ("1", True), ("0", False), ("false", False), (" Off", False)]
)
def test_storing_can_be_switched_off(monkeypatch, value, stores):
    monkeypatch.delenv("MR_BCNN_STORE_UPLOADS", raising=False)
    if value is not None:
        monkeypatch.setenv("MR_BCNN_STORE_UPLOADS", value)
    assert stores_uploads() is stores
