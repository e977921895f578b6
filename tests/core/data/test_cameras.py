"""Numbers of cameras that are named as text."""

import pytest

from core.data.cameras import number_cameras


@pytest.mark.parametrize(
    "texts, numbers, notes",
    [
        (["3", "", "12", "3"], [3, 0, 12, 3], []),
        (["1.0", "2.0", ""], [1, 2, 0], []),
        (["c3", "cam4", "cam_5", "Camera 6", "c007"], [3, 4, 5, 6, 7], []),
        (["0", "1", ""], [1, 2, 0], ["cameras count from 0; they are numbered from 1 here: 0 is 1"]),
        (["c0", "c4"], [1, 5], ["cameras count from 0; they are numbered from 1 here: 0 is 1"]),
        (["b", "d"], [2, 4], ['cameras are numbered by their letters: camera 2 is "b", camera 4 is "d"']),
        (
            ["cam_b", "cam_a"],
            [2, 1],
            ['cameras are numbered by their letters: camera 1 is "cam_a", camera 2 is "cam_b"'],
        ),
        (
            ["lift", "entrance", ""],
            [2, 1, 0],
            ['cameras have names and are numbered in sorted order: camera 1 is "entrance", camera 2 is "lift"'],
        ),
        (
            ["lift", "7", "c1"],
            [3, 1, 2],
            [
                'cameras have names of several kinds and are numbered in sorted order: camera 1 is "7", '
                'camera 2 is "c1", camera 3 is "lift"'
            ],
        ),
        (["1", "-1"], [1, 0], ["1 image has camera -1, which is read as unknown"]),
        (["1.0", "-1.0", "-1.0"], [1, 0, 0], ["2 images have camera -1, which is read as unknown"]),
        (
            ["-2", "3"],
            [1, 2],
            ['cameras have names of several kinds and are numbered in sorted order: camera 1 is "-2", camera 2 is "3"'],
        ),
        (["1", "01"], [1, 1], ['"01" and "1" are read as the same camera']),
        (
            ["99999999999999"],
            [1],
            ['cameras have names of several kinds and are numbered in sorted order: camera 1 is "99999999999999"'],
        ),
        ([], [], []),
        (["", ""], [0, 0], []),
    ],
)
def test_cameras(texts, numbers, notes):
    assert number_cameras(texts) == (numbers, notes)


def test_a_note_lists_the_first_names():
    numbers, [note] = number_cameras([f"door {letter}{letter}" for letter in "abcdefg"])
    assert numbers == [1, 2, 3, 4, 5, 6, 7] and note.endswith('camera 5 is "door ee", ...')
