"""Bad arguments: exit status 2 and one sentence."""

import pytest

from assets.render.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--out"),
        (["--out", "x", "--train", "-1"], "--train must be at least 0, not -1"),
        (["--out", "x", "--train", "many"], "invalid int value"),
        (["--out", "x", "--train", "0", "--test", "0"], "between 1 and 99999"),
        (["--out", "x", "--train", "90000", "--test", "10000"], "between 1 and 99999"),
        (["--out", "x", "--train", "5", "--test", "0", "--distractors", "3"], "needs a gallery"),
        (["--out", "x", "--sites", "0"], "--sites must be at least 1"),
        (["--out", "x", "--jobs", "0"], "--jobs must be at least 1"),
        (["--out", "x", "--colour", "red"], "unrecognized arguments"),
    ],
)
def test_bad_arguments_give_one_sentence(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refused(arguments, capsys).count("\n") == 1
    assert said in refused(arguments, capsys)
    assert not list(tmp_path.iterdir())


def test_a_folder_with_something_else_is_left_alone(tmp_path, capsys):
    (tmp_path / "letter.txt").write_text("dear")
    assert "is not empty" in refused(["--out", str(tmp_path)], capsys)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_rendering_with_other_settings_is_not_continued(rendering, capsys):
    assert "other settings" in refused(["--out", str(rendering), "--seed", "8", "--train", "2"], capsys)


def test_a_file_in_place_of_the_folder(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert "Not a directory" in refused(["--out", str(tmp_path / "file"), "--train", "1"], capsys)


def test_help_shows_an_example(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    assert "python -m assets.render --out /tmp/small" in capsys.readouterr().out


def refused(arguments, capsys):
    """What is said on the error stream when the command refuses."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    return capsys.readouterr().err
