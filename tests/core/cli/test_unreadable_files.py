"""Files that disappear or change while a command runs, and folders without permission: a sentence for each."""

import os
from pathlib import Path

import pytest
from conftest import draw_person, write_market

from core.cli.main import main
from core.data import loading
from core.data.images import open_image, read_content
from core.errors import UserError

COMMANDS = {
    "evaluate": lambda model, data: ["evaluate", model, data],
    "embed": lambda model, data: ["embed", model, data, "--output", "gallery"],
    "search": lambda model, data: ["search", model, data, "probe.png"],
    "gallery add": lambda model, data: ["gallery", "add", "mine", data, "--model", model],
}


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw_person(1, 1, 7).save("probe.png")
    return tmp_path


@pytest.fixture
def data(workplace):
    return write_market(workplace / "market")


def run(command, model, data) -> int:
    return main([str(argument) for argument in COMMANDS[command](model, data)])


def change_when_read(monkeypatch, change):
    """Change the third image of the gallery once the images are listed, when its own turn comes."""

    def opened(source, real=loading.open_image):
        if isinstance(source, Path) and source.name == "0005_c3s1_000501_01.png":
            change(source)
        return real(source)

    monkeypatch.setattr(loading, "open_image", opened)


CHANGES = {
    "deleted": (lambda path: path.unlink(missing_ok=True), "There is no image at"),
    "truncated": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0"), "0005_c3s1_000501_01.png is"),
    "a pointer": (lambda path: path.write_text("version https://git-lfs.github.com/spec/v1"), "is a Git LFS pointer"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("change", CHANGES)
def test_an_image_that_changes_while_it_is_read_is_skipped(command, change, data, checkpoint, monkeypatch, capsys):
    function, sentence = CHANGES[change]
    change_when_read(monkeypatch, function)
    assert run(command, checkpoint, data) == 0
    printed = "".join(capsys.readouterr())
    assert sentence in printed and "Traceback" not in printed


SKIPPED = "1 folder cannot be opened"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("folder", ["market", "market/bounding_box_test"])
def test_a_folder_without_permission_is_one_sentence(command, folder, data, checkpoint, monkeypatch, capsys):
    closed = Path(folder).absolute()

    def refuse(path, list_folder):
        if not isinstance(path, int) and Path(path).absolute() == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return list_folder(path)

    for name in ("scandir", "listdir"):
        monkeypatch.setattr(os, name, lambda path=".", real=os.__dict__[name]: refuse(path, real))
    status = run(command, checkpoint, data)
    printed, error = capsys.readouterr()
    reasons = ("Permission denied", "you do not have the permission")
    assert any(reason in error for reason in reasons) or f"{SKIPPED}: bounding_box_test" in printed + error
    assert status == 2 or folder != "market"
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "error, sentence",
    [
        (FileNotFoundError(2, "No such file"), "^There is no image at .*probe.png.$"),
        (PermissionError(13, "Permission denied"), "^There is no permission to read .*probe.png.$"),
        (OSError(116, "Stale file handle"), "^.*probe.png cannot be read: Stale file handle.$"),
    ],
)
def test_reasons_of_the_operating_system(error, sentence, workplace, monkeypatch):
    def refuse(*arguments, **options):
        raise error

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("io.open", refuse)
    for function in (open_image, read_content):
        with pytest.raises(UserError, match=sentence):
            function(workplace / "probe.png")
