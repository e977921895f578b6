"""The README and the guides: their Python runs as it stands, and their commands are ones that the program knows.

Python runs in a folder where small things have the names that it uses.
"""

import argparse
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import draw_person

import core
from core.cli.main import main, parser
from core.config import NetworkConfig, TrainingConfig
from core.config_values import set_fields
from core.errors import UserError
from core.inference.onnx_export import export_onnx

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def read(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def blocks(document: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", read(ROOT / document), re.S)


# the Python of the documents


@pytest.fixture
def workplace(market, checkpoint, tmp_path, monkeypatch):
    shutil.copytree(checkpoint, tmp_path / "checkpoints" / "pedestrians-mr_bcnn")
    shutil.copytree(market, tmp_path / "assets" / "pedestrians")
    for name in ("probe.jpg", "match.jpg", "front.jpg", "back.jpg", "my_gallery/1.jpg", "my_gallery/2.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        draw_person(5, 1, len(name)).save(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MR_BCNN_GALLERIES", str(tmp_path / "galleries"))
    return tmp_path


def test_every_block_is_run_by_a_test():
    run = {"README.md": 1, "docs/notebook.md": 2, "docs/onnx.md": 1, "docs/galleries.md": 2, "docs/explanations.md": 1}
    elsewhere = {"docs/milvus.md": 1, "docs/http-api.md": 1}  # the latter by tests/app/test_gradio_app.py
    names = [str(document.relative_to(ROOT)) for document in DOCUMENTS]
    assert {name: len(blocks(name)) for name in names if blocks(name)} == run | elsewhere


def test_the_quick_start(workplace):
    names = {}
    exec(blocks("README.md")[0], names)
    ranking = names["ranking"]
    assert len(ranking) == 10 and ["rank", "score", "path", "identity", "camera"] == list(ranking)[:5]


def test_galleries(workplace):
    search = ("gallery", "add", "station", "my_gallery", "--model", "checkpoints/pedestrians-mr_bcnn")
    assert main([*search, "--labels", "none", "--device", "cpu"]) == 0
    names = {}
    first, second = blocks("docs/galleries.md")
    exec(first, names)
    assert names["probe"].shape == (2, 500)
    assert len(names["gallery"].search(names["probe"], top=10)) == 2
    exec(second, names)


def test_in_a_notebook(workplace):
    names = {}
    first, second = blocks("docs/notebook.md")
    exec(first, names)
    probes, ranking = names["probes"], names["ranking"]
    assert len(probes) == 12 and {"path", "identity", "camera", "d0", "d499"} <= set(probes)
    np.testing.assert_allclose((probes.filter(regex=r"^d\d+$") ** 2).sum(axis=1), 1, atol=1e-4)
    assert len(ranking) == 10 and ranking["true_match"].tolist() == (ranking["identity"] == "0005").tolist()
    assert 0 < names["figures"]["mAP"] <= 100 and names["report"].probes["camera"].nunique() == 3
    names["images"] = (draw_person(number, 1, 0) for number in range(3))
    exec(second, names)
    assert names["batch"].shape == (3, 500)


def test_without_torch(workplace):
    model = core.load("checkpoints/pedestrians-mr_bcnn", "cpu")
    export_onnx(model, "model.onnx", preprocess=True)
    names = {}
    exec(blocks("docs/onnx.md")[0], names)
    np.testing.assert_allclose(names["descriptors"], model.describe("probe.jpg"), atol=1e-4)


def test_explanations(workplace):
    names = {"core": core, "model": core.load("checkpoints/pedestrians-mr_bcnn", "cpu")}
    exec(blocks("docs/explanations.md")[0], names)
    assert names["why"].terms.shape == (28, 28)
    assert names["why"].score == pytest.approx(names["why"].terms.sum())


@pytest.mark.server
@pytest.mark.xdist_group("milvus")
def test_milvus(workplace, milvus):
    model = core.load("checkpoints/pedestrians-mr_bcnn", "cpu")
    names = {"gallery": core.Gallery.from_folder("assets/pedestrians", model), "probe": model.describe("probe.jpg")}
    exec(blocks("docs/milvus.md")[0].replace("http://host:19530", milvus.uri), names)
    assert len(names["station"].search(names["probe"], top=3)) == 3


def test_the_reference_has_every_public_name():
    listed = re.findall(r"^::: core\.[\w.]+\.(\w+)$", read(ROOT / "docs" / "api.md"), re.M)
    assert set(core.__all__) <= set(listed)


# the commands of the documents

STARTS = ("python -m core ", "mr-bcnn ", "-m -- core ")


def find_commands(text: str) -> list[str]:
    """The arguments of each command of ours in a document's code blocks and code spans."""
    text = re.sub(r"\s*\\\n\s*", " ", re.sub(r"```.*?```", "", text, flags=re.S))  # one line a command
    blocks = [line.split(" # ")[0] for line in text.split("\n") if line.startswith("    ") and "`" not in line]
    spans = [re.sub(r"\s+", " ", span) for span in re.findall(r"`([^`]+)`", text)]
    found = []
    for line in blocks + spans:
        for start in STARTS:
            if start in line:
                found.append(line.split(start, 1)[1].strip())
                break
    return found


def is_known(command: str) -> bool:
    """Whether the program's parser takes a command, and its configuration the names and values of --set."""
    try:
        options = parser().parse_args(shlex.split(command))
        settings = getattr(options, "set", None) or []
        set_fields((NetworkConfig(), TrainingConfig()), [each for each in settings if not each.endswith("=NAME")])
    except (SystemExit, UserError):
        return False
    return True


def test_an_unknown_command_is_found():
    assert is_known("train DATA --set filters=2") and not is_known("train DATA --set nothing=2")
    assert not is_known("train DATA --nothing") and not is_known("nothing")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_are_known(document):
    assert [command for command in find_commands(read(document)) if not is_known(command)] == []


def all_options(known: argparse.ArgumentParser) -> set[str]:
    names = set()
    for action in known._actions:
        names |= set(action.option_strings)
        if isinstance(action, argparse._SubParsersAction):
            names |= set().union(*map(all_options, action.choices.values()))
    return names


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_options_are_known(document):
    """Options that a sentence names, as `--centre`; the renderer and pip have some of their own."""
    others = {"--vary", "--seed", "--train", "--test", "--sites", "--jobs", "--distractors", "--no-deps", "--strict"}
    named = {span.split()[0] for span in re.findall(r"`(--[a-z][^`]*)`", read(document))}
    assert named - others <= all_options(parser())
    for setting in re.findall(r"`--set ([a-z_]+=[\w.]+)`", read(document)):
        set_fields((NetworkConfig(), TrainingConfig()), [setting])


def test_commands_are_found():
    text = (
        "    python -m core search CHECKPOINT GALLERY probe.jpg   # a remark\n"
        "    mr-bcnn evaluate CHECKPOINT \\\n        DATA --flip\n"
        "    torchrun --nproc-per-node 4 -m -- core train DATA\nA sentence with `python -m core\ninfo CHECKPOINT`.\n"
    )
    expected = ["search CHECKPOINT GALLERY probe.jpg", "evaluate CHECKPOINT DATA --flip", "train DATA"]
    assert find_commands(text) == [*expected, "info CHECKPOINT"]
