"""The command `labels`: its list, the decisions, their effect, and the corrected labels."""

import shutil

import pandas as pd
import pytest
from conftest import draw_person

from core.cli.main import main
from core.data.datasets import read_dataset
from core.data.records import UNKNOWN_CAMERA
from core.galleries.catalog import find_gallery
from core.galleries.changes import read_changes


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def data(workplace):
    """One folder for each of 6 identities, with images from 3 cameras; two images lie in wrong folders."""
    for identity in range(1, 7):
        for camera in (1, 2, 3):
            for shot in (0, 1):
                file = workplace / "data" / f"{identity:04d}" / f"c{camera}_{identity}{camera}{shot}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                draw_person(identity, camera, shot).save(file)
    shutil.move(workplace / "data/0003/c1_310.png", workplace / "data/0005/c1_310.png")
    shutil.move(workplace / "data/0002/c3_230.png", workplace / "data/0006/c3_230.png")
    return workplace / "data"


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


def list_labels(checkpoint, data, *options) -> pd.DataFrame:
    assert run("labels", checkpoint, data, "--output", "list.csv", "--device", "cpu", *options) == 0
    return pd.read_csv("list.csv", dtype=str, keep_default_na=False)


def test_a_wrong_label_is_listed_decided_and_corrected(data, checkpoint, capsys):
    found = list_labels(checkpoint, data)
    assert (found["score"].astype(float).diff().dropna() <= 0).all()
    row = found[found["path"] == "0005/c1_310.png"].iloc[0]
    assert (row["kind"], row["identity"], row["camera"], row["nearest_identity"]) == ("far", "0005", "1", "0003")
    assert f"{len(found):,} suspicious labels among 36 images" in capsys.readouterr().out

    decisions = pd.DataFrame(
        [[row["path"], row["other"], "different"], [row["path"], row["nearest"], "same"]],
        columns=["path", "other", "decision"],
    )
    decisions.to_csv("decisions.csv", index=False)
    left = list_labels(checkpoint, data, "--decisions", "decisions.csv", "--save-labels", "labels.csv")
    assert row["path"] not in set(left["path"])
    output = capsys.readouterr().out
    assert "mAP" in output and "9 probes -> 9 probes; 1 image has another identity" in output  # half are tested
    assert "saved in labels.csv: 1 image has another identity" in output
    corrected = read_dataset(data, data.parent / "labels.csv")
    assert not [note for note in corrected.notes if "not in" in note]
    records = corrected.train + corrected.query + corrected.gallery
    identity = {record.path.relative_to(data).as_posix(): record.identity for record in records}
    assert identity["0005/c1_310.png"] == "0003" and identity["0005/c1_510.png"] == "0005"
    assert all(record.camera != UNKNOWN_CAMERA for record in records)


def test_the_list_is_limited_by_number_and_camera(data, checkpoint, capsys):
    everything = list_labels(checkpoint, data)
    assert len(list_labels(checkpoint, data, "--top", 1)) == 1 < len(everything)
    of_camera = (everything["camera"] == "3") | (everything["other_camera"] == "3")
    assert list_labels(checkpoint, data, "--camera", 3).equals(everything[of_camera].reset_index(drop=True))
    assert 0 < of_camera.sum() < len(everything)


def test_splits_are_in_the_table_and_training_images_are_checked_on_request(market, checkpoint, capsys, workplace):
    assert run("labels", checkpoint, market, "--save-labels", "labels.csv") == 0
    assert pd.read_csv("labels.csv")["split"].value_counts().to_dict() == {"train": 24, "query": 12, "gallery": 12}
    assert "among 24 images" in capsys.readouterr().out
    first = next(market.glob("bounding_box_train/0001*")).relative_to(market).as_posix()
    second = next(market.glob("bounding_box_train/0002*")).relative_to(market).as_posix()
    (workplace / "d.csv").write_text(f"path,other,decision\n{first},{second},same\n", encoding="utf-8")
    assert run("labels", checkpoint, market, "--train", "--decisions", "d.csv", "--save-labels", "labels.csv") == 0
    assert "Training images are not evaluated." in capsys.readouterr().out
    table = pd.read_csv("labels.csv", dtype=str)
    assert "0002" not in set(table["identity"])
    assert len(table) == 48


def test_decisions_about_a_named_gallery_are_applied_at_the_next_update(data, checkpoint, capsys):
    assert run("gallery", "add", "mine", data, "--labels", "folder", "--model", checkpoint) == 0
    row = list_labels(checkpoint, "mine").query("path.str.contains('c1_310')").iloc[0]
    gallery = find_gallery("mine")
    (gallery.folder / "label_decisions.csv").write_text(
        f"path,other,decision\n{row['path']},{row['other']},different\n{row['path']},{row['nearest']},same\n",
        encoding="utf-8",
    )
    capsys.readouterr()
    left = list_labels(checkpoint, "mine", "--relabel")
    assert row["path"] not in set(left["path"])
    output = capsys.readouterr().out
    assert "36 probes -> 36 probes; 1 image" in output and "python -m core gallery update mine" in output
    assert read_changes(gallery) == {row["path"]: {"identity": "0003"}}
    assert run("gallery", "update", "mine") == 0
    assert gallery.records().set_index("path").loc[row["path"], "identity"] == "0003"
    capsys.readouterr()
    assert run("labels", checkpoint, "mine", "--relabel") == 0
    assert "0 images of mine will have another identity" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--relabel"], "is not a named gallery"),
        (["--decisions", "nowhere.csv"], "There is no table nowhere.csv"),
        (["--decisions", "bad.csv"], "line 2: the decision is 'perhaps'"),
    ],
)
def test_invalid_input_gives_one_sentence(market, checkpoint, capsys, workplace, options, sentence):
    (workplace / "bad.csv").write_text("path,other,decision\na,b,perhaps\n", encoding="utf-8")
    assert run("labels", checkpoint, market, *options) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
