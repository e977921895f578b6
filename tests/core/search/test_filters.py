from pathlib import Path

import numpy as np
import pytest

from core.data.records import Record
from core.errors import UserError
from core.milvus.rows import expression
from core.search.filters import choose

PATHS = np.array(["a.jpg", "b.jpg", "c.jpg", "d.jpg"], dtype=object)
IDENTITIES, CAMERAS = np.array(["7", "7", "8", ""]), np.array([1, 2, 1, 0])
TIMES = np.array([10.0, 20.0, 30.0, np.nan])


def positions(**filters):
    mask = choose(**filters).mask(PATHS, IDENTITIES, CAMERAS, TIMES)
    return "all" if mask is None else np.flatnonzero(mask).tolist()


def test_masks_by_hand():
    assert positions() == "all"
    assert positions(cameras=[1]) == [0, 2] and positions(cameras=[]) == []
    assert positions(identities=["7", "9"]) == [0, 1] and positions(identities=iter(["7"]), cameras=[2]) == [1]
    assert positions(between=(10, 20)) == [0, 1] and positions(between=(None, 20)) == [0, 1]
    assert positions(between=("1970-01-01T00:00:15", None)) == [1, 2] and positions(between=(None, None)) == [0, 1, 2]


def test_same_camera_rule():
    assert positions(probe=Record(Path("d.jpg"), "7", 1)) == [1, 2]  # without its own file and identity 7 in camera 1
    assert positions(probe=Record(Path("x.jpg"), "7", 0)) == [0, 1, 2, 3]  # its camera is unknown
    assert positions(probe=Record(Path("x.jpg"), "", 1)) == [0, 1, 2, 3]


def test_same_camera_rule_does_not_apply_to_distractors():
    """Distractors show different people, so only the own file is excluded."""
    filters = choose(probe=Record(Path("a.jpg"), "distractor", 1))
    identities, cameras = np.array(["distractor", "distractor", "7", ""]), np.array([1, 1, 1, 1])
    assert filters.mask(PATHS, identities, cameras, TIMES).tolist() == [False, True, True, True]
    assert "identity" not in expression(filters)  # on a Milvus server


def test_reversed_time_range_raises():
    with pytest.raises(UserError, match="ends before it begins"):
        choose(between=(20, 10))
