"""The command: bytes that depend on the seed alone, continuing what was interrupted, layout."""

import csv
import shutil

from PIL import Image

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
