"""Each file of a run, of a gallery and of the caches, cut in half and deleted: it is rebuilt, not needed, or named.

No command ends with a traceback, and no other run or gallery suffers.
"""

import json
import shutil
from dataclasses import replace

import pytest
from conftest import write_market
from faults import small_training

from core.cli.main import main
from core.training.run_folder import Run

pytestmark = pytest.mark.slow
FOLDERS = {"RUNS": "runs", "GALLERIES": "galleries"}
TRAINING = replace(small_training.TRAINING, steps=4, checkpoint_every=2, keep_every=2)
DAMAGES = {"cut in half": lambda data: data[: len(data) // 2], "deleted": None}
MODEL = "runs/mine/checkpoints/000002"
# file or folder that is damaged -> commands that may end with a sentence; all others must succeed as without damage
FAILS = {
    "runs/mine/config.json": {"resume"},
    "runs/mine/checkpoints/000004": {"resume"},
    "runs/mine/checkpoints/000002": {"search folder", "search gallery", "update", "search again"},
    "galleries/station/gallery.json": {"info", "search gallery", "update", "search again"},
    "galleries/station/versions": {"info", "search gallery"},  # the update rebuilds it
}
WITHOUT_EFFECT = {"lock", ".lock", "looking", "launch.lock", "train.log", "update.log"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_market(tmp_path_factory.mktemp("damaged") / "market")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A current directory with the folders of the project in `state`."""
    monkeypatch.chdir(tmp_path)
    for variable, folder in FOLDERS.items():
        monkeypatch.setenv(f"MR_BCNN_{variable}", str(tmp_path / "state" / folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "state" / "cache"))
    monkeypatch.setenv("MR_BCNN_DATASETS", str(tmp_path / "state" / "datasets"))
    return tmp_path


def test_each_damaged_file_is_rebuilt_or_named(place, data, capsys):
    state = place / "state"
    run = Run.create(
        state / "runs" / "mine",
        small_training.NETWORK,
        TRAINING,
        {"folder": str(data), "protocol": "market1501", "split": 1},
    )
    images, probe = data / "bounding_box_test", min((data / "query").iterdir())
    checkpoint = state / MODEL
    for command in (
        ["resume", "mine"],
        ["gallery", "add", "station", str(images), "--model", str(checkpoint)],
        ["search", str(checkpoint), str(data), str(probe)],  # writes the cache
    ):
        assert main(command) == 0
    config = json.loads((run.folder / "config.json").read_text())
    config["training"]["steps"] = 6  # so that there is something to resume
    (run.folder / "config.json").write_text(json.dumps(config))
    commands = {
        "runs": ["runs"],
        "list": ["gallery", "list"],
        "info": ["gallery", "info", "station"],
        "search folder": ["search", str(checkpoint), str(data), str(probe)],
        "search gallery": ["search", str(checkpoint), "station", str(probe)],
        "update": ["gallery", "update", "station"],
        "search again": ["search", str(checkpoint), "station", str(probe)],
        "resume": ["resume", "mine"],
    }

    def outcomes() -> dict[str, tuple[int, str]]:
        found = {}
        for name, command in commands.items():
            capsys.readouterr()
            code = main(command)
            said = capsys.readouterr()
            assert code == 0 or "error: " in said.err.splitlines()[-1], (name, said.err)
            found[name] = code, said.out
        return found

    shutil.copytree(state, place / "whole")
    wanted = outcomes()
    assert {code for code, _ in wanted.values()} == {0}
    tried = failed = 0
    for file in sorted(path for path in (place / "whole").rglob("*") if path.is_file()):
        name = file.relative_to(place / "whole").as_posix()
        may_fail = set().union(*(fails for start, fails in FAILS.items() if name.startswith(start)))
        for damage, change in DAMAGES.items():
            if file.name in WITHOUT_EFFECT or "tensorboard" in name:
                continue
            shutil.rmtree(state)
            shutil.copytree(place / "whole", state)
            if change is None:
                (state / name).unlink()
            else:
                (state / name).write_bytes(change(file.read_bytes()))
            found = outcomes()
            wrong = {command for command, (code, _) in found.items() if code}
            assert wrong <= may_fail, (name, damage, wrong)
            for command in set(commands) - wrong - {"runs", "list", "info", "update", "resume"}:
                assert found[command][1] == wanted[command][1], (name, damage, command)
            tried, failed = tried + 1, failed + bool(wrong)
    assert tried > 30 and 10 < failed < tried, (tried, failed)
