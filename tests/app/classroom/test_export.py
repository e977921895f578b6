"""The classroom page: its files, its size, its packs, and no address of another server."""

import json
import re
import zlib

import numpy as np
import pytest
from conftest import draw_person, untrained

from app.classroom import __main__ as command
from app.classroom.bundle import PAGE, bundle
from app.classroom.export import MAX_BYTES, export_page
from app.classroom.network import network_arrays
from app.classroom.pack import FIRST_CHARACTER, pack_script, smallest, to_text
from core.errors import UserError

PACK = re.compile(r'^\ufeffreceive\("(\w+)",(\d+),"([^"]*)"\)\n$')


def read_pack(script: bytes) -> tuple[str, dict, bytes]:
    """Name, header and data of a pack, by another way than the page's."""
    name, length, text = PACK.match(script.decode("utf-16-le")).groups()
    bits = "".join(f"{ord(character) - FIRST_CHARACTER:015b}" for character in text)
    packed = bytes(int(bits[at : at + 8], 2) for at in range(0, 8 * int(length), 8))
    data = zlib.decompress(packed, zlib.MAX_WBITS + 16)
    end = 4 + int.from_bytes(data[:4], "little")
    return name, json.loads(data[4:end]), data[end:]


@pytest.fixture(scope="module")
def page(market, checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page") / "lesson"
    size = export_page(folder, market, checkpoint)
    assert size == sum(path.stat().st_size for path in folder.iterdir())
    return folder


def test_all_files_that_the_page_names_are_there(page):
    html = (page / "index.html").read_text()
    named = set(re.findall(r'(?:src|href)="([^"#:]+)"', html)) | {
        f"{name}.js" for name in ("ranking", "images", "network")
    }
    assert named == {path.name for path in page.iterdir()} - {"index.html"}
    anchors = set(re.findall(r'href="#(\w+)"', html))
    assert anchors <= set(re.findall(r'id="(\w+)"', html))


def test_the_page_names_no_other_server(page):
    for name in ("index.html", "style.css", "classroom.js"):
        text = (page / name).read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//\w+\.\w+/|@import|\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon", text)


def test_a_pack_keeps_names_and_numbers():
    halves, bytes_ = np.array([[1.5, -2.0]], np.float16), np.frombuffer(b"\x00\xff\x22\\\n", np.uint8)
    name, header, data = read_pack(pack_script("some", {"halves": halves, "bytes": bytes_}, {"text": "\u2028"}))
    assert name == "some" and header["about"] == {"text": "\u2028"}
    assert header["arrays"] == [
        {"name": "halves", "type": "float16", "shape": [1, 2]},
        {"name": "bytes", "type": "uint8", "shape": [5]},
    ]
    low, high = halves.tobytes()[::2], halves.tobytes()[1::2]
    assert data == low + high + bytes_.tobytes()


def test_text_holds_15_bits_a_character():
    assert to_text(b"\x00\x00\x00\x07\xff") == "\u4000\u4001\ubfe0"


def test_half_precision_only_where_nothing_changes():
    assert smallest(np.float32([0.5])).dtype == np.float16
    assert smallest(np.float32([0.1])).dtype == np.float32


def test_the_script_is_one_function_without_modules():
    text = bundle()
    assert not re.search(r"^(import|export) ", text, re.M)
    names = re.findall(r"^(?:async )?(?:function|class|const|let) (\w+)", text, re.M)
    assert len(names) == len(set(names)) > 50
    assert all(path.read_text().splitlines()[0] in text for path in PAGE.glob("*.js"))  # the comment at its top


def test_other_files_are_not_overwritten(market, checkpoint, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        export_page(tmp_path, market, checkpoint)


def test_a_page_that_is_too_large_is_not_written(market, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr("app.classroom.export.MAX_BYTES", 1000)
    with pytest.raises(UserError, match="limit"):
        export_page(tmp_path / "page", market, checkpoint)
    assert not (tmp_path / "page").exists() and MAX_BYTES <= 12_000_000


def test_networks_that_the_page_cannot_compute_are_refused():
    with pytest.raises(UserError, match="multiple of 4 filters"):
        network_arrays(untrained(filters=3, normalise_regions=True).network, "small")
    with pytest.raises(UserError, match="Use a network"):
        network_arrays(untrained("cnn", filters=4, normalise_regions=True).network, "cnn")


def test_the_command_says_in_a_sentence_what_is_wrong(tmp_path, capsys, monkeypatch):
    (tmp_path / "thesis.txt").write_text("mine")
    assert command.main(["--output", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err
    monkeypatch.setenv("MR_BCNN_CHECKPOINTS", str(tmp_path / "gone"))
    assert command.main(["--output", str(tmp_path / "page")]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_folder_that_cannot_be_written_gives_a_sentence(market, checkpoint, tmp_path, capsys, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MR_BCNN_DATA", str(market))
    monkeypatch.setenv("MR_BCNN_CHECKPOINTS", str(checkpoint.parent))
    monkeypatch.setattr(command, "EXPLAINED_MODEL", checkpoint.name)
    assert command.main(["--output", str(tmp_path / "file" / "page")]) == 2
    assert re.fullmatch(r"error: Not a directory: .*/file/page\n", capsys.readouterr().err)


def test_names_are_unique_and_only_rendered_people_are_called_computer_generated(checkpoint, tmp_path):
    for person in (1, 2):
        (tmp_path / "data" / str(person)).mkdir(parents=True)
        for shot in (1, 2):
            draw_person(person, 1, shot).save(tmp_path / "data" / str(person) / f"{shot}.png")
    about = {}
    for kind in ("photographs", "rendered"):
        if kind == "rendered":
            (tmp_path / "data" / "rendering.json").write_text("{}")
        export_page(tmp_path / kind, tmp_path / "data", checkpoint)
        about[kind] = read_pack((tmp_path / kind / "ranking.js").read_bytes())[1]["about"]
    names = about["photographs"]["gallery"]["names"]
    assert len(set(names)) == 4 and set(about["photographs"]["probes"]["names"]) <= set(names)
    assert not about["photographs"]["isComputerGenerated"] and about["rendered"]["isComputerGenerated"]


def test_the_cameras_of_a_probes_place_are_ignored(checkpoint, tmp_path):
    for camera in (1, 2, 3):
        (tmp_path / "data" / "1").mkdir(parents=True, exist_ok=True)
        draw_person(1, camera, 1).save(tmp_path / "data" / "1" / f"c{camera}.png")
    rules = "[cameras]\nplaces = [[1, 2]]\n[[images]]\npattern = '(?P<identity>\\d)/c(?P<camera>\\d).png'\n"
    (tmp_path / "data" / "dataset.toml").write_text(rules)
    export_page(tmp_path / "page", tmp_path / "data", checkpoint)
    about = read_pack((tmp_path / "page" / "ranking.js").read_bytes())[1]["about"]
    expected = {1: [1, 2], 2: [1, 2], 3: [3]}
    assert about["ignoredCameras"] == [expected[camera] for camera in about["probes"]["cameras"]]
