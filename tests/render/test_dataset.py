"""The command: bytes that depend on the seed alone, continuing what was interrupted, layout."""

import csv
import shutil

import pytest
from PIL import Image

from assets.render.__main__ import main
from assets.render.dataset import RECORD, TABLE
from assets.render.plan import GALLERY, QUERY, TRAIN, Settings, make_plan

from .conftest import TINY, digests, render


def test_one_process_gives_the_same_bytes_as_two(rendering, tmp_path):
    assert digests(render(tmp_path / "one", *TINY, "--jobs", "1")) == digests(rendering)


def test_an_interrupted_rendering_goes_on_to_the_same_bytes(rendering, tmp_path):
    half = shutil.copytree(rendering, tmp_path / "half")
    lost = sorted((half / GALLERY).glob("0000_*"))[-3:]
    kept = next((half / TRAIN).glob("*.jpg"))
    kept.write_bytes(b"touched")  # complete chunks are not rendered again, so this must survive
    for path in lost:
        path.unlink()
    lost[0].with_suffix(".part").write_bytes(b"cut off")
    render(half)
    after, before = digests(half), digests(rendering)
    assert {name for name in before if after[name] != before[name]} == {str(kept.relative_to(half))}
    assert not list(half.rglob("*.part"))


def test_another_seed_gives_other_bytes(rendering, tmp_path):
    other = digests(render(tmp_path / "other", "--seed", "8", "--train", "1", "--test", "0"))
    pictures = {digest for name, digest in other.items() if name.endswith(".jpg")}
    assert pictures and pictures.isdisjoint(digests(rendering).values())


def test_every_planned_picture_is_there_and_nothing_else(rendering):
    _, chunks = make_plan(Settings(seed=7, train=2, test=3, distractors=8))
    planned = {shot.path for chunk in chunks for shot in chunk.shots}
    assert {str(p.relative_to(rendering)) for p in rendering.rglob("*.jpg")} == planned
    for folder in (TRAIN, GALLERY, QUERY):
        for path in (rendering / folder).iterdir():
            with Image.open(path) as picture:
                picture.load()
                assert (picture.size, picture.mode, picture.format) == ((80, 160), "RGB", "JPEG")


def test_the_table_lists_every_identity_as_file_names_do(rendering):
    with (rendering / "identities.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for split, folder in (("train", TRAIN), ("test", QUERY)):
        named = {path.name[:4] for path in (rendering / folder).glob("*.jpg")}
        assert {row["identity"] for row in rows if row["split"] == split} == named


def test_families_can_be_added_to_a_rendering_of_an_earlier_version(rendering, tmp_path, capsys):
    """They are drawn again; a table of other people is left alone."""
    shutil.copy(rendering / RECORD, tmp_path)
    with (rendering / TABLE).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["family"]) for row in rows] == [entry.family for entry in make_plan(Settings(7, 2, 3, 8))[0]]
    assert {row["family"] for row in rows[:2]}.isdisjoint({row["family"] for row in rows[2:]})  # the splits
    earlier = [{name: value for name, value in row.items() if name != "family"} for row in rows]
    for changed in (False, True):
        earlier[0]["hair"] = "blue" if changed else rows[0]["hair"]
        with (tmp_path / TABLE).open("w", newline="") as file:
            writer = csv.DictWriter(file, earlier[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(earlier)
        before = (tmp_path / TABLE).read_bytes()
        if changed:
            with pytest.raises(SystemExit):
                main(["--families", str(tmp_path)])
            assert "is not the table of the settings" in capsys.readouterr().err
            assert (tmp_path / TABLE).read_bytes() == before
        else:
            main(["--families", str(tmp_path)])
            assert (tmp_path / TABLE).read_bytes() == (rendering / TABLE).read_bytes()


def test_families_of_a_folder_without_a_rendering_are_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["--families", str(tmp_path)])
    assert "holds no rendering" in capsys.readouterr().err and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text, reason", [("{", "is damaged"), ('{"seed": 7}', "settings of a rendering"), ("[]", "settings of a rendering")]
)
def test_families_of_a_damaged_rendering_are_refused(tmp_path, capsys, text, reason):
    (tmp_path / RECORD).write_text(text)
    (tmp_path / TABLE).write_text("")
    with pytest.raises(SystemExit):
        main(["--families", str(tmp_path)])
    assert reason in capsys.readouterr().err
