"""Python in the README runs as it stands, in a folder where small things have the names that it uses."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import draw_person

import core
from core.inference.onnx_export import export_onnx

BLOCKS = re.findall(r"```python\n(.*?)```", (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8"), re.S)


@pytest.fixture
def workplace(market, checkpoint, tmp_path, monkeypatch):
    shutil.copytree(checkpoint, tmp_path / "checkpoints" / "pedestrians-mr_bcnn")
    shutil.copytree(market, tmp_path / "assets" / "pedestrians")
    draw_person(5, 1, 0).save(tmp_path / "probe.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def block(word: str) -> str:
    (found,) = (text for text in BLOCKS if word in text)
    return found


def test_in_a_notebook(workplace):
    names = {}
    exec(block("describe_records"), names)
    probes, ranking = names["probes"], names["ranking"]
    assert len(probes) == 12 and {"path", "identity", "camera", "d0", "d499"} <= set(probes)
    np.testing.assert_allclose((probes.filter(regex=r"^d\d+$") ** 2).sum(axis=1), 1, atol=1e-4)
    assert len(ranking) == 10 and ranking["right"].tolist() == (ranking["identity"] == "0005").tolist()
    assert 0 < names["figures"]["mAP"] <= 100 and names["report"].probes["camera"].nunique() == 3
    names["images"] = (draw_person(number, 1, 0) for number in range(3))
    exec(block("describe_stream"), names)
    assert names["batch"].shape == (3, 500)


def test_without_torch(workplace):
    model = core.load("checkpoints/pedestrians-mr_bcnn", "cpu")
    export_onnx(model, "model.onnx", preprocess=True)
    names = {}
    exec(block("onnxruntime"), names)
    np.testing.assert_allclose(names["descriptors"], model.describe("probe.jpg"), atol=1e-4)
