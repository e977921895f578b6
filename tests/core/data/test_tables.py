"""Tables that describe a data set: their columns, their values, and the images that they name."""

from unicodedata import normalize

import pandas as pd
import pytest

from core.data.table_columns import find_columns
from core.data.tables import read_table
from core.errors import UserError

IMAGES = ("anna/1.png", "anna/2.png", "ben/3.PNG", "ben/4.png")


def read(tmp_path, text, images=IMAGES, **options):
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    return read_table(tmp_path / "t.csv", tmp_path / "mine", images, **options)


def test_all_columns(tmp_path):
    labels = read(
        tmp_path,
        "path,identity,camera,time,split,box,tracklet\n"
        "anna/1.png,anna,c1,5,train,,7\nanna/2.png,,,,Probe,1 2 30 60,\nben/4.png,ben,door,6,val,,8\n",
    )
    assert labels.images == ["anna/1.png", "anna/2.png", "ben/4.png"]
    assert labels.identities == ["anna", "", "ben"] and labels.cameras == ["c1", "", "door"]
    assert labels.times == [5, None, 6] and labels.splits == ["train", "probe", "validation"]
    assert labels.boxes == [None, (1, 2, 30, 60), None] and labels.tracklets == ["7", "", "8"]
    folder = tmp_path / "mine"
    assert labels.paths == [
        folder / "anna/1.png",
        folder / "anna/2.png/2 box 1 2 30 60.bmp",
        folder / "ben/4.png",
    ]
    assert labels.notes == ["boxes are read as left, top, right, bottom in pixels"]
    assert labels.where(2).endswith("t.csv, line 4") and labels.columns == tuple(
        "path identity camera time split box tracklet".split()
    )


def test_the_folder_is_listed_by_default(tmp_path):
    (tmp_path / "mine/anna").mkdir(parents=True)
    (tmp_path / "mine/anna/1.png").touch()
    assert read(tmp_path, "path\nanna/1.png\n", None).images == ["anna/1.png"]


def test_aliases(tmp_path):
    labels = read(tmp_path, "Image Path,PID,camid,Timestamp,Subset,bbox\nanna/1.png,7,2,5,test,\n")
    assert (labels.identities, labels.cameras, labels.times, labels.splits) == (["7"], ["2"], [5], ["test"])
    assert labels.notes[:3] == [
        "column Image Path is read as path",
        "column PID is read as identity",
        "column camid is read as camera",
    ]


def test_a_column_of_the_proper_name_wins():
    columns, notes = find_columns(["id", "path", "identity", ""], "t.csv")
    assert columns == {"path": (1,), "identity": (2,)} and notes == ["t.csv has unused columns: id"]


@pytest.mark.parametrize(
    "header, sentence",
    [
        ("file,path,pid,label", "columns pid and label both fit identity; name one of them identity"),
        ("file,image", "columns file and image both fit path"),
        ("path,x1,y1,x2,y2,x,y,w,h", "columns x,y,w,h and x1,y1,x2,y2 both fit box; keep one"),
        ("identity,camera", "line 1 is 'identity,camera'; expected the column path and any of identity, camera, time"),
        ("path,pid,PID", "each once"),
    ],
)
def test_columns_that_are_not_clear_raise(header, sentence):
    with pytest.raises(UserError, match=sentence):
        find_columns(header.split(","), "t.csv")


def test_missing_values_of_pandas(tmp_path):
    pd.DataFrame(
        {"path": IMAGES, "identity": [1, None, 3, None], "camera": [1, 2, None, 2], "time": [None, 1, 2, 3]}
    ).to_csv(tmp_path / "p.csv", na_rep="nan")
    labels = read_table(tmp_path / "p.csv", tmp_path / "mine", IMAGES)
    assert labels.identities == ["1", "", "3", ""] and labels.cameras == ["1.0", "2.0", "", "2.0"]
    assert labels.times == [None, 1, 2, 3]
    assert labels.notes == [
        "2 rows have identity nan, which is read as unlabelled",
        "identity 1.0 is read as 1, as all like it",
        "1 rows have camera nan, which is read as unknown",
        "1 rows have time nan, which is read as unknown",
    ]


def test_identities_stay_text(tmp_path):
    labels = read(tmp_path, "path,identity\nanna/1.png,007\nanna/2.png,1.0\nben/4.png,-1\n")
    assert labels.identities == ["007", "1.0", "-1"] and labels.notes == []


@pytest.mark.parametrize("header", ["x,y,w,h", "left,top,width,height", "Left,Top,Right,Bottom", "x1,y1,x2,y2", "box"])
def test_boxes(tmp_path, header):
    is_size = header.endswith(("w,h", "height"))
    values = "10.4,20,50,140" if is_size else "10.4,20,60.4,160"
    if header == "box":
        values = '"[10, 20, 60, 160]"'
    line, empty = f"anna/1.png,{values}", "anna/2.png" + "," * (1 if header == "box" else 4)
    labels = read(tmp_path, f"path,{header}\n{line}\n{empty}\n")
    assert labels.boxes == [(10, 20, 60, 160), None]
    assert ("width, height" if is_size else "right, bottom") in labels.notes[-1]


def test_an_image_may_have_several_boxes(tmp_path):
    labels = read(tmp_path, "path,identity,box\nanna/1.png,a,0 0 9 9\nanna/1.png,b,9 0 20 9\n")
    assert labels.identities == ["a", "b"] and len(set(labels.paths)) == 2


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("path,split\nanna/1.png,maybe\n", "line 2: the split is 'maybe'; expected train, validation, probe, gallery"),
        ("path,box\nanna/1.png,1 2 3\n", "line 2: the box is '1 2 3'; expected four numbers: left, top, right, bottom"),
        ("path,box\nanna/1.png,60 20 30 90\n", "line 2: the box '60 20 30 90' is empty; its numbers are read as left"),
        ("path,box\nanna/1.png,0.1 0.2 0.3 0.9\n", "line 2: the box .* is empty"),
        ("path,x,y,w,h\nanna/1.png,1,2,,4\n", "line 2: the box"),
        ("path,identity\nanna/1.png,a\n,b\n", "line 3 has no path"),
        (
            "path,identity,camera\nanna/1.png,a,1\nanna/2.png,a,1\n./anna/1.png,b,2\n",
            r"line 4: ./anna/1.png is already in line 2, with another identity and camera",
        ),
        ("path,split\nanna/1.png,train\nanna/1.png,query\n", "already in line 2, with another split"),
        ("path\n", "has no rows"),
    ],
)
def test_errors_name_the_line(tmp_path, text, sentence):
    with pytest.raises(UserError, match=sentence):
        read(tmp_path, text)


def test_repeated_rows(tmp_path):
    labels = read(tmp_path, "path,identity\nanna/1.png,a\nmine/anna/1.png,a\nanna/2.png,a\n")
    assert labels.images == ["anna/1.png", "anna/2.png"]
    assert labels.notes == [
        "1 lines of t.csv repeat an earlier one and are skipped, e.g. line 3 repeats line 2",
    ]
    both = "path,split\nanna/1.png,query\nanna/1.png,gallery\nanna/1.png,gallery\n"
    assert read(tmp_path, both).splits == ["probe", "gallery"]


def test_forms_of_paths(tmp_path):
    absolute = tmp_path / "mine/anna/2.png"
    labels = read(tmp_path, f"path\n.\\anna\\1.png\n{absolute}\nmine/ben//3.PNG\nben/../ben/4.png\n")
    assert labels.images == list(IMAGES) and labels.notes == []


def test_unicode_forms_and_cases(tmp_path):
    composed, separate = normalize("NFC", "zoë/é.png"), normalize("NFD", "zoë/é.png")
    for image, name in ((composed, separate), (separate, composed)):
        labels = read(tmp_path, f"path\n{name}\n", [image])
        assert labels.images == [image] and "1 rows match with another Unicode normal form" in labels.notes[0]
        assert read(tmp_path, f"path\n{name}\n", [image, name]).images == [name]
    labels = read(tmp_path, "path\nANNA/1.PNG\nben/3.PNG\n")
    assert labels.images == ["anna/1.png", "ben/3.PNG"]
    assert "1 rows match with other upper and lower case, e.g. t.csv, line 2: anna/1.png" in labels.notes[0]
    with pytest.raises(UserError, match=r"line 2: A.png may be a.PNG or a.png; write one of both"):
        read(tmp_path, "path\nA.png\n", ["a.png", "a.PNG"])


def test_matching_by_name(tmp_path):
    text = "path\n/other/place/1.png\nC:\\data\\4.png\nx/gone.png\n"
    with pytest.raises(UserError, match="there is no image /other/place/1.png. 2 of 3 rows match by their file name"):
        read(tmp_path, text)
    labels = read(tmp_path, text, by_name=True)
    assert labels.images == ["anna/1.png", "ben/4.png"]
    assert "2 rows match by their file name alone, e.g. t.csv, line 2: anna/1.png" in labels.notes[0]
    assert "1 lines of t.csv name images that do not exist, e.g. line 4: x/gone.png" in labels.notes[1]
    with pytest.raises(UserError, match="names no image of .*no image .*x/1.png; write paths relative"):
        read(tmp_path, "path\nx/1.png\n", ["a/1.png", "b/1.png"], by_name=True)


def test_an_unknown_encoding_is_named_if_no_image_matches(tmp_path):
    (tmp_path / "t.csv").write_bytes("path,identity\n小明/1.png,a\n".encode("gbk"))
    with pytest.raises(UserError, match="names no image .*not UTF-8; it is read as Windows-1252"):
        read_table(tmp_path / "t.csv", tmp_path / "mine", ["小明/1.png"])
