"""Several renderings as one."""

import pytest

from assets.render.join import NotARendering, join, main


def rendering(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(str(path).encode())
    return folder


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))


def test_people_and_cameras_are_numbered_on(tmp_path):
    one = rendering(
        tmp_path / "one", "bounding_box_train/0001_c1s1_000001_01.jpg", "bounding_box_train/0007_c6s2_000002_01.jpg"
    )
    two = rendering(
        tmp_path / "two",
        "bounding_box_train/0001_c2s1_000001_01.jpg",
        "query/0002_c1s1_000003_00.jpg",
        "bounding_box_test/0000_c1s1_000004_01.jpg",
        "bounding_box_test/-1_c3s1_000005_01.jpg",
    )
    assert join([one, two], tmp_path / "out") == 6
    assert names(tmp_path / "out") == [
        "bounding_box_test/-1_c9s1_000005_01.jpg",
        "bounding_box_test/0000_c7s1_000004_01.jpg",
        "bounding_box_train/0001_c1s1_000001_01.jpg",
        "bounding_box_train/0007_c6s2_000002_01.jpg",
        "bounding_box_train/0008_c8s1_000001_01.jpg",
        "query/0009_c7s1_000003_00.jpg",
    ]
    moved = tmp_path / "out" / "bounding_box_train" / "0008_c8s1_000001_01.jpg"
    assert moved.read_bytes() == (two / "bounding_box_train" / "0001_c2s1_000001_01.jpg").read_bytes()
    assert join([one, two], tmp_path / "out") == 6 and len(names(tmp_path / "out")) == 6  # again: nothing twice


def test_a_folder_with_other_renderings_is_refused(tmp_path):
    one, two, three = (
        rendering(tmp_path / name, "bounding_box_train/0001_c1s1_000001_01.jpg") for name in ("one", "two", "three")
    )
    join([one, two], tmp_path / "out")
    for others in ([one, three], [two], [one]):
        with pytest.raises(NotARendering, match="has pictures of other renderings, e.g. 000"):
            join(others, tmp_path / "out")
    assert join([one, two, three], tmp_path / "out") == 3  # more of them


def test_families_are_numbered_on(tmp_path):
    """A rendering without families, in the middle, has none afterwards."""
    folders = [rendering(tmp_path / str(n), f"bounding_box_train/000{n}_c1s1_000001_01.jpg") for n in (3, 1, 2)]
    (folders[0] / "identities.csv").write_text("identity,site,family\n0001,1,1\n0002,1,2\n0003,1,1\n")
    (folders[1] / "identities.csv").write_text("identity,site\n0001,1\n")
    (folders[2] / "identities.csv").write_text("identity,site,family\n0001,1,1\n0002,1,1\n")
    join(folders, tmp_path / "out")
    rows = ["0001,1", "0002,2", "0003,1", "0005,3", "0006,3"]
    assert (tmp_path / "out" / "identities.csv").read_text().split() == ["identity,family", *rows]


def test_many_people_have_longer_numbers(tmp_path):
    one = rendering(tmp_path / "one", "bounding_box_train/9999_c1s1_000001_01.jpg")
    two = rendering(tmp_path / "two", "bounding_box_train/0001_c1s1_000001_01.jpg")
    join([one, two], tmp_path / "out")
    assert names(tmp_path / "out") == [
        "bounding_box_train/09999_c1s1_000001_01.jpg",
        "bounding_box_train/10000_c2s1_000001_01.jpg",
    ]


def test_what_is_no_rendering_is_told_before_anything_is_written(tmp_path, capsys):
    one = rendering(tmp_path / "one", "bounding_box_train/0001_c1s1_000001_01.jpg")
    for other in (tmp_path / "nowhere", rendering(tmp_path / "odd", "query/holiday.jpg")):
        with pytest.raises(NotARendering):
            join([one, other], tmp_path / "out")
        assert not (tmp_path / "out").exists()
    with pytest.raises(SystemExit) as ended:
        main(["--out", str(tmp_path / "out"), str(one), str(tmp_path / "odd")])
    assert ended.value.code == 2 and capsys.readouterr().err.count("\n") == 1
