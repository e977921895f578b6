"""`data inspect` shows how a data set is read; `--rules` and `--yes` say it for all commands."""

from pathlib import Path

import pytest
from PIL import Image

from core.cli.main import main
from core.data.datasets import read_dataset
from core.data.rule_files import read_rules
from core.galleries.catalog import stored_gallery


@pytest.fixture
def unknown(tmp_path, market):
    """A folder of an unknown layout: train/0001/a.png, ..."""
    for number, path in enumerate(sorted((market / "query").iterdir())):
        target = tmp_path / "unknown" / ("train" if number % 2 else "test") / path.name[:4] / path.name[5:]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return tmp_path / "unknown"


def test_inspect_shows_counts_examples_and_a_sheet(market, tmp_path, capsys):
    assert main(["data", "inspect", str(market), "--sheet", str(tmp_path / "sheet.png")]) == 0
    printed = capsys.readouterr().out
    assert "layout market1501" in printed and "24 images, 4 identities, 3 cameras" in printed
    assert "bounding_box_train/0001_c1s1" in printed and "identity 0001, camera 1" in printed
    assert Image.open(tmp_path / "sheet.png").width > 300


def test_inspect_shows_a_guess_and_writes_its_rules(unknown, tmp_path, capsys):
    assert main(["data", "inspect", str(unknown), "--write", str(tmp_path / "rules.toml")]) == 0
    printed = capsys.readouterr().out
    assert "layout guess" in printed and "A guess: test/" in printed and "--yes" in printed
    assert len(read_rules(tmp_path / "rules.toml").images) == 1
    by_rules = read_dataset(unknown, tmp_path / "rules.toml")
    assert by_rules.train and by_rules.query


def test_inspect_overwrites_no_file(unknown, market, tmp_path, capsys):
    file = tmp_path / "rules.toml"
    file.write_text("mine")
    for data in (unknown, market):
        assert main(["data", "inspect", str(data), "--write", str(file)]) == 2
        assert "rules.toml exists already" in capsys.readouterr().err and file.read_text() == "mine"


def test_commands_need_rules_or_yes_for_a_guess(unknown, checkpoint, tmp_path, capsys):
    command = ["embed", str(checkpoint), str(unknown), "--output", str(tmp_path / "out")]
    assert main(command) == 2
    assert "accept the guess with --yes" in capsys.readouterr().err and not (tmp_path / "out").exists()
    assert main([*command, "--yes"]) == 0
    assert "layout guess" in capsys.readouterr().out
    main(["data", "inspect", str(unknown), "--write", str(tmp_path / "rules.toml")])
    assert main([*command[:-1], str(tmp_path / "again"), "--rules", str(tmp_path / "rules.toml")]) == 0
    assert (tmp_path / "again" / "descriptors.npy").exists()


def test_several_data_sets_give_one_table(market, checkpoint, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("MR_BCNN_RUNS", str(tmp_path / "runs"))
    other = tmp_path / "other"
    other.symlink_to(market)
    output = tmp_path / "figures.json"
    assert main(["evaluate", str(checkpoint), str(market), str(other), "--json", str(output)]) == 0
    table = capsys.readouterr().out.rpartition("\n\n")[2].splitlines()
    assert table[0].split() == ["data", "recall@1", "recall@5", "recall@10", "mAP", "mINP", "probes", "gallery"]
    assert len(table) == 3 and {line.split()[-1] for line in table[1:]} == {"12"}
    assert str(other) in output.read_text()


def test_presets_are_listed(capsys):
    assert main(["data", "presets"]) == 0
    assert "msmt17               MSMT17" in capsys.readouterr().out


def test_a_gallery_is_labelled_by_rules(unknown, checkpoint, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("MR_BCNN_GALLERIES", str(tmp_path / "galleries"))
    command = ["gallery", "add", "mine", str(unknown), "--model", str(checkpoint)]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert "accept the guess with --yes" in error and "`--labels none` adds the images" in error
    assert main([*command, "--yes"]) == 0
    by_guess = stored_gallery(Path("mine")).records()
    assert set(by_guess["identity"]) <= {path.name for path in (unknown / "test").iterdir()}  # probes are not in it
    rules = tmp_path / "rules.toml"
    rules.write_text("[[images]]\nsplit = 'gallery'\npattern = '(train|test)/(?P<identity>[^/]+)/.*'\n")
    assert main([*command, "--rules", str(rules)]) == 0
    gallery = stored_gallery(Path("mine"))
    assert len(gallery.records()) > len(by_guess) and len(gallery.read()["sources"]) == 1
    (tmp_path / "a.zip").write_bytes(b"")
    assert main(["gallery", "add", "mine", str(tmp_path / "a.zip"), "--yes"]) == 2
    assert "unpack a.zip first" in capsys.readouterr().err
