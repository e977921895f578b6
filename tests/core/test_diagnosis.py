"""The command `doctor`: one line for each check, and status 1 if something that is needed fails."""

import json
import shutil
import socket

import pytest
from conftest import untrained

from core.cli.main import main
from core.diagnosis import machine, storage
from core.folders import CHECKOUT
from core.inference.checkpoint import WEIGHTS, save_checkpoint


@pytest.fixture
def installation(tmp_path, market, checkpoint, monkeypatch):
    """Folders of an installation in which everything works."""
    shutil.copytree(checkpoint, tmp_path / "checkpoints" / "good")
    for name, folder in {"DATA": market, "CHECKPOINTS": tmp_path / "checkpoints", "UPLOADS": tmp_path / "up"}.items():
        monkeypatch.setenv(f"MR_BCNN_{name}", str(folder))
    monkeypatch.setenv("MR_BCNN_DATASETS", str(tmp_path / "datasets"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def run(capsys, *options: str) -> tuple[int, str]:
    try:
        status = main(["doctor", *options])
    except SystemExit as end:
        status = end.code
    return status, capsys.readouterr().out


def findings(capsys) -> dict[str, dict]:
    return {one["topic"]: one for one in json.loads(run(capsys, "--json")[1])}


def test_a_working_installation(installation, capsys):
    status, printed = run(capsys)
    assert status == 0 and printed.endswith("All that is needed works.\n")
    lines = printed.splitlines()
    assert all(line[0] in "✓!" for line in lines[:-1]), printed
    assert any("checkpoint good: Loads; descriptors of 500 numbers" in line for line in lines)
    assert not (installation / "runs").exists(), "a check writes nothing"


def test_json(installation, capsys):
    found = findings(capsys)
    assert {"python", "packages", "cores", "memory", "torch", "gpu", "browser", "demo data", "port 8501"} <= set(found)
    assert set(found["python"]) == {"topic", "state", "sentence", "advice"}


def test_a_broken_checkpoint(installation, capsys):
    shutil.copytree(installation / "checkpoints" / "good", installation / "checkpoints" / "broken")
    weights = installation / "checkpoints" / "broken" / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-100])
    status, printed = run(capsys)
    assert status == 1 and "✗ checkpoint broken: " in printed and "damaged or truncated" in printed
    assert printed.endswith("1 check failed: checkpoint broken.\n")


def test_a_checkpoint_without_permission(installation, capsys, monkeypatch):
    def refuse(folder, device):
        raise PermissionError(13, "Permission denied", str(folder / "config.json"))

    monkeypatch.setattr("core.inference.model.load", refuse)
    found = findings(capsys)
    assert found["checkpoint good"]["state"] == "failed" and "permission" in found["checkpoint good"]["sentence"]
    assert "data" in " ".join(found)  # the others are reported, too


def test_a_folder_that_cannot_be_listed(installation, capsys, monkeypatch):
    def refuse():
        raise PermissionError(13, "Permission denied", "checkpoints")

    monkeypatch.setattr(storage, "check_checkpoints", refuse)
    status, printed = run(capsys)
    assert status == 1 and "permission" in printed and "python" in printed.lower()


def test_a_calibration_of_other_weights(installation, capsys):
    folder = installation / "checkpoints" / "good"
    (folder / "calibration").mkdir()
    content = {"data": "d", "people": "p", "gallery": 1, "slope": 1, "intercept": 0, "fingerprint": "0" * 32}
    (folder / "calibration" / "calibration.json").write_text(json.dumps(content))
    assert findings(capsys)["checkpoint good"]["state"] == "failed"


def test_no_checkpoint(installation, capsys, monkeypatch):
    monkeypatch.setenv("MR_BCNN_CHECKPOINTS", str(installation / "none"))
    assert findings(capsys)["checkpoints"]["state"] == "failed"


@pytest.mark.parametrize("read_only, state", [("", "failed"), ("1", "note")])
def test_a_folder_that_cannot_be_written(read_only, state, installation, capsys, monkeypatch):
    (installation / "file").write_text("")
    monkeypatch.setenv("MR_BCNN_RUNS", str(installation / "file" / "runs"))
    monkeypatch.setenv("MR_BCNN_READ_ONLY", read_only)
    found = findings(capsys)["folder of runs"]
    assert found["state"] == state and "cannot be written" in found["sentence"] and "MR_BCNN_RUNS" in found["advice"]


def test_little_free_space(installation, capsys, monkeypatch):
    monkeypatch.setattr(storage, "MIN_FREE_BYTES", 10**18)
    assert findings(capsys)["folder of runs"]["state"] == "note"


def test_a_port_in_use(installation, capsys, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(machine, "PORTS", {taken.getsockname()[1]: "Streamlit app"})
        found = findings(capsys)[f"port {taken.getsockname()[1]}"]
    assert found["state"] == "note" and found["sentence"] == "In use."


def test_a_missing_package(installation, capsys, monkeypatch):
    monkeypatch.setattr(machine, "NEEDED", "torch no-such-package")
    status, printed = run(capsys)
    assert status == 1 and "✗ packages: Missing: no-such-package. pip install ." in printed


def test_missing_demo_data_is_a_note(installation, capsys, monkeypatch):
    monkeypatch.setenv("MR_BCNN_DATA", str(installation / "none"))
    assert findings(capsys)["demo data"]["state"] == "note"


def test_an_old_python(monkeypatch):
    monkeypatch.setattr(machine.sys, "version_info", (3, 10, 1))
    assert machine.check_python().state == "failed"


def test_a_network_without_calibration_is_said(installation, capsys):
    save_checkpoint(untrained().checkpoint, installation / "checkpoints" / "other")
    assert "not fully calibrated" in findings(capsys)["checkpoint other"]["sentence"]


def test_a_missing_package_is_a_finding(monkeypatch, capsys):
    def fail():
        raise ModuleNotFoundError("No module named 'pandas'", name="pandas")

    monkeypatch.setattr(storage, "check_checkpoints", fail)
    with pytest.raises(SystemExit):
        main(["doctor"])
    printed = capsys.readouterr().out
    assert "Not checked, because pandas cannot be imported. Type `pip install -r requirements.txt`." in printed
    assert "port" in printed  # the checks that need no package are made


@pytest.mark.parametrize("name", machine.BROWSERS)
def test_each_browser_is_found_by_its_name(name, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.find_browser() is None and machine.check_browser().state == "note"
    (tmp_path / name).touch(0o755)
    assert machine.find_browser() == str(tmp_path / name) and machine.check_browser().state == "ok"


@pytest.mark.parametrize("name", ["tests/e2e/conftest.py", "tests/accessibility.py", "assets/screenshots.py"])
def test_no_program_has_a_fixed_path_of_a_browser(name):
    text = (CHECKOUT / name).read_text()
    assert "find_browser()" in text and "/usr/bin" not in text
