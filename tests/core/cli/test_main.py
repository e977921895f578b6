"""The commands: their output, their files, and one sentence with status 2 for invalid input."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import draw_person
from PIL import Image

from core import presets
from core.cli.describing import ADAPTATION_IS_POSSIBLE
from core.cli.main import main, parser
from core.config import NetworkConfig
from core.inference.checkpoint import load_checkpoint
from core.inference.model import load
from core.models.network import Network
from core.search.gallery import Gallery
from core.search.k_reciprocal import KReciprocal
from core.search.reranking import adapt_gallery, centre_gallery, reorder

ROOT = Path(__file__).parents[3]


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tiny_demo(monkeypatch):
    def tiny(architecture):
        network, training = presets.demo(architecture)
        return replace(network, filters=2, descriptor=8), replace(
            training, steps=3, identities=2, images_per_identity=2
        )

    monkeypatch.setitem(presets.PRESETS, "demo", tiny)


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


def test_train_evaluate_pack_and_info(workplace, market, tiny_demo, capsys):
    assert run("train", market, "--preset", "demo", "--filters", 3, "--run", "r", "--device", "cpu") == 0
    assert "finished" in capsys.readouterr().out
    assert run("evaluate", "runs/r", market, "--json", "result.json") == 0
    result = json.loads((workplace / "result.json").read_text())
    for name in ("recall@1", "recall@5", "recall@10", "recall@20", "mAP", "mINP"):
        assert 0 <= result[name] <= 100
    assert result["probes"] == result["gallery"] == 12 and result["protocol"] == "market1501"
    assert (workplace / "runs/r/evaluations/market-market1501/result.json").exists()
    assert run("pack", "runs/r", market, "--output", "packed") == 0
    card = (workplace / "packed" / "card.md").read_text()
    assert "3 filters" in card and "market: recall@1" in card
    packed = load_checkpoint(workplace / "packed")
    assert packed.metrics["results"]["market"]["probes"] == 12 and packed.training.steps == 3
    capsys.readouterr()
    assert run("info", "packed") == 0
    assert "mr_bcnn" in capsys.readouterr().out


@pytest.mark.parametrize(
    "has_bfloat16, precision, is_printed",
    [(True, "float32", True), (True, "bfloat16", False), (False, "float32", False)],
)
def test_train_recommends_bfloat16_where_it_is_faster(
    workplace, market, tiny_demo, capsys, monkeypatch, has_bfloat16, precision, is_printed
):
    monkeypatch.setattr("core.training.hardware.cpu_has_bfloat16", lambda: has_bfloat16)
    train = ("train", market, "--preset", "demo", "--run", "r", "--device", "cpu")
    assert run(*train, "--set", f"precision={precision}") == 0
    assert ("precision=bfloat16" in capsys.readouterr().out) == is_printed
    assert run("train", market, "--run", "r", "--resume", "--device", "cpu") == 0
    assert "precision=bfloat16" not in capsys.readouterr().out  # an existing run keeps its settings


def test_pack_with_a_shorter_descriptor(workplace, market, tiny_demo, capsys):
    assert run("train", market, "--preset", "demo", "--run", "r", "--set", "pca_power=0.3", "--device", "cpu") == 0
    concentrated, last = (f"runs/r/checkpoints/{name}" for name in ("concentrated", "000003"))
    assert run("pack", concentrated, market, "--output", "packed", "--descriptor", 3, "--bytewise") == 0
    assert load(workplace / "packed").describe(np.zeros((160, 60, 3), np.uint8)).shape == (1, 3)
    assert "descriptors of 3 numbers" in (workplace / "packed" / "card.md").read_text()
    capsys.readouterr()
    assert run("pack", last, market, "--output", "other", "--descriptor", 3) == 2
    assert "are not sorted by variance" in capsys.readouterr().err and not (workplace / "other").exists()


@pytest.mark.parametrize("name", ["run", "notes", "tiny"])
@pytest.mark.parametrize(
    "command",
    [("pack", "tiny", "market"), ("join", "tiny", "run", "--data", "market"), ("convert", "net.caffemodel")],
    ids=lambda command: command[0],
)
def test_a_folder_with_files_is_not_overwritten(workplace, market, checkpoint, capsys, command, name):
    shutil.copytree(checkpoint, "tiny")  # the source itself
    for folder in ("run", "notes"):
        Path(folder).mkdir()
        Path(folder, "config.json").write_text("{}")
    before = {file: file.read_bytes() for file in Path(name).iterdir()}
    assert run(*(market if word == "market" else word for word in command), "--output", name) == 2
    assert f"{name} already holds files. Choose a new or an empty folder" in capsys.readouterr().err
    assert {file: file.read_bytes() for file in Path(name).iterdir()} == before


def test_resume_keeps_the_configuration(workplace, market, tiny_demo, capsys):
    assert run("train", market, "--preset", "demo", "--run", "r") == 0
    assert run("train", market, "--preset", "demo", "--run", "r") == 2
    assert "--resume" in capsys.readouterr().err
    assert run("train", market, "--run", "r", "--resume") == 0
    assert load_checkpoint("runs/r").network.config.filters == 2


def test_resume_refuses_other_settings(workplace, market, tiny_demo, capsys):
    """The same command with --resume is accepted."""
    train = ("train", market, "--preset", "demo", "--run", "r", "--steps", "2", "--set", "erase=0.5")
    assert run(*train) == 0 and run(*train, "--resume", "--split", "1", "--protocol", "market1501") == 0
    for given, named in (
        (("--steps", "5"), "--steps"),
        (("--seed", "3", "--init", "runs/r"), "--seed, --init"),
        (("--preset", "paper", "--set", "erase=0.1"), "--preset, --set"),
        (("--preset", "fast"), "--preset"),  # the default of other trainings
        (("--architecture", "cnn", "--filters", "9"), "--architecture, --filters"),
    ):
        assert run("train", market, "--run", "r", "--resume", *given) == 2
        assert f"keeps its settings when it is resumed, and {named} would change them" in capsys.readouterr().err


def test_resume_refuses_the_default_seed_for_a_run_with_another_one(workplace, market, tiny_demo, capsys):
    train = ("train", market, "--preset", "demo", "--run", "r", "--seed")
    assert run(*train, "3") == 0 and run(*train, "0", "--resume") == 2
    assert "and --seed would change them" in capsys.readouterr().err


def test_the_printed_command_resumes_data_whose_path_has_spaces(workplace, market, tiny_demo, capsys, monkeypatch):
    shutil.copytree(market, "my shop")
    monkeypatch.setattr("core.training.training_run.run_training", lambda *all: "stopped")
    assert run("train", "my shop", "--preset", "demo", "--run", "two words") == 2  # no checkpoint was written
    monkeypatch.setattr("core.training.run_folder.Run.best", lambda run: run.folder)
    assert run("train", "my shop", "--run", "two words", "--resume") == 0
    output = capsys.readouterr().out
    assert "resume with: python -m core train 'my shop' --run 'two words' --resume" in output


def test_embed_and_search(workplace, market, checkpoint, capsys):
    probe = workplace / "probe.png"
    draw_person(5, 1, 1).save(probe)
    assert run("embed", checkpoint, market, "--output", "described") == 0
    assert np.load("described/descriptors.npy").shape == (12, 500)
    records = pd.read_parquet("described/records.parquet")
    assert list(records) == ["path", "identity", "camera", "time"] and len(records) == 12
    assert run("search", checkpoint, "described", probe, "--top", 3, "--json", "a.json") == 0
    assert run("search", checkpoint, market, probe, "--top", 3, "--json", "b.json") == 0
    one, two = (json.loads((workplace / name).read_text()) for name in ("a.json", "b.json"))
    assert one == two and [row["rank"] for row in one] == [1, 2, 3]
    assert one[0]["path"].endswith("0005_c1s1_000501_01.png") and one[0]["score"] == pytest.approx(1, abs=1e-4)
    assert run("search", checkpoint, market, probe, probe) == 0  # several images of one person


def ranked(file):
    return [(row["path"], row["rank"]) for row in json.loads(file.read_text())]


def test_a_filter_without_images_is_a_sentence(workplace, market, checkpoint, capsys):
    draw_person(5, 1, 1).save(workplace / "probe.png")
    assert run("search", checkpoint, market, "probe.png", "--camera", 99, "--csv", "a.csv") == 0
    assert "No image of the gallery fits --camera, --identity and --between." in capsys.readouterr().out
    assert pd.read_csv("a.csv").empty


def test_search_with_filters_reranking_and_camera_options(workplace, market, checkpoint, capsys):
    probe = workplace / "probe.png"
    draw_person(5, 1, 1).save(probe)
    model = load(checkpoint)
    gallery, descriptor = Gallery.from_folder(market, model), model.describe([probe])
    assert run("search", checkpoint, market, probe, "--camera", 2, 3, "--identity", "0005", "--json", "a.json") == 0
    part = gallery.search(descriptor, 20, cameras=[2, 3], identities=["0005"])
    assert (
        ranked(workplace / "a.json") == list(zip(part["path"].map(str), part["rank"], strict=True)) and len(part) == 2
    )
    assert run("search", checkpoint, market, probe, "--rerank", "--expand", 2, "--top", 4, "--json", "b.json") == 0
    fitted = KReciprocal().fit(gallery.descriptors)
    better = reorder(gallery, gallery.search(descriptor, 12), descriptor, 2, fitted, rerank=True).head(4)
    assert ranked(workplace / "b.json") == list(zip(better["path"].map(str), better["rank"], strict=True))
    assert run("search", checkpoint, market, probe, "--centre", "--top", 4, "--json", "c.json") == 0
    moved, centring = centre_gallery(gallery)
    unknown = centring.transform(descriptor, np.array([0]))
    better = reorder(moved, gallery.search(descriptor, 12), unknown).head(4)
    assert ranked(workplace / "c.json") == list(zip(better["path"].map(str), better["rank"], strict=True))
    assert (better["order"] != better["score"]).all()
    assert run("search", checkpoint, market, probe, "--adapt", "--top", 4, "--json", "d.json") == 0
    assert "adapting" in capsys.readouterr().err  # a progress bar
    again, models = adapt_gallery(model, gallery)
    better = reorder(again, gallery.search(descriptor, 12), models.describe([probe], 0)).head(4)
    assert ranked(workplace / "d.json") == list(zip(better["path"].map(str), better["rank"], strict=True))
    assert run("search", checkpoint, market, probe, "--between", "noon", "") == 2
    assert "ISO 8601" in capsys.readouterr().err


def test_adaptation_is_measured_beside_the_model_without_it(workplace, market, checkpoint, capsys, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(workplace / "cache"))
    monkeypatch.setattr("core.galleries.adaptation.MIN_IMAGES", 8)
    copied = shutil.copytree(checkpoint, workplace / "model")
    assert run("evaluate", copied, market) == 0
    assert ADAPTATION_IS_POSSIBLE in capsys.readouterr().out
    assert run("evaluate", copied, market, "--adapt", "--json", "adapted.json") == 0
    written = json.loads((workplace / "adapted.json").read_text())
    rows = capsys.readouterr().out.rstrip().split("\n\n")[-1].splitlines()
    assert len(rows) == 3 and "statistics" in rows[0]
    for row, figures, statistics in zip(
        rows[1:], (written["without_adaptation"], written), ("of the training", "of each camera"), strict=True
    ):
        assert statistics in row and f"{figures['mAP']:.2f}" in row
    stored = list((workplace / "cache" / "mr-bcnn" / "camera-statistics").iterdir())
    assert len(stored) == 3  # for the next evaluation
    monkeypatch.setattr("core.galleries.adaptation.MIN_IMAGES", 9)
    assert run("evaluate", copied, market) == 0
    assert ADAPTATION_IS_POSSIBLE not in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["evaluate", "nowhere", "MARKET"], "no checkpoint at nowhere"),
        (["evaluate", "CHECKPOINT", "nowhere"], "no data folder nowhere"),
        (["evaluate", "CHECKPOINT", "EMPTY"], "no image in"),
        (["evaluate", "CHECKPOINT", "MARKET/query"], "without identities"),
        (["train", "EMPTY"], "no image in"),
        (["train", "MARKET/query", "--run", "x"], "without identities"),
        (["train", "MARKET", "--run", "none", "--resume"], "no run"),
        (["train", "MARKET", "--device", "tpu"], "'tpu' is not available"),
        (["search", "CHECKPOINT", "MARKET", "EMPTY/no.jpg"], "no image at"),
        (["search", "CHECKPOINT", "CHECKPOINT/config.json", "MARKET/probe.png"], "no image at"),
        (["embed", "CHECKPOINT", "EMPTY", "--output", "x.npz"], "no image in"),
        (["info", "EMPTY"], "config.json is missing"),
    ],
)
def test_invalid_input_gives_one_sentence(workplace, market, checkpoint, capsys, arguments, sentence):
    (workplace / "empty").mkdir()
    places = {"MARKET": market, "CHECKPOINT": checkpoint, "EMPTY": workplace / "empty"}
    arguments = [
        str(places[word.split("/")[0]]) + word[len(word.split("/")[0]) :] if word.split("/")[0] in places else word
        for word in arguments
    ]
    assert run(*arguments) == 2
    error = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(error) == 1 and sentence in error[0]


def commands_below(top: argparse.ArgumentParser, *names: str) -> dict[tuple[str, ...], argparse.ArgumentParser]:
    """Return a parser and the parsers of all its commands and subcommands, by their names without aliases."""
    found = {names: top}
    for action in top._actions:
        for name, sub in action.choices.items() if isinstance(action, argparse._SubParsersAction) else ():
            if sub.prog.endswith(f" {name}"):
                found |= commands_below(sub, *names, name)
    return found


def test_every_command_has_help():
    commands = commands_below(parser())
    assert {("train",), ("reproduce",), ("gallery", "add"), ("milvus", "recall")} <= commands.keys()
    for names, command in commands.items():
        assert command.description
        description = " ".join(command.description.split())
        assert description in " ".join(command.format_help().split()), names
        if names:  # the list of commands shows the first sentence
            first = re.escape(re.match(r".*?\.(?= |$)", description)[0])
            text = " ".join(commands[names[:-1]].format_help().split())
            assert len(re.findall(rf" {names[-1]}(?: \(\w+\))? {first}", text)) == 1


def test_ensemble_is_also_called_join():
    arguments = ["a", "b", "--data", "data", "--output", "out"]
    assert parser().parse_args(["join", *arguments]) == parser().parse_args(["ensemble", *arguments])


def test_every_argument_has_help():
    silent = [
        (*names, action.dest)
        for names, command in commands_below(parser()).items()
        for action in command._actions
        if not isinstance(action, argparse._SubParsersAction) and not action.help
    ]
    assert silent == []


def test_the_console_script_is_the_command_line():
    """The console script `mr-bcnn` sets the process settings before torch is imported."""
    script = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]["mr-bcnn"]
    module, function = script.split(":")
    code = (
        f"import os, sys, core.cli.main; early = 'torch' in sys.modules; from {module} import {function};"
        "sys.argv = ['mr-bcnn', 'runs', '--folder', 'nothing'];"
        f"print({function}(), os.environ['OMP_WAIT_POLICY'], early)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "0 PASSIVE False" and "There is no run in nothing" in done.stdout


@pytest.mark.parametrize("names", [(), ("pack",), ("gallery",), ("gallery", "add")], ids=" ".join)
def test_help_exits_with_status_0(names, capsys):
    with pytest.raises(SystemExit) as caught:
        parser().parse_args([*names, "--help"])
    assert caught.value.code == 0 and "usage: " + " ".join(["python -m core", *names]) in capsys.readouterr().out


def test_negative_number_of_steps_is_refused(capsys):
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(["train", "x", "--steps", "-3"])
    assert caught.value.code == 2
    assert "not a whole number above 0" in capsys.readouterr().err


def test_public_names():
    import core

    for name in core.__all__:
        assert getattr(core, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        core.nothing  # noqa: B018


def test_convert_refuses_a_git_lfs_pointer(workplace, capsys):
    (workplace / "net.caffemodel").write_text("version https://git-lfs.github.com/spec/v1\n")
    assert run("convert", "net.caffemodel", "--output", "authors") == 2
    assert "LFS" in capsys.readouterr().err


def test_train_on_an_unknown_split_creates_no_run(workplace, market, capsys):
    assert run("train", market, "--run", "r", "--split", 2) == 2
    assert "splits 1 to 1" in capsys.readouterr().err and not (workplace / "runs").exists()


def test_run_that_cannot_be_resumed_is_unchanged(workplace, market, tiny_demo, capsys):
    assert run("train", market, "--preset", "demo", "--run", "r") == 0
    for file in (workplace / "runs" / "r").glob("checkpoints/*/training.safetensors"):
        file.unlink()
    before = (workplace / "runs/r/metrics.jsonl").read_text()
    assert run("train", market, "--run", "r", "--resume") == 2
    assert "Start another run with --init" in capsys.readouterr().err
    assert (workplace / "runs/r/metrics.jsonl").read_text() == before


def test_set_changes_fields_of_the_configuration(workplace, market, tiny_demo, capsys):
    assert run("train", market, "--preset", "demo", "--run", "r", "--set", "region_size=3", "erase=0.5") == 0
    checkpoint = load_checkpoint("runs/r")
    assert (checkpoint.network.config.region_size, checkpoint.training.erase) == (3, 0.5)
    assert run("train", market, "--run", "s", "--set", "colours=1") == 2
    assert "names are architecture" in capsys.readouterr().err


def test_estimate_counts_parameters_time_and_memory(capsys):
    arguments = [
        "estimate",
        "--architecture",
        "cnn",
        "--filters",
        "2",
        "--steps",
        "70",
        "--set",
        "identities=2",
        "descriptor=8",
    ]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    network = Network(NetworkConfig("cnn", 2, descriptor=8, batch_norm=True))
    parameters = sum(value.numel() for value in network.parameters())
    assert found["parameters"] == parameters and found["images"] == 70 * 8
    assert found["seconds"] == pytest.approx(70 * found["seconds_a_step"]) and found["memory"] > 0.1
    assert main(arguments) == 0
    assert f"{parameters:,} parameters" in capsys.readouterr().out


def test_explain_writes_contributions_that_sum_to_the_score(workplace, checkpoint, market, capsys):
    probe, match = sorted((market / "query").iterdir())[:2]
    for gallery, name, images in (([], "nothing", 0), (["--gallery", market], "average image", 12)):
        assert run("explain", checkpoint, probe, match, "--output", "why.json", *gallery) == 0
        found = json.loads((workplace / "why.json").read_text())
        one, two = load(checkpoint).describe([probe, match])
        assert found["score"] == pytest.approx(float(one @ two), abs=1e-5)
        assert sum(term["value"] for term in found["terms"]) == pytest.approx(float(one @ two), abs=1e-5)
        assert found["reference"]["name"] == name and len(found["reference"]["images"]) == images
        assert [found[key] for key in ("checkpoint", "probe", "match")] == [str(checkpoint), str(probe), str(match)]
        assert f"why.json: score {found['score']:.4f}" in capsys.readouterr().out


def test_explain_draws_a_print_figure(workplace, checkpoint, market):
    probe, match = sorted((market / "query").iterdir())[:2]
    assert run("explain", checkpoint, probe, match, "--output", "why.PNG") == 0
    with Image.open(workplace / "why.PNG") as figure:
        assert figure.size == (2100, 1800) and figure.mode == "RGBA"
        assert figure.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_explain_refuses_invalid_input_in_one_sentence(workplace, checkpoint, market, capsys):
    image = next((market / "query").iterdir())
    broken = workplace / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 and no more")
    (workplace / "empty").mkdir()
    for arguments, words in (
        ((checkpoint, image, image, "--output", "why.bmp"), "should end in .png"),
        ((checkpoint, image, image, "--output", "none/why.png"), "There is no folder none"),
        ((checkpoint, image, "none.jpg", "--output", "why.png"), "There is no image at none.jpg"),
        ((checkpoint, broken, image, "--output", "why.png"), "broken.jpg"),
        ((checkpoint, workplace / "empty", image, "--output", "why.png"), "is a folder, not an image"),
        (("none", image, image, "--output", "why.json"), "There is no checkpoint at none"),
        ((checkpoint, image, image, "--output", "why.png", "--gallery", "none"), "none"),
        ((checkpoint, image, image, "--output", "why.png", "--gallery", workplace / "empty"), "empty"),
    ):
        assert run("explain", *arguments) == 2
        error = capsys.readouterr().err
        assert error.startswith("error: ") and words in error and error.count("\n") == 1
    assert not (workplace / "why.png").exists() and not (workplace / "why.json").exists()


def test_estimate_of_one_step_is_measured(capsys):
    assert run("estimate", "--filters", 2, "--set", "identities=2", "pictures=2", "--steps", 1, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["steps"] == 1 and found["seconds"] == found["seconds_a_step"] > 0


def test_closed_pipe_ends_a_command_silently(checkpoint):
    """The same as `python -m core info CHECKPOINT | true`."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "core", "info", str(checkpoint)]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("script", "program"), [("/venv/bin/mr-bcnn", "mr-bcnn"), ("core/__main__.py", "python -m core")]
)
def test_help_names_the_program_as_it_was_called(script, program, monkeypatch):
    monkeypatch.setattr("sys.argv", [script])
    assert parser().format_help().startswith(f"usage: {program} ") and f"`{program} COMMAND" in parser().format_help()
