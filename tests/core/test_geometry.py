import numpy as np
import pytest

from core.config import NetworkConfig
from core.geometry import PAPER, halves

MOBILE = halves(96, 16, 2)


@pytest.mark.parametrize(
    ("config", "sizes"),
    [
        (NetworkConfig("cnn"), (3, 60, 15, 1, 675)),
        (NetworkConfig("b_cnn"), (3, 60, 15, 15, 3)),
        (NetworkConfig("mr_bcnn", region_size=3), (3, 60, 15, 3, 75)),
        (NetworkConfig("mobile_bcnn"), (2, 96, 6, 2, 18)),
        (NetworkConfig("mobile_bcnn", image_columns=128, region_size=4), (2, 128, 8, 4, 8)),
    ],
)
def test_the_geometry_follows_the_configuration(config, sizes):
    geometry = config.geometry
    found = (geometry.parts, geometry.columns, geometry.map_size, geometry.region_size, geometry.regions)
    assert found == sizes


@pytest.mark.parametrize(("geometry", "overlap"), [(PAPER, 10), (MOBILE, 0)])
def test_parts_are_squares_from_the_first_row_to_the_last(geometry, overlap):
    rows = geometry.part_rows
    assert rows[0][0] == 0 and rows[-1][1] == geometry.rows
    assert {end - first for first, end in rows} == {geometry.columns}
    assert rows[0][1] - rows[1][0] == geometry.overlap == overlap


@pytest.mark.parametrize("geometry", [PAPER, MOBILE, halves(128, 16, 1)])
def test_the_boxes_of_regions_cover_each_pixel_of_each_part_once(geometry):
    covered = np.zeros((geometry.parts, geometry.columns, geometry.columns), int)
    for region in range(geometry.regions):
        part, _, _ = geometry.place(region)
        top, left, size = geometry.region_box(region)
        covered[part, top : top + size, left : left + size] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize(
    ("geometry", "side"),
    [(PAPER, 3), (NetworkConfig("cnn").geometry, 3), (halves(160, 16, 1), 2), (halves(208, 16, 1), 13)],
)
def test_many_regions_form_blocks_if_the_map_can_be_divided(geometry, side):
    assert geometry.blocks.side == side


def test_blocks_consist_of_whole_regions():
    for columns in range(16, 1000, 16):
        for size in halves(columns, 16, 1).region_sizes:
            assert halves(columns, 16, size).blocks.region_size % size == 0, (columns, size)
