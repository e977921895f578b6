"""The command `compare`, and `search --each`."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import draw_person
from PIL import Image

from core.cli.main import main
from core.data.records import Record
from core.evaluation.calibration import Calibration, CalibrationData
from core.evaluation.person_check import CheckData, PersonCheck, write_person_check
from core.evaluation.verification import BINS, ScoreCounts
from core.inference.model import load
from core.search.gallery import Gallery


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """A folder with the images one.png and two.png of one person, and other.png of another person."""
    monkeypatch.chdir(tmp_path)
    for name, drawn in {"one": (5, 1, 0), "two": (5, 1, 1), "other": (6, 2, 0)}.items():
        draw_person(*drawn).save(f"{name}.png")
    return tmp_path


@pytest.fixture
def calibrated(checkpoint, workplace):
    """A checkpoint whose calibration has even odds at the score 0."""
    folder = shutil.copytree(checkpoint, workplace / "calibrated")
    counts = ScoreCounts(*(np.ones((5, BINS), np.int64)))
    Calibration(2.0, 0.0, counts, CalibrationData("made", "nobody", 10)).write(folder)
    return folder


def flag_only(image, checkpoint):
    """Give a checkpoint a person check that flags one image, by its descriptor."""
    check = PersonCheck()
    check.weights_, check.intercept_ = -load(checkpoint).describe([image])[0].astype(float), 0.0
    check.threshold_ = float(check.decision_function(load(checkpoint).describe([image]))[0]) + 1e-6
    write_person_check(check, CheckData("made", 1, 1, 1, 1, 0.0, 0.0, 0.0), checkpoint)


def test_two_images_are_compared(workplace, calibrated, capsys):
    assert run("compare", calibrated, "one.png", "other.png", "--json", "pair.json") == 0
    one, other = load(calibrated).describe(["one.png", "other.png"])
    found, printed = json.loads((workplace / "pair.json").read_text()), capsys.readouterr().out
    assert found["score"] == pytest.approx(float(one @ other), abs=1e-6)
    assert found["probability"] == pytest.approx(1 / (1 + np.exp(-2 * found["score"])))
    assert found["prior"] == 0.5 and found["images"] == ["one.png", "other.png"] and found["no_person"] == []
    assert f"score {found['score']:.4f}" in printed and "a prior of 1 true match in 2 pairs" in printed
    assert run("compare", calibrated, "one.png", "other.png", "--prior", 100, "--json", "rare.json") == 0
    rare = json.loads((workplace / "rare.json").read_text())
    assert rare["probability"] == pytest.approx(1 / (1 + 99 * np.exp(-2 * rare["score"])))
    assert rare["verdict"] == "probably not" and "1 true match in 100 pairs" in capsys.readouterr().out


def test_the_comparison_is_explained(workplace, checkpoint, market, capsys):
    assert run("compare", checkpoint, "one.png", "two.png", "--explain", "why.json", "--gallery", market) == 0
    why, score = json.loads((workplace / "why.json").read_text()), capsys.readouterr().out.split()[1]
    assert sum(term["value"] for term in why["terms"]) == pytest.approx(float(score), abs=1e-3)
    assert why["reference"]["name"] == "average image"
    assert run("compare", checkpoint, "one.png", "two.png", "--explain", "why.bmp") == 2


def test_without_a_calibration_there_is_a_score_alone(workplace, checkpoint, capsys):
    assert run("compare", checkpoint, "one.png", "two.png", "--json", "pair.json") == 0
    assert "no calibration" in capsys.readouterr().out
    assert "verdict" not in json.loads((workplace / "pair.json").read_text())


def test_an_image_without_a_person_is_named_and_has_no_verdict(workplace, calibrated, capsys):
    Image.new("RGB", (32, 80), (90, 90, 90)).save("grey.png")
    flag_only("grey.png", calibrated)
    assert run("compare", calibrated, "one.png", "grey.png", "--json", "pair.json") == 0
    printed = capsys.readouterr().out
    assert "No person found in grey.png." in printed and "same person" not in printed
    found = json.loads((workplace / "pair.json").read_text())
    assert found["no_person"] == ["grey.png"] and "verdict" not in found


def test_a_prior_is_at_most_one_in_two(workplace, checkpoint, capsys):
    for wrong in ("1", "0", "half"):
        with pytest.raises(SystemExit):
            run("compare", checkpoint, "one.png", "two.png", "--prior", wrong)
        assert "is not a whole number of 2 or more" in capsys.readouterr().err


def test_each_probe_is_searched_by_itself(workplace, calibrated, market, capsys):
    (workplace / "probes").mkdir()
    for name in ("one.png", "other.png"):
        shutil.move(name, f"probes/{name}")
    (workplace / "probes/broken.png").write_bytes(b"no image")
    Image.new("RGB", (32, 80), (90, 90, 90)).save("grey.png")
    flag_only("grey.png", calibrated)
    assert run("search", calibrated, market, "probes", "grey.png", "--each", "--top", 3, "--csv", "all.csv") == 0
    printed, table = capsys.readouterr(), pd.read_csv("all.csv", dtype={"identity": str})
    assert list(table) == ["probe", "rank", "path", "identity", "camera", "score"]
    assert list(table["probe"]) == [name for name in ("probes/one.png", "probes/other.png", "grey.png") for _ in "123"]
    model = load(calibrated)
    whole = Gallery.from_folder(market, model)
    for name, part in table.groupby("probe"):
        expected = whole.search(model.describe([name]), 3, probe=Record(workplace / name))
        assert list(part["path"]) == list(expected["path"])
        assert list(part["score"]) == pytest.approx(list(expected["score"]), abs=1e-5)
    assert "broken.png" in printed.out + printed.err
    assert "No person found in grey.png." in printed.out and "no person found" in printed.out
    assert "4 probes, 1 skipped, 12 gallery images searched" in printed.out
    assert "in the gallery" in printed.out


def test_each_probe_has_no_post_processing(workplace, checkpoint, market, capsys):
    assert run("search", checkpoint, market, "one.png", "--each", "--rerank") == 2
    assert "--each has no post-processing" in capsys.readouterr().err
    (workplace / "broken.png").write_bytes(b"no image")
    assert run("search", checkpoint, market, "broken.png", "--each") == 2
    assert "No probe can be read" in capsys.readouterr().err


def test_one_ranking_is_written_as_csv_too(workplace, checkpoint, market):
    assert run("search", checkpoint, market, "one.png", "--top", 2, "--csv", "one.csv", "--json", "one.json") == 0
    rows = json.loads((workplace / "one.json").read_text())
    assert list(pd.read_csv("one.csv")["path"]) == [row["path"] for row in rows]
