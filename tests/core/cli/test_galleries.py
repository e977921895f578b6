"""The commands `python -m core gallery`, and `search` in the galleries that they create."""

import json
import re
from zipfile import ZipFile

import pytest
from conftest import draw_person

from core.cli.main import main
from core.galleries.catalog import find_gallery
from core.inference.checkpoint import Checkpoint, save_checkpoint
from core.models.network import build_network


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


def test_create_search_change_and_delete_a_gallery(workplace, market, checkpoint, capsys):
    assert run("gallery", "list") == 0
    assert "no gallery in galleries" in capsys.readouterr().out
    assert run("gallery", "add", "mine", market, "--model", checkpoint) == 0
    assert "mine: finished, 12 images, 0 files skipped" in capsys.readouterr().out
    for number, name in enumerate(("a.png", "b.png")):
        draw_person(20 + number, 1, 0).save(workplace / name)
    (workplace / "c.png").write_text("no image")
    with ZipFile("z.zip", "w") as archive:
        archive.write("a.png", "eva/a.png")
    assert run("gallery", "add", "mine", "z.zip", "--labels", "folder") == 0
    assert run("gallery", "add", "mine", "b.png", "c.png", "--labels", "none") == 0
    assert re.search(
        r"skipped: .*c.png: .* is not an image.*\nmine: finished, 14 images, 1 file skipped", capsys.readouterr().out
    )
    assert run("search", checkpoint, "mine", "a.png", "--top", 1, "--json", "found.json") == 0
    found = json.loads((workplace / "found.json").read_text())[0]
    assert found["path"].endswith("eva/a.png") and found["identity"] == "eva"
    assert run("search", checkpoint, "galleries/mine", "a.png", "--top", 1) == 0  # by its folder
    assert run("gallery", "update", "mine") == 0
    capsys.readouterr()
    assert run("gallery", "info", "mine", "--near", "--json", "info.json") == 0
    output = capsys.readouterr().out
    for text in (
        "mine: finished",
        "model tiny",
        "source 2: zip",
        "labels folder",
        "14 images",
        "1 file is skipped",
    ):
        assert text in output
    info = json.loads((workplace / "info.json").read_text())
    assert info["health"]["images"] == 14 and info["progress"]["state"] == "finished" and len(info["sources"]) == 3
    assert run("gallery", "remove", "mine", 3) == 0
    assert run("gallery", "rename", "mine", "yours") == 0
    capsys.readouterr()
    assert run("gallery", "list") == 0
    assert re.fullmatch(r"yours +13 images  tiny +finished\n", capsys.readouterr().out)
    assert run("gallery", "delete", "yours") == 0
    assert run("search", checkpoint, "yours", "a.png") == 2
    assert not list((workplace / "galleries").glob("*/"))


def test_images_are_relabelled_tagged_removed_and_reset(workplace, market, checkpoint, capsys):
    for folder in ("one", "two"):
        (workplace / folder).mkdir()
        for number, name in enumerate(("a.png", f"{folder}.png")):
            draw_person(number, 1, 0).save(workplace / folder / name)
    assert run("gallery", "add", "mine", "one", "two", "--model", checkpoint, "--labels", "none") == 0
    gallery = find_gallery("mine")

    def labels() -> list:
        rows = gallery.records()
        return sorted(zip(rows["path"].str.rpartition("/")[2], rows["identity"], rows["camera"], strict=True))

    everything = [("a.png", "", 0), ("a.png", "", 0), ("one.png", "", 0), ("two.png", "", 0)]
    assert labels() == everything
    capsys.readouterr()
    assert run("search", checkpoint, "mine", "one/a.png", "--top", 1, "--json", "found.json") == 0
    path = json.loads((workplace / "found.json").read_text())[0]["path"]  # as search prints it
    assert run("gallery", "relabel", "mine", path, "one.png", "--identity", "anna", "--camera", 2) == 0
    assert labels() == [("a.png", "", 0), ("a.png", "anna", 2), ("one.png", "anna", 2), ("two.png", "", 0)]
    assert run("gallery", "tag", "mine", "two.png", "one/a.png", "--tags", "dark", "front") == 0
    assert "tags of mine: dark (2), front (2)\n" in capsys.readouterr().out
    assert run("gallery", "tag", "mine", "two.png", "--tags") == 0
    assert "tags of mine: dark (1), front (1)\n" in capsys.readouterr().out
    assert run("gallery", "remove-images", "mine", "one.png", "two/a.png") == 0
    assert labels() == [("a.png", "anna", 2), ("two.png", "", 0)]
    assert run("gallery", "reset", "mine", "one.png", "one/a.png", "two/a.png") == 0
    assert labels() == everything and (workplace / "one/one.png").exists()
    for arguments, sentence in (
        (["relabel", "mine", "a.png", "--camera", 1], "2 images of mine are named a.png. Give the path"),
        (["relabel", "mine", "one.png"], "Give --identity, --camera or both."),
        (["relabel", "mine", "one.png", "--camera", -1], "The camera must be a number"),
        (["tag", "mine", "gone.png", "--tags", "x"], "The gallery mine has no image gone.png."),
        (["remove-images", "mine", "one.png", "gone.png"], "The gallery mine has no image gone.png."),
        (["reset", "nobody", "one.png"], "There is no gallery nobody"),
    ):
        capsys.readouterr()
        assert run("gallery", *arguments) == 2
        assert sentence in capsys.readouterr().err and labels() == everything


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["add", "new", "MARKET"], "There is no gallery new. `--model CHECKPOINT` creates one"),
        (["add", "new", "nowhere", "--model", "CHECKPOINT"], "no folder"),
        (["add", "new", "nowhere.zip", "--model", "CHECKPOINT"], "There is no zip file"),
        (["add", "new", "nowhere.png", "--model", "CHECKPOINT"], "nowhere.png"),
        (["add", "new", "MARKET", "--model", "nowhere"], "no checkpoint at nowhere"),
        (["add", "../new", "MARKET", "--model", "CHECKPOINT"], "cannot be a gallery's name"),
        (["add", "new", "MARKET", "--model", "CHECKPOINT", "--csv", "no.csv"], "There is no table"),
        (["update", "nobody"], "There is no gallery nobody"),
        (["info", "nobody"], "There is no gallery nobody"),
        (["rename", "nobody", "x"], "There is no gallery nobody"),
        (["delete", "nobody"], "There is no gallery nobody"),
        (["stop", "nobody"], "There is no gallery nobody"),
        (["remove", "nobody", "1"], "There is no gallery nobody"),
    ],
)
def test_invalid_input_gives_one_sentence_and_creates_nothing(
    workplace, market, checkpoint, capsys, arguments, sentence
):
    known = {"MARKET": market, "CHECKPOINT": checkpoint}
    assert run("gallery", *(known.get(argument, argument) for argument in arguments)) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
    assert not list((workplace / "galleries").glob("*/gallery.json"))


def test_search_with_another_model_names_the_command_that_indexes_the_gallery(workplace, market, checkpoint, capsys):
    other = workplace / "other"
    save_checkpoint(Checkpoint(build_network("cnn", filters=3, descriptor=20)), other)
    probe = next(market.glob("query/*"))
    assert run("gallery", "add", "mine", market, "--model", checkpoint) == 0
    assert run("gallery", "stop", "mine") == 2 and "it is finished" in capsys.readouterr().err
    assert run("search", other, "mine", probe) == 2
    command = re.search(r"`python -m core (.*?)`", capsys.readouterr().err)[1]
    assert command == f"gallery update mine --model {other}"
    assert run(*command.split()) == 0
    assert run("search", other, "mine", probe) == 0
