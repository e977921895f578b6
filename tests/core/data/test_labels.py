"""Labels from folders, names and tables. An error in a table names its line."""

import pytest
from conftest import draw_person, write_market

from core.data.labels import find_image_folder, label_images
from core.errors import UserError

NAMES = ("anna/c2_1.png", "anna/c3_1.png", "ben/x.png", "0007_c4s1_000001_01.png")


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(NAMES):
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw_person(number, 1, 0).save(path)
    (tmp_path / "mine" / "notes.txt").write_text("no image")
    return tmp_path / "mine"


def labels(folder, how, table=None) -> dict:
    records, _ = label_images(folder, how, table)
    return {record.path.relative_to(folder).as_posix(): (record.identity, record.camera) for record in records}


def test_each_label_rule(folder, tmp_path):
    assert labels(folder, "none") == dict.fromkeys(NAMES, ("", 0))
    assert labels(folder, "folder") == dict(zip(NAMES, [("anna", 2), ("anna", 3), ("ben", 0), ("", 4)], strict=True))
    assert labels(folder, "names") == dict.fromkeys(NAMES, ("", 0)) | {NAMES[3]: ("0007", 4)}
    assert set(labels(folder, "layout")) == set(NAMES[:3])
    assert "1 image is unlabelled" in label_images(folder, "folder")[1]
    market = write_market(tmp_path / "market")
    assert len(labels(market, "layout")) == 12 and len(labels(market, "names")) == 48


def test_table(folder, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text(
        "path,identity,camera,time,weather\nanna/c2_1.png, eva ,5,1970-01-01T00:01:00,sun\n"
        "./anna\\c3_1.png,eva,,12.5,\n\nmine/ben/x.png,,0,1970-01-01T01:00:00+01:00,\n"
        "gone.png,a,1,,\n"
    )
    records, notes = label_images(folder, "csv", table)
    found = {record.path.relative_to(folder).as_posix(): record for record in records}
    assert [(found[name].identity, found[name].camera, found[name].time) for name in NAMES] == [
        ("eva", 6, 60.0),
        ("eva", 0, 12.5),
        ("", 1, 0.0),
        ("", 0, None),
    ]
    assert len(notes) == 4 and "weather" in notes[0] and "line 6: gone.png" in notes[1] and "1 image is" in notes[3]
    assert notes[2] == "cameras count from 0; they are numbered from 1 here: 0 is 1"


def test_tables_written_by_other_programs(folder):
    (folder / "labels.csv").write_bytes("\ufeffPath;Identity\r\nanna/c2_1.png;Änne\r\n".encode())
    assert labels(folder, "csv")[NAMES[0]] == ("Änne", 0)
    (folder / "labels.csv").write_text(f'path\tidentity\n{folder / NAMES[0]}\t"two\nlines"\n')
    assert labels(folder, "csv")[NAMES[0]] == ("two\nlines", 0)


@pytest.mark.parametrize(
    "content, sentence",
    [
        ("", "line 1 is ''; expected the column path and any of identity, camera, time"),
        ("name,identity\na,b\n", "line 1 is 'name,identity'; expected the column path"),
        ("path,path\n", "line 1 is 'path,path'; expected .* each once"),
        ("path,identity\nanna/c2_1.png,a\nanna/c3_1.png\n", "line 3 has 1 fields; the header has 2"),
        ("path,time\nanna/c2_1.png,yesterday\n", "line 2: the time is 'yesterday'"),
        ("path,time\nanna/c2_1.png,inf\n", "line 2: the time is 'inf'"),
        ("path,camera\nanna/c2_1.png,1\n./anna/c2_1.png,2\n", "line 3: ./anna/c2_1.png is already in line 2"),
        ("path\nelsewhere.png\n", "names no image of .*mine, e.g. 'elsewhere.png' in line 2"),
        ('path\n"anna/c2_1.png\n', "line 2 cannot be read as CSV"),
        (b"path,identity\nx.png,a\nanna/c2_1.png,\x81\n", "line 3 is neither UTF-8 nor Windows-1252"),
    ],
)
def test_error_in_a_table_names_its_line(folder, tmp_path, content, sentence):
    table = tmp_path / "t.csv"
    table.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match=f"t.csv,? .*{sentence}|t.csv {sentence}"):
        label_images(folder, "csv", table)


def test_folders_that_cannot_be_labelled_raise(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    for arguments, sentence in (
        ((folder, "magic"), "choose one of layout, none"),
        ((tmp_path / "no",), "no folder"),
        ((tmp_path / "empty", "none"), "no image in"),
        ((folder, "csv"), "no table .*labels.csv"),
    ):
        with pytest.raises(UserError, match=sentence):
            label_images(*arguments)
    for path in (market := write_market(tmp_path / "market")).glob("bounding_box_test/*"):
        path.unlink()
    with pytest.raises(UserError, match="use `--labels names` to take all"):
        label_images(market)


def test_folder_in_which_the_images_of_an_archive_start(tmp_path):
    (tmp_path / "all/anna").mkdir(parents=True)
    (tmp_path / "all/.DS_Store").touch()
    (tmp_path / "all/anna/x.png").touch()
    assert find_image_folder(tmp_path, "none") == tmp_path / "all/anna"
    assert find_image_folder(tmp_path, "folder") == find_image_folder(tmp_path / "all", "folder") == tmp_path / "all"
    (tmp_path / "all/y.png").touch()
    assert find_image_folder(tmp_path, "none") == tmp_path / "all"
