"""The data quality against an example counted by hand."""

import pandas as pd

from core.data.quality import check_data_quality, share


def table(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["path", "identity", "camera", "content", "columns", "rows"]).assign(bytes=1000)


def test_findings_are_counted_with_examples():
    health = check_data_quality(
        table(
            ("a.jpg", "1", 1, "aa", 10, 20),
            ("b.jpg", "1", 2, "aa", 10, 20),
            ("c.jpg", "2", 1, "aa", 10, 20),  # the same image with another identity
            ("d.jpg", "2", 1, "dd", 100, 200),
            ("e.jpg", "3", 0, "ee", 40, 40),  # height / width is 1
            ("f.jpg", "distractor", 3, "ff", 0, 0),
            ("g.jpg", "", 1, "", 20, 100),  # height / width is 5
        ),
        [("h.jpg", "is truncated")],
        [("a.jpg", "d.jpg")],
    )
    assert (health.images, health.bytes, health.identities, health.cameras, health.unlabelled) == (7, 7000, 3, 3, 1)
    assert (health.smallest, health.median, health.largest) == ((10, 20), (10, 20), (100, 200))
    assert health.duplicates == health.contradictions == [["a.jpg", "b.jpg", "c.jpg"]]
    assert list(health.odd["path"]) == ["e.jpg", "g.jpg"]
    assert health.one_camera == ["2"]  # the only image of 3 has no known camera
    text = health.text()
    for line in (
        "7 images, 0.0 MB; 3 identities, 3 cameras, 1 of 7 unlabelled",
        "2 images are duplicates of others",
        "a.jpg = b.jpg = c.jpg",
        "median 10 x 20",
        "1 identity is seen by one camera only",
        "h.jpg: is truncated",
        "1 pair of images has nearly equal descriptors",
        "a.jpg ~ d.jpg",
    ):
        assert line in text


def test_no_findings_and_no_images():
    health = check_data_quality(table(("a.jpg", "1", 1, "aa", 10, 20), ("b.jpg", "1", 2, "bb", 10, 20)))
    assert not (health.duplicates or health.contradictions or len(health.odd) or health.one_camera)
    assert health.text().count("\n") == 1
    empty = check_data_quality(table())
    assert empty.images == 0 and empty.largest is None and "0 images" in empty.text()


def test_long_lists_of_examples_are_shortened():
    text = check_data_quality(table(*((f"{n}.jpg", "", 0, "same", 10, 10) for n in range(9)))).text()
    assert (
        "9 images have a height / width outside 1.5 to 4.5" in text
        and "and 4 more" in text
        and "8 images are duplicates" in text
    )


def test_shares():
    assert [share(0, 3), share(3, 3), share(1, 3), share(1, 1000)] == ["none", "all", "1 of 3", "0.1 %"]
