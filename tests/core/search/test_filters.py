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


def places(**wanted):
    mask = choose(**wanted).mask(PATHS, IDENTITIES, CAMERAS, TIMES)
    return "all" if mask is None else np.flatnonzero(mask).tolist()


def test_masks_by_hand():
    assert places() == "all"
    assert places(cameras=[1]) == [0, 2] and places(cameras=[]) == []
    assert places(identities=["7", "9"]) == [0, 1] and places(identities=iter(["7"]), cameras=[2]) == [1]
    assert places(between=(10, 20)) == [0, 1] and places(between=(None, 20)) == [0, 1]
    assert places(between=("1970-01-01T00:00:15", None)) == [1, 2] and places(between=(None, None)) == [0, 1, 2]


def test_what_does_not_count_for_a_probe():
    assert places(probe=Record(Path("d.jpg"), "7", 1)) == [1, 2]  # its own file, and person 7 in camera 1
    assert places(probe=Record(Path("x.jpg"), "7", 0)) == [0, 1, 2, 3]  # its camera is unknown
    assert places(probe=Record(Path("x.jpg"), "", 1)) == [0, 1, 2, 3]


def test_a_distractor_leaves_out_no_other():
    """They show different people."""
    wanted = choose(probe=Record(Path("a.jpg"), "0000", 1))
    identities, cameras = np.array(["0000", "0000", "7", ""]), np.array([1, 1, 1, 1])
    assert wanted.mask(PATHS, identities, cameras, TIMES).tolist() == [False, True, True, True]  # but its own file
    assert "identity" not in expression(wanted)  # on a Milvus server


def test_a_range_that_ends_before_it_begins():
    with pytest.raises(UserError, match="ends before it begins"):
        choose(between=(20, 10))
