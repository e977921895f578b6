"""The command `predict-accuracy`."""

from core.cli.main import main
from core.inference.checkpoint import Checkpoint, save_checkpoint
from core.inference.model import Model
from core.models.network import build_network


def test_a_model_without_batch_norm_is_refused_before_images_are_described(market, tmp_path, monkeypatch, capsys):
    described = []
    monkeypatch.setattr(Model, "describe_records", lambda *_, **__: described.append(1))
    save_checkpoint(Checkpoint(build_network("cnn", filters=2, descriptor=4).eval()), tmp_path / "plain")
    command = ["predict-accuracy", str(tmp_path / "plain"), str(market), "--adapt", "--device", "cpu"]
    assert main(command) == 2
    assert "no batch normalisation" in capsys.readouterr().err
    assert not described
