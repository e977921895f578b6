"""The division of test images into probes and a gallery, on cases that can be counted by hand."""

from pathlib import Path

from core.data.probe_division import divide_probes
from core.data.records import DISTRACTOR, Record


def records(names: str) -> list[Record]:
    """Make records: `a1` is an image of identity a from camera 1; `x` is a distractor, `?` has no identity."""
    identities = {"x": DISTRACTOR, "?": ""}
    return [
        Record(Path(f"{position}"), identities.get(name[0], name[0]), int(name[1]))
        for position, name in enumerate(names.split())
    ]


def test_the_first_image_of_each_identity_and_camera_is_a_probe():
    assert divide_probes(records("a1 a1 a2 b1 a2 b2 b1 b2")) == ([0, 2, 3, 5], [1, 4, 6, 7])


def test_with_one_image_of_each_identity_and_camera_all_images_are_the_gallery():
    probes, gallery = divide_probes(records("a1 a2 b1 b2 c1 c2"))
    assert probes == gallery == [0, 1, 2, 3, 4, 5]


def test_a_few_other_images_are_not_enough_for_a_gallery():
    """Of six probes that have a true match among all images, the other images match one (a2), then three."""
    few = records("a1 a2 b1 b2 c1 c2 a1 x3 ?1")
    assert divide_probes(few) == ([0, 1, 2, 3, 4, 5], list(range(9)))
    enough = records("a1 a2 b1 b2 c1 c2 a1 b1 c1 x3")
    assert divide_probes(enough) == ([0, 1, 2, 3, 4, 5], [6, 7, 8, 9])


def test_identities_of_one_camera_do_not_count():
    """No probe has a true match at all: the others stay the gallery, and nothing becomes easier."""
    assert divide_probes(records("a1 a1 b2 b2")) == ([0, 2], [1, 3])
    assert divide_probes([]) == ([], [])
