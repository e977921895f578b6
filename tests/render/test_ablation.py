"""The table of what each group is worth: which commands it gives, and that it goes on where it was interrupted."""

import json

import pytest

from assets.render import ablation


@pytest.fixture
def calls(monkeypatch):
    """Instead of rendering and training: what was asked for. The network of line k finds k percent."""
    given = []

    def call(folder, module, *arguments):
        given.append([module, *map(str, arguments)])
        if "zero-shot" in arguments:
            table = folder / "runs" / "reproduce-zero-shot" / "table.json"
            table.parent.mkdir(parents=True, exist_ok=True)
            name = str(arguments[arguments.index("--checkpoint") + 1].name)
            published = {"method": "published", "viper r = 1": 0.0}  # stands above what was measured
            table.write_text(json.dumps([published, {"method": name, "viper r = 1": float(len(name))}]))

    monkeypatch.setattr(ablation, "call", call)
    return given


def test_each_line_is_one_change_in_the_rendering(calls, tmp_path):
    ablation.main(["--data", "viper", "--out", str(tmp_path), "--lines", "plain", "cameras", "hair+poses"])
    rendered = [given for given in calls if given[0] == "assets.render"]
    assert [given[given.index("--vary") + 1 :] if "--vary" in given else [] for given in rendered] == [
        [],
        ["cameras"],
        ["hair", "poses"],
    ]
    same = [[value for value in given[: given.index("--jobs")] if str(tmp_path) not in value] for given in rendered]
    assert same[0] == same[1] == same[2]  # seed, people and sites
    assert (tmp_path / "ablation.csv").read_text().split() == [
        "method,viper",
        "r",
        "=",
        "1",
        "plain,5.0",
        "cameras,7.0",
        "hair+poses,10.0",
    ]


def test_a_line_that_was_measured_is_not_trained_again(calls, tmp_path):
    command = ["--data", "viper", "--out", str(tmp_path), "--lines", "plain"]
    ablation.main(command)
    assert sum("train" in given for given in calls) == 1
    ablation.main([*command, "cameras"])
    assert sum("train" in given for given in calls) == 2
    assert "plain,5.0" in (tmp_path / "ablation.csv").read_text()


def test_the_runs_are_in_the_folder_of_the_table(tmp_path):
    (tmp_path / "show.py").write_text(
        "from core.folders import runs_folder; open('runs.txt', 'w').write(str(runs_folder()))"
    )
    ablation.call(tmp_path, "show")
    assert tmp_path / (tmp_path / "runs.txt").read_text() == tmp_path / "runs"


def test_a_command_that_fails_ends_it(tmp_path):
    with pytest.raises(SystemExit) as end:
        ablation.call(tmp_path, "core", "info", "nothing-here")
    assert end.value.code == 2
