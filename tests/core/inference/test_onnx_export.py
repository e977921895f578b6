"""Exported graphs compared with torch, on images that the check of the export does not use."""

import builtins

import numpy as np
import pytest
import torch
from conftest import draw_person, untrained
from PIL import Image

from core.cli.main import main
from core.data.images import resize
from core.errors import UserError
from core.inference.model import load
from core.inference.onnx_export import Exported, export_onnx, metadata, shrink, triangles

onnx, onnxruntime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.slow
SIZES = [(160, 60), (80, 32), (301, 97), (57, 400), (9, 9)]  # rows, columns


def noise(*shape) -> np.ndarray:
    return np.random.default_rng(list(shape)).integers(0, 256, shape, dtype=np.uint8)


def run(file, images: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return session.run(None, {"images": images})[0]


@pytest.mark.parametrize("architecture", ["cnn", "b_cnn", "mr_bcnn", "mobile_bcnn"])
def test_equals_torch_for_any_batch(architecture, tmp_path):
    small = {"image_columns": 64, "backbone_width": 0.1} if architecture == "mobile_bcnn" else {}
    model = untrained(architecture, normalise_regions=True, **small)
    assert export_onnx(model, tmp_path / "m.onnx") < 1e-4
    for count in (1, 2, 7):
        images = noise(count, 3, *model.network.config.image_size)
        found = run(tmp_path / "m.onnx", images)
        assert found.shape == (count, 20) and found.dtype == np.float32
        np.testing.assert_allclose(found, model.describe_images(torch.from_numpy(images)), atol=1e-4)


def test_metadata_has_the_preparation_of_the_images():
    formula = "BGR, (value - 0) * 0.00390625"
    assert metadata(untrained("cnn"), False)["inside the graph"] == formula
    normalised = metadata(untrained("cnn", normalise_images=True), False)["inside the graph"]
    assert normalised == f"{formula}, then (value - mean) / (std + 0.05) of each channel of each image"


@pytest.mark.parametrize("flip", [False, True], ids=["one way", "with the mirror image"])
def test_preprocess_equals_describe_for_any_size(checkpoint, flip, tmp_path):
    model = load(checkpoint, "cpu", flip)
    export_onnx(model, tmp_path / "m.onnx", preprocess=True)
    for rows, columns in SIZES:
        images = noise(2, rows, columns, 3)
        np.testing.assert_allclose(run(tmp_path / "m.onnx", images), model.describe(images), atol=1e-4)
    person = np.asarray(draw_person(1, 1, 0))[None]
    np.testing.assert_allclose(run(tmp_path / "m.onnx", person), model.describe(person), atol=1e-4)


@pytest.mark.parametrize(
    "options",
    [
        dict(bgr=True),
        dict(instance_norm=True, normalise_images=True),
        dict(region_size=3),
        dict(filters=6, groups=3, normalise_regions=True),
    ],
    ids=["bgr", "normalised", "small regions", "groups"],
)
def test_other_configurations(options, tmp_path):
    model = untrained(**options)
    export_onnx(model, tmp_path / "m.onnx")
    images = noise(5, 3, 160, 60)  # another number than the graph was traced with
    np.testing.assert_allclose(
        run(tmp_path / "m.onnx", images), model.describe_images(torch.from_numpy(images)), atol=1e-4
    )


@pytest.mark.parametrize("rows, columns", SIZES)
def test_shrink_equals_pillows_resize(rows, columns):
    image = noise(rows, columns, 3)
    small = shrink(torch.from_numpy(image).permute(2, 0, 1)[None])[0]
    assert np.array_equal(small.numpy(), resize(Image.fromarray(image)))


def test_triangles_worked_example():
    np.testing.assert_allclose(triangles(4, 2), [[3 / 7, 3 / 7, 1 / 7, 0], [0, 1 / 7, 3 / 7, 3 / 7]], atol=1e-6)
    np.testing.assert_allclose(triangles(2, 4), [[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]], atol=1e-6)


def test_command_writes_a_file_with_metadata(checkpoint, tmp_path, capsys):
    (checkpoint / "card.md").write_text("# tiny\n\n## Terms\n\nFree to use.\n")
    try:
        file = tmp_path / "m.onnx"
        assert main(["export", str(checkpoint), "--format", "onnx", "--preprocess", "--output", str(file)]) == 0
    finally:
        (checkpoint / "card.md").unlink()
    assert "differ by at most" in capsys.readouterr().out
    graph = onnx.load(file)
    onnx.checker.check_model(graph)
    about = {entry.key: entry.value for entry in graph.metadata_props}
    assert about["name"] == "tiny" and about["terms"] == "Free to use." and about["descriptor"] == "500"
    assert "(B, H, W, 3)" in about["input"] and list(tmp_path.iterdir()) == [file]


def test_graph_that_differs_is_not_written(tmp_path, monkeypatch):
    forward = Exported.forward
    monkeypatch.setattr(Exported, "forward", lambda self, images: forward(self, images) + 0.01)
    with pytest.raises(UserError, match="differs from torch by 0.01"):
        export_onnx(untrained(), tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_missing_libraries_and_folders_raise(tmp_path, monkeypatch, checkpoint, capsys):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name == "onnxruntime":
            raise ModuleNotFoundError("No module named 'onnxruntime'", name="onnxruntime")
        return real(name, *rest, **more)

    with pytest.raises(UserError, match="no folder"):
        export_onnx(untrained(), tmp_path / "nowhere" / "m.onnx")
    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["export", str(checkpoint), "--output", str(tmp_path / "m.onnx")]) == 2
    assert "onnxruntime, which is not installed. Install it with `pip install onnx" in capsys.readouterr().err
