"""The commands for checkpoints work with a network with a backbone, or refuse it with one sentence."""

import shutil

import numpy as np
import pytest
import torch

from core.cli.main import main
from core.data.datasets import read_dataset
from core.data.loading import load_images
from core.inference.checkpoint import Checkpoint, save_checkpoint
from core.inference.model import load
from core.models.network import build_network
from core.models.norm_statistics import measure_statistics, set_statistics
from core.presets import fast

DATA = {"name": "other", "backbone": "mobilenetv2"}


@pytest.fixture
def mobile(market, tmp_path):
    torch.manual_seed(0)
    network = build_network("mobile_bcnn", filters=4, descriptor=8, image_columns=32, backbone_width=0.25)
    images, _ = load_images(read_dataset(market).train, lambda source, reason: None, size=network.config.image_size)
    set_statistics(network, measure_statistics(network, images))
    save_checkpoint(Checkpoint(network.eval(), fast("mobile_bcnn")[1], DATA, {"step": 10}), tmp_path / "mobile")
    return tmp_path / "mobile"


@pytest.mark.parametrize("options", [[], ["--flip"], ["--centre"], ["--rerank"], ["--adapt"]])
def test_evaluate(mobile, market, capsys, options):
    assert main(["evaluate", str(mobile), str(market), *options]) == 0
    assert "mAP" in capsys.readouterr().out


def test_calibrate(mobile, market, capsys):
    assert main(["calibrate", str(mobile), str(market)]) == 0
    assert "false-alarm rate" in capsys.readouterr().out


def test_pack_writes_int8_weights_the_gallery_and_a_card_that_names_imagenet(mobile, market, tmp_path):
    packed = tmp_path / "packed"
    assert (
        main(["pack", str(mobile), str(market), "--output", str(packed), "--int8", "--galleries", "--terms", "Free."])
        == 0
    )
    card = (packed / "card.md").read_text()
    assert "trained on photographs of ImageNet, and on no images of re-identification data sets" in card
    images = sorted((market / "query").iterdir())[:4]
    np.testing.assert_allclose(load(packed).describe(images), load(mobile).describe(images), atol=0.05)


def test_search_and_info(mobile, market, tmp_path, capsys):
    gallery = tmp_path / "gallery"
    assert main(["embed", str(mobile), str(market / "bounding_box_test"), "--output", str(gallery)]) == 0
    probe = str(sorted((market / "query").iterdir())[0])
    assert main(["search", str(mobile), str(gallery), probe]) == 0
    assert main(["info", str(mobile)]) == 0


def test_an_ensemble_is_refused(mobile, market, tmp_path, capsys):
    members = [str(mobile), str(shutil.copytree(mobile, tmp_path / "other"))]
    assert main(["ensemble", *members, "--data", str(market), "--output", str(tmp_path / "joint"), "--terms", "x"]) != 0
    assert "b_cnn or mr_bcnn" in capsys.readouterr().err and not (tmp_path / "joint").exists()
