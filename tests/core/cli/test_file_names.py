"""File names with letters that the output, JSON or a data frame cannot have."""

import io
import json
import os
import sys
from pathlib import Path

import pandas as pd
import pytest
from conftest import draw_person

from core.cli.main import main


def write_people(root: Path, names: list[str]) -> Path:
    """Write two images, from two cameras, of each identity."""
    for index, name in enumerate(names):
        (root / name).mkdir(parents=True)
        for camera in (1, 2):
            draw_person(index, camera, camera).save(root / name / f"c{camera}_0.png")
    return root


def test_letters_that_the_encoding_of_the_output_does_not_have(tmp_path, monkeypatch):
    data = write_people(tmp_path / "data", ["张三", "anna"])
    output = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", output)
    assert main(["data", "inspect", str(data)]) == 0
    output.flush()
    assert rb"\u5f20\u4e09" in output.buffer.getvalue()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not allow such names")
def test_a_name_that_is_not_utf_8(tmp_path, monkeypatch, checkpoint):
    monkeypatch.chdir(tmp_path)
    data = write_people(tmp_path / "data", ["anna", "ben", "eve", "zoe"])
    image = data / "anna" / "c1_0.png"
    os.rename(image, os.fsencode(data / "anna") + b"/c1_\xe4.png")
    probe = str(data / "anna" / "c2_0.png")
    assert main(["evaluate", str(checkpoint), str(data), "--protocol", "all-identities"]) == 0
    arguments = ["search", str(checkpoint), str(data), probe, "--json", "found.json", "--csv", "found.csv"]
    assert main(arguments) == 0
    paths = [row["path"] for row in json.loads(Path("found.json").read_text())]
    assert sum(path.endswith(r"c1_\udce4.png") for path in paths) == 1
    assert pd.read_csv("found.csv")["path"].tolist() == paths


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not allow such names")
def test_an_identity_that_is_not_utf_8(tmp_path, monkeypatch, checkpoint):
    monkeypatch.chdir(tmp_path)
    data = write_people(tmp_path / "data", [os.fsdecode(b"caf\xe9"), "anna"])
    probe = str(data / "anna" / "c2_0.png")
    model = ["--model", str(checkpoint)]
    assert main(["gallery", "add", "station", str(data), "--labels", "folder", *model]) == 0
    for gallery in ("station", str(data)):
        assert main(["search", str(checkpoint), gallery, probe, "--json", "found.json", "--csv", "found.csv"]) == 0
        identities = [row["identity"] for row in json.loads(Path("found.json").read_text())]
        assert sorted(identities) == ["anna", "anna", r"caf\udce9", r"caf\udce9"]
        assert pd.read_csv("found.csv")["identity"].tolist() == identities


def test_spaces_and_letters_of_other_scripts_stay_in_paths(tmp_path, monkeypatch, checkpoint):
    monkeypatch.chdir(tmp_path)
    data = write_people(tmp_path / "data", ["子\u3000供", "a\u202fb", "é"])
    assert main(["search", str(checkpoint), str(data), str(data / "é" / "c2_0.png"), "--json", "found.json"]) == 0
    paths = [row["path"] for row in json.loads(Path("found.json").read_text(encoding="utf-8"))]
    assert len(paths) == 6 and all(map(os.path.exists, paths))
    assert main(["evaluate", str(checkpoint), str(data), "--protocol", "all-identities"]) == 0
    (file,) = tmp_path.glob("**/probes.csv")
    assert all((data / path).exists() for path in pd.read_csv(file)["path"])


def test_identities_called_na_are_kept(tmp_path, monkeypatch, checkpoint):
    from core.evaluation.report import read_report

    monkeypatch.chdir(tmp_path)
    data = write_people(tmp_path / "data", ["NA", "null", "nan", "anna"])
    assert main(["evaluate", str(checkpoint), str(data), "--protocol", "all-identities"]) == 0
    (folder,) = tmp_path.glob("**/evaluations/*")
    assert set(read_report(folder).probes["identity"]) == {"NA", "null", "nan", "anna"}
