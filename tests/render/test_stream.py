"""Pictures without files are those of the files."""

import numpy as np
from PIL import Image

from assets.render.plan import Settings, make_plan
from assets.render.stream import stream

from .conftest import render


def test_the_stream_gives_what_the_command_writes(tmp_path):
    folder = render(tmp_path / "files", "--seed", "5", "--train", "2", "--test", "0", "--vary", "all")
    settings = Settings(5, 2, 0, 0, vary=["all"])
    shots = [shot for chunk in make_plan(settings)[1] for shot in chunk.shots]
    pictures = list(stream(settings, jobs=1))
    assert len(pictures) == len(shots)
    for (picture, identity, camera), shot in zip(pictures, shots, strict=True):
        assert picture.shape == (160, 80, 3) and picture.dtype == np.uint8
        assert (identity, camera) == (shot.identity, shot.camera)
        with Image.open(folder / shot.path) as saved:
            assert np.array_equal(picture, np.asarray(saved))
