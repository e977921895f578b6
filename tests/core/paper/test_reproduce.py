"""Experiments on tiny data: missing runs are trained, finished runs are used, and rows are added to the table."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from benchmarks import write_cuhk01, write_cuhk03_folder, write_cuhk03_mat

from core import presets
from core.cli.main import main
from core.cli.reproduce import EXPERIMENTS as NAMED
from core.data.datasets import read_dataset
from core.errors import UserError
from core.evaluation.uncertainty import TOO_FEW
from core.inference.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from core.json_file import write_json
from core.models.network import Network
from core.paper import reproduce
from core.paper.experiments import EXPERIMENTS, find_data, label, plan
from core.training.run_folder import Run

pytestmark = pytest.mark.slow


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Reduce the presets to a few steps of a tiny network."""
    for name in ("fast", "demo"):
        preset = presets.PRESETS[name]

        def reduced(architecture, preset=preset):
            network, training = preset(architecture)
            return replace(network, filters=2, descriptor=8), replace(
                training, steps=2, identities=2, images_per_identity=2
            )

        monkeypatch.setitem(presets.PRESETS, name, reduced)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cuhk03(tmp_path):
    sets = [[(1, 1), (2, 1)], [(1, 2), (1, 4)], [(1, 3)], [(1, 1)], [(2, 2)]]
    return write_cuhk03_mat(tmp_path / "cuhk03" / "cuhk-03.mat", people=(6, 4, 1, 1, 1), test_sets=sets).parent


def test_command_line_lists_all_experiments():
    others = {"zero-shot", "agreement", "variants", "baselines", "improved-deep"}  # these train none of its networks
    assert set(NAMED) == {*EXPERIMENTS, *others}


def test_reproduce_a_table(tiny, cuhk03, capsys):
    assert main(["reproduce", "table1", "--data", str(cuhk03), "--splits", "2"]) == 0
    output = capsys.readouterr().out
    assert (
        re.search(r"4 runs to train, 8 steps in total: about [\d.]+ s on this machine", output)
        and "training 4 of 4" in output
    )
    folder = tiny / "runs" / "reproduce-table1"
    table = pd.read_csv(folder / "cuhk03-labeled-table.csv")
    assert table["method"].tolist()[:5] == [
        "FPNN [10]",
        "LOMO+XQDA [11]",
        "ImrovedDeep [1]",
        "ME [15]",
        "DiscrNullSpace [27]",
    ]
    assert table["source"].tolist()[5:] == ["published"] * 2 + ["this project", "difference"] * 2
    ours, gap = table.iloc[9], table.iloc[10]
    assert ours["method"] == "MR B-CNN (fast, 2 filters, 8 images)"
    assert gap["recall@1"] == pytest.approx(ours["recall@1"] - 69.7, abs=0.006)
    for suffix in ("txt", "tex", "json"):
        assert (folder / f"cuhk03-labeled-table.{suffix}").exists()
    assert len(pd.read_csv(folder / "cuhk03-labeled-curves.csv")) == 50
    result = json.loads((folder / "evaluations/cuhk03-labeled-mr_bcnn/result.json").read_text())
    assert result["splits"] == [1, 2] and result["test_people_trained_on"] == 0
    assert [one["origin"] for one in result["people"]] == ["official test set 1", "official test set 2"]
    runs = sorted(path.name for path in (tiny / "runs").glob("cuhk03*"))
    assert runs == [f"cuhk03-labeled-cuhk03-classic-split{n}-{arm}-fast" for n in (1, 2) for arm in ("cnn", "mr_bcnn")]
    assert Run(tiny / "runs" / runs[0]).data["protocol"] == "cuhk03-classic"


def test_finished_runs_are_not_trained_again(tiny, cuhk03, capsys, monkeypatch):
    arguments = ["reproduce", "table2", "--data", str(cuhk03), "--splits", "1"]
    assert main(arguments) == 0
    trained = []
    monkeypatch.setattr(reproduce, "run_training", lambda *all: trained.append(all))
    assert main(arguments) == 0 and not trained
    assert "to train" not in capsys.readouterr().out.split("written to")[1]


def test_run_with_another_configuration_raises(tiny, market, capsys):
    dataset = read_dataset(market)
    one = plan(EXPERIMENTS["demo"], dataset)[0][0]
    Run.create(one.folder, one.network, replace(one.config, erase=0.9), {})
    assert main(["reproduce", "demo", "--data", str(market)]) == 2
    assert "another configuration than this experiment's" in capsys.readouterr().err


def test_run_with_a_relative_path_of_a_teacher_has_the_same_configuration(tiny, market):
    one = plan(EXPERIMENTS["demo"], read_dataset(market), settings=["teacher=runs/wide"])[0][0]
    Run.create(one.folder, one.network, one.config, {})
    assert one.left == one.config.steps


def test_stopped_experiment_resumes(tiny, market, capsys, monkeypatch):
    arguments = ["reproduce", "demo", "--data", str(market)]
    monkeypatch.setattr(reproduce, "run_training", lambda *all: "stopped")
    assert main(arguments) == 0
    assert "stopped; the same command resumes it" in capsys.readouterr().out
    assert not (tiny / "runs" / "reproduce-demo").exists()
    monkeypatch.undo()
    monkeypatch.chdir(tiny)
    dataset = read_dataset(market)
    run_arms = plan(EXPERIMENTS["demo"], dataset, steps=2, filters=2)
    assert [arms[0].left for arms in run_arms] == [2, 2, 2]


def test_demo_has_no_published_rows(tiny, market):
    assert main(["reproduce", "demo", "--data", str(market)]) == 0
    table = pd.read_csv(tiny / "runs/reproduce-demo/market-table.csv")
    assert [method.split(" (")[0] for method in table["method"]] == ["CNN", "B-CNN", "MR B-CNN"]
    assert set(table["source"]) == {"this project"} and "mAP" in table


def test_intervals_tests_and_seeds(tiny, market, capsys):
    for seed in ("0", "1"):
        assert main(["reproduce", "demo", "--data", str(market), "--seed", seed]) == 0
    folder = tiny / "runs" / "reproduce-demo"
    table = pd.read_csv(folder / "market-table.csv")
    assert table["seeds"].tolist() == [2, 2, 2] and table["splits"].tolist() == [1, 1, 1]
    values = [
        json.loads((folder / f"evaluations/market-mr_bcnn{end}/result.json").read_text())["summary"]["recall@1"]
        for end in ("", "-seed1")
    ]
    assert table["recall@1"].iloc[-1] == pytest.approx(values[1], abs=0.006)
    assert table["recall@1 sd over seeds"].iloc[-1] == pytest.approx(np.std(values, ddof=1), abs=0.006)
    tests = (folder / "market-tests.txt").read_text().splitlines()
    assert len(tests) == 6 and all(test.startswith("On these 12 probes of 4 identities, ") for test in tests)
    output = capsys.readouterr().out
    assert tests[-1] in output and f"{TOO_FEW}." in output  # the tiny data set has 4 identities


def test_region_sizes(tiny, cuhk03):
    dataset = read_dataset(cuhk03 / "labeled")
    arms = plan(EXPERIMENTS["pooling"], dataset, splits=1)
    assert [one[0].network.region_size for one in arms] == [15, 5, 3, 1]
    assert [label(one[0]).split(" (")[0] for one in arms] == ["B-CNN", "MR B-CNN", "MR B-CNN 3 x 3", "MR B-CNN 1 x 1"]
    assert len({one[0].folder for one in arms}) == 4


def test_find_data(cuhk03, market, tmp_path):
    found = find_data(EXPERIMENTS["figure3"], [cuhk03, market])
    assert [dataset.name for dataset in found] == ["cuhk03-labeled", "cuhk03-detected", "market"]
    extracted = write_cuhk03_folder(write_cuhk03_folder(tmp_path / "x", "labeled"), "detected")
    assert [dataset.layout for dataset in find_data(EXPERIMENTS["table1"], [extracted])] == ["cuhk03-labeled"]
    both = ["cuhk03-detected", "cuhk03-labeled"]
    assert [dataset.layout for dataset in find_data(EXPERIMENTS["figure3"], [extracted])] == both
    for folder in (extracted / "images_detected", cuhk03 / "detected"):  # one kind of boxes is asked for
        assert [dataset.layout for dataset in find_data(EXPERIMENTS["figure3"], [folder])] == ["cuhk03-detected"]
    with pytest.raises(UserError, match="This experiment needs cuhk01 data, and .* has none"):
        find_data(EXPERIMENTS["table4"], [market])


def test_only_some_architectures(tiny, market, capsys):
    arguments = ["reproduce", "demo", "--data", str(market), "--architecture"]
    assert main([*arguments, "b_cnn", "cnn"]) == 0
    assert f"{EXPERIMENTS['demo'].caption}: market. " in capsys.readouterr().out  # of two data sets, it says which
    table = pd.read_csv(tiny / "runs/reproduce-demo/market-table.csv")
    assert [method.split(" (")[0] for method in table["method"]] == ["CNN", "B-CNN"]
    assert main(["reproduce", "table3", "--data", str(market), "--architecture", "b_cnn"]) == 2
    assert "has none of these architectures; it has cnn, mr_bcnn" in capsys.readouterr().err


def test_a_start_that_does_not_fit_creates_no_run(tiny, market, capsys):
    arguments = ["reproduce", "demo", "--data", str(market), "--architecture", "cnn"]
    assert main([*arguments, "--set", "descriptor=9"]) == 0
    start = next((tiny / "runs").glob("market-*cnn*"))
    assert main([*arguments, "--init", str(start)]) == 2
    assert "It has descriptor 9 instead of 8" in capsys.readouterr().err and not list((tiny / "runs").glob("*-from-*"))


def test_other_settings_keep_their_own_reports(tiny, market):
    arguments = ["reproduce", "demo", "--data", str(market), "--architecture", "cnn"]
    for changed in ([], ["--steps", "1"], ["--set", "dropout=0"], ["--preset", "fast"]):
        assert main([*arguments, *changed]) == 0
    reports = sorted(path.name for path in (tiny / "runs/reproduce-demo/evaluations").iterdir())
    assert reports == ["market-cnn", "market-cnn-1steps", "market-cnn-dropout=0", "market-cnn-fast"]


def test_pretraining_on_cuhk03(tiny, cuhk03, capsys):
    data = write_cuhk01(tiny / "cuhk01")
    arguments = ["reproduce", "table4", "--data", str(data), "--splits", "1", "--pretrain", str(cuhk03)]
    assert main(arguments) == 0
    assert "4 runs to train" in capsys.readouterr().out
    table = pd.read_csv(tiny / "runs/reproduce-table4/cuhk01-table.csv")
    assert "MR B-CNN (fast, 2 filters, 8 images, from cuhk03-detected)" in table["method"].tolist()
    assert (tiny / "runs" / "cuhk01-split1-mr_bcnn-fast-from-cuhk03-detected").is_dir()


def test_run_names_contain_the_settings(market):
    dataset = read_dataset(market)
    folders = {
        plan(EXPERIMENTS["demo"], dataset, **options)[0][0].folder.name
        for options in ({}, {"filters": 3}, {"steps": 3}, {"seed": 3}, {"preset": "paper"})
    }
    assert len(folders) == 5 and "market-market1501-split1-cnn-demo" in folders
    distilled = plan(EXPERIMENTS["demo"], dataset, settings=["teacher=runs/wide"])[0][0]
    assert distilled.folder.name == "market-market1501-split1-cnn-demo-teacher=runs_wide"


def test_init_protocol_and_settings(tiny, cuhk03, capsys):
    """Each network starts from the checkpoint of its architecture, and the name of the run contains all changes."""
    for architecture in ("cnn", "mr_bcnn"):
        network, training = presets.PRESETS["fast"](architecture)
        save_checkpoint(Checkpoint(Network(network), training), tiny / f"first-{architecture}")
    arguments = [
        "reproduce",
        "table2",
        "--data",
        str(cuhk03 / "detected"),
        "--splits",
        "1",
        "--steps",
        "1",
        "--set",
        "erase=0.9",
        "colour=0.3",
        "--init",
        "first-{architecture}",
        "--protocol",
        "cuhk03-classic-all-pairs",
    ]
    assert main(arguments) == 0
    folder = tiny / "runs" / "reproduce-table2"
    table = pd.read_csv(folder / "cuhk03-detected-cuhk03-classic-all-pairs-table.csv")
    assert (
        table["method"].tolist()[-1] == "MR B-CNN (fast, 2 filters, 4 images, from first) [training identities unknown]"
    )
    name = "cuhk03-detected-cuhk03-classic-all-pairs-split1-mr_bcnn-fast-1steps-erase=0.9-colour=0.3-from-first"
    run = Run(tiny / "runs" / name)
    assert run.configs[1].erase == 0.9 and run.newest_step() == 1
    first = load_checkpoint(tiny / "first-mr_bcnn").network.state_dict()
    trained = load_checkpoint(run.checkpoints()[-1]).network.state_dict()
    for name, value in first.items():  # one step moves a weight by at most the learning rate
        if name.endswith("weight"):
            assert (trained[name] - value).abs().max() < 2e-3


def test_run_from_other_weights_raises(tiny, market, capsys):
    for folder in ("one", "other"):
        for architecture in ("cnn", "b_cnn", "mr_bcnn"):
            network, training = presets.PRESETS["demo"](architecture)
            save_checkpoint(Checkpoint(Network(network), training), tiny / folder / f"first-{architecture}")
    arguments = ["reproduce", "demo", "--data", str(market), "--steps", "1", "--init"]
    assert main([*arguments, "one/first-{architecture}"]) == 0
    run = Run(tiny / "runs" / "market-market1501-split1-cnn-demo-1steps-from-first")
    assert run.data["init"] == str(tiny / "one" / "first-cnn")
    assert main([*arguments, "other/first-{architecture}"]) == 2
    assert f"started from the weights of {tiny}/one/first-cnn, not from other/first-cnn" in capsys.readouterr().err
    assert main([*arguments, str(tiny / "one" / "first-{architecture}")]) == 0  # the same path, absolute
    config_file = run.folder / "config.json"  # a run without the path that it started from
    write_json(config_file, {**run.config, "data": {k: v for k, v in run.data.items() if k != "init"}})
    dataset = read_dataset(market)
    assert plan(EXPERIMENTS["demo"], dataset, steps=1, init="other/first-{architecture}")[0][0].left == 0
