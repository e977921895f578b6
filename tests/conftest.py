"""Small data that the tests make for themselves: drawn people, and a tiny network."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from milvus_servers import MilvusServer
from PIL import Image

torch.set_num_threads(1)  # tiny networks are fastest so, and nothing waits for a busy second core

TESTS = Path(__file__).parent
FOLDERS = {"e2e": "browser", "render": "render"}  # whose tests are all of one kind
FIXTURES = {"milvus": "server"}  # whose users are of a kind
LONG = 600  # seconds that a test of any of the kinds may take, together with servers and trainings that it waits for


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folders and fixtures; those of a kind have more time, and share what they need.

    Of several pytest-xdist workers one gets all of a kind, and other files one by one: nothing is prepared twice.
    """
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        for kind in {FOLDERS.get(folder), *map(FIXTURES.get, item.fixturenames)} - {None}:
            item.add_marker(kind)
        kinds = [kind for kind in ("browser", "server", "render", "slow") if item.get_closest_marker(kind)]
        if kinds:
            item.add_marker(pytest.mark.timeout(LONG))
        item.add_marker(pytest.mark.xdist_group(kinds[0] if kinds and kinds != ["slow"] else item.path.as_posix()))


@pytest.fixture(autouse=True)
def own_main_module():
    """AppTest leaves the app as the main module, and new processes of later tests would run it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Runs and galleries of a test lie in its own folder, none in the checkout."""
    for name in ("runs", "galleries"):
        monkeypatch.setenv(f"MR_BCNN_{name.upper()}", str(tmp_path / name))


def draw_person(identity: int, camera: int, shot: int) -> Image.Image:
    """A figure of three coloured blocks whose colours tell who it is, under a camera's light, 32 x 80 pixels."""
    who, how = np.random.default_rng([1, identity]), np.random.default_rng([2, identity, camera, shot])
    image = np.full((80, 32, 3), 110.0) + how.normal(0, 8, (80, 32, 3))
    left = 8 + int(how.integers(-2, 3))
    for top, bottom in ((4, 16), (16, 46), (46, 78)):
        image[top:bottom, left : left + 16] = who.integers(20, 235, 3)
    image = image * (1 + 0.1 * (camera - 2)) + how.normal(0, 6, image.shape)
    return Image.fromarray(image.clip(0, 255).astype(np.uint8))


def write_market(root: Path, people: int = 8, cameras: int = 3, shots: int = 2) -> Path:
    """Market-1501's layout: the first half of the people to train on, the others as probes and gallery."""
    for name in ("bounding_box_train", "bounding_box_test", "query"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for identity in range(1, people + 1):
        for camera in range(1, cameras + 1):
            for shot in range(shots):
                part = "bounding_box_train" if identity <= people // 2 else "bounding_box_test" if shot else "query"
                name = f"{identity:04d}_c{camera}s1_{identity * 100 + shot:06d}_{shot:02d}.png"
                draw_person(identity, camera, shot).save(root / part / name)
    return root


def untrained(architecture="mr_bcnn", **options):
    """A model, of 3 filters if no more are asked for, whose weights are random, but the same each time."""
    from core.inference.checkpoint import Checkpoint
    from core.inference.model import Model
    from core.models.network import build_network

    torch.manual_seed(3)
    sizes = {"filters": 3, "descriptor": 20} | options
    return Model(Checkpoint(build_network(architecture, batch_norm=True, **sizes)))


@pytest.fixture(scope="session")
def market(tmp_path_factory) -> Path:
    """A tiny data set in Market-1501's layout: 8 people, 3 cameras, 2 images each."""
    return write_market(tmp_path_factory.mktemp("data") / "market")


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory) -> Path:
    """An untrained network of 4 filters as a checkpoint folder."""
    from core.inference.checkpoint import Checkpoint, save_checkpoint
    from core.models.network import build_network

    torch.manual_seed(0)
    network = build_network("mr_bcnn", filters=4, descriptor=500, batch_norm=True, normalise_regions=True)
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    save_checkpoint(Checkpoint(network.eval()), folder)
    return folder


@pytest.fixture(scope="session")
def milvus(tmp_path_factory):
    """A server for all tests that do not kill theirs."""
    server = MilvusServer(tmp_path_factory.mktemp("milvus"))
    yield server
    server.kill()
