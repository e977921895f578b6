"""A saved data set is read from its file, wherever its images are."""

import re
from pathlib import Path

import pytest
from PIL import Image

from core.cli.main import main
from core.data.datasets import read_dataset
from core.data.folder_scan import scan_folder
from core.data.inspection import find_examples, inspect_dataset
from core.data.labels import label_images
from core.data.presets import list_presets
from core.data.rule_editing import rules_content
from core.data.rule_files import make_rules
from core.data.rule_trial import find_rules, try_rules
from core.data.saved_datasets import delete_dataset, list_datasets, save_dataset
from core.errors import UserError
from core.galleries.adding import add_folder
from core.galleries.catalog import create_gallery
from core.galleries.sources import list_sources, read_source
from core.json_file import read_json

CONTENT = {"images": [{"pattern": r"shots/p(?P<identity>\d+)_c(?P<camera>\d)_\d\.png"}]}


@pytest.fixture
def images(tmp_path) -> Path:
    folder = tmp_path / "images"
    (folder / "shots").mkdir(parents=True)
    for identity in (1, 2, 3):
        for camera in (1, 2):
            Image.new("RGB", (6, 16)).save(folder / f"shots/p{identity}_c{camera}_0.png")
    return folder


def test_a_data_set_is_saved_listed_read_and_deleted(images, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "saved"
    file = save_dataset("kiosk", CONTENT, images.relative_to(tmp_path), root)
    assert list_datasets(root) == {"kiosk": file}
    monkeypatch.chdir("/")
    dataset = read_dataset(file)
    assert dataset.name == "kiosk" and len(dataset.train) == 6 and dataset.root == images
    assert read_dataset(dataset.source).train == dataset.train
    delete_dataset("kiosk", root)
    assert list_datasets(root) == {} and images.is_dir()
    with pytest.raises(UserError, match="no data set kiosk"):
        delete_dataset("kiosk", root)


def test_a_name_in_use_is_replaced_only_on_demand(images, tmp_path):
    file = save_dataset("kiosk", CONTENT, images, tmp_path)
    with pytest.raises(UserError, match="already"):
        save_dataset("kiosk", CONTENT, images, tmp_path)
    save_dataset("kiosk", CONTENT | {"junk": ["3"]}, images, tmp_path, replace=True)
    assert len(read_dataset(file).train) == 4


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden"])
def test_an_invalid_name_is_refused(images, tmp_path, name):
    with pytest.raises(UserError, match="cannot be a data set's name"):
        save_dataset(name, CONTENT, images, tmp_path / "saved")
    assert list_datasets(tmp_path / "saved") == {}


def test_invalid_rules_leave_no_file(images, tmp_path):
    for content in ({"images": [{"pattern": "("}]}, CONTENT | {"cameras": {"places": [1, 2]}}):
        with pytest.raises(UserError, match="The file of rules, "):
            save_dataset("kiosk", content, images, tmp_path / "saved")
    assert list((tmp_path / "saved").iterdir()) == []
    with pytest.raises(UserError, match="places"):
        make_rules(CONTENT | {"cameras": {"places": [[]]}}, tmp_path)


def test_a_gallery_takes_its_images_from_a_saved_data_set(images, tmp_path, checkpoint):
    file = save_dataset("kiosk", CONTENT, images, tmp_path / "saved")
    records, notes = label_images(file)
    assert [(record.identity, record.camera) for record in records][:2] == [("1", 1), ("1", 2)] and notes
    gallery = create_gallery("kiosk", tmp_path / "galleries", checkpoint)
    add_folder(gallery, file)
    (source,) = list_sources(gallery)
    assert read_source(gallery, source)[0] == records
    delete_dataset("kiosk", tmp_path / "saved")
    with pytest.raises(UserError):  # not "no images any more", which would empty the gallery
        read_source(gallery, source)


def test_a_saved_data_set_is_inspected_and_evaluated(market, checkpoint, tmp_path, capsys):
    content = rules_content(list_presets()["market1501"])
    file = save_dataset("station", content, market, tmp_path / "saved")
    assert main(["data", "inspect", str(file)]) == 0
    assert read_dataset(market).report().splitlines()[1:4] == capsys.readouterr().out.splitlines()[1:4]
    assert main(["evaluate", str(checkpoint), str(file)]) == 0
    saved = Path(re.search("^saved in (.*)$", capsys.readouterr().out, re.M)[1])
    result = read_json(saved / "result.json")
    assert (result["data"], result["layout"], result["protocol"]) == ("station", "market1501", "market1501")


def test_the_rules_of_a_data_set_are_found(images, market, tmp_path):
    file = save_dataset("kiosk", CONTENT, images, tmp_path / "saved")
    for path in (file, f"{images}::{file}"):
        assert find_rules(Path(path), read_dataset(path)).images == make_rules(CONTENT, file).images
    assert find_rules(market, read_dataset(market)) == list_presets()["market1501"]
    assert find_rules(market / "query", read_dataset(market / "query")) is None  # a flat folder
    (images / "dataset.toml").write_text(file.read_text())
    assert find_rules(images, read_dataset(images)).images == make_rules(CONTENT, file).images


def test_a_trial_counts_the_images_that_fit(images):
    trial = try_rules(CONTENT | {"junk": ["3"]}, images, scan_folder(images))
    assert (trial.images, trial.fitting, trial.skipped, trial.unmatched) == (6, 6, 2, [])
    one = {"images": [{"pattern": r"shots/p(?P<identity>1)_c\d_\d\.png"}]}
    trial = try_rules(one, images, scan_folder(images))
    assert trial.fitting == 2 and trial.unmatched[0] == "shots/p2_c1_0.png" and len(trial.dataset.train) == 2


def test_an_inspection_counts_as_the_report_does(market):
    dataset = read_dataset(market)
    found = inspect_dataset(dataset)
    for part, count in found.counts.items():
        assert f"  {part:8}{count.images:,} images, {count.identities:,} identities" in dataset.report()
    assert dataset.report().count(" images, ") == len(found.counts)
    assert [f"  {finding}" for finding in found.findings] == dataset.report().splitlines()[4:]


def test_few_identities_have_several_examples(images):
    assert len(find_examples(read_dataset(images))) == 6  # of three identities
