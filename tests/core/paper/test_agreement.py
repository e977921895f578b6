"""Agreement of data sets on the order of models."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from benchmarks import write_viper
from conftest import untrained

from core.cli.main import main
from core.data.datasets import read_dataset
from core.errors import UserError
from core.inference.checkpoint import save_checkpoint
from core.inference.provenance import Provenance, TrainingRecord, hash_identities
from core.paper.agreement import compare_orders


def naive_tau(one, other):
    """Kendall's tau-b: concordant less discordant pairs, over the geometric mean of the pairs without ties."""
    signs = [(np.sign(one[i] - one[j]), np.sign(other[i] - other[j])) for i, j in combinations(range(len(one)), 2)]
    agreeing = sum(a * b for a, b in signs)
    return agreeing / np.sqrt(sum(a != 0 for a, _ in signs) * sum(b != 0 for _, b in signs))


@pytest.mark.parametrize("seed", range(5))
def test_tau_equals_a_count_of_pairs(seed):
    random = np.random.default_rng(seed)
    names = [f"{test} {metric}" for test in ("one", "other") for metric in ("recall@1", "mAP")]
    figures = pd.DataFrame(random.integers(0, 6, (8, 4)).astype(float), columns=names)  # few values, so there are ties
    [row] = compare_orders(figures).to_dict("records")
    assert (row["method"], row["source"]) == ("one, other", "8 models")
    for metric in ("recall@1", "mAP"):
        expected = naive_tau(figures[f"one {metric}"].to_numpy(), figures[f"other {metric}"].to_numpy())
        assert row[f"{metric} tau"] == pytest.approx(expected)


def test_p_value_by_hand():
    """Four models in the same order: 2 of the 24 orders are as extreme."""
    columns = {f"{test} {metric}": [1.0, 2, 3, 4] for test in "ab" for metric in ("recall@1", "mAP")}
    columns["b mAP"] = [4.0, 3, 2, 1]
    [row] = compare_orders(pd.DataFrame(columns)).to_dict("records")
    assert (row["recall@1 tau"], row["mAP tau"]) == (1, -1)
    assert row["recall@1 p"] == row["mAP p"] == pytest.approx(100 * 2 / 24)


def test_models_that_were_left_out_do_not_count():
    missing = np.nan
    columns = {
        f"{test} {metric}": values
        for test, values in {"a": [1.0, 2, 3, 4], "b": [missing, 1, 2, 3], "c": [missing, missing, 1, 2]}.items()
        for metric in ("recall@1", "mAP")
    }
    table = compare_orders(pd.DataFrame(columns))
    assert table[["method", "source"]].to_numpy().tolist() == [["a, b", "3 models"]]  # c shares two models with them
    with pytest.raises(UserError, match="No two tests have 3 models in common"):
        compare_orders(pd.DataFrame({name: columns[name] for name in columns if name[0] in "ac"}))


@pytest.mark.slow
def test_command(tmp_path, monkeypatch, market, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MR_BCNN_CHECKPOINTS", "checkpoints")
    viper = read_dataset(write_viper(tmp_path / "VIPeR"))
    record = TrainingRecord("four", "viper", trained=frozenset(hash_identities(viper, viper.pool[:1])))
    for name, filters in {"one": 2, "two": 3, "three": 4, "four": 5}.items():
        provenance = Provenance((record,) if name == "four" else ())
        save_checkpoint(
            replace(untrained(filters=filters).checkpoint, provenance=provenance), tmp_path / "checkpoints" / name
        )
    command = ["reproduce", "agreement", "--data", "VIPeR", str(market)]
    assert main(command) == 0
    assert "four was trained on viper: skipped" in capsys.readouterr().out
    folder = tmp_path / "runs" / "reproduce-agreement"
    models, table = (pd.read_csv(folder / f"{name}.csv", index_col="method") for name in ("models", "table"))
    assert models.index.tolist() == ["four", "one", "three", "two"]
    assert models.columns[1] == "viper recall@1"  # the order of the data, although the first model skips VIPeR
    assert pd.isna(models.loc["four", "viper mAP"]) and not models.drop("four").isna().any(axis=None)
    assert table["source"].to_dict() == {"viper, market-market1501": "3 models"}
    assert main([*command[:4], "--checkpoint", "checkpoints/one"]) == 2
    assert "No two tests have 3 models in common" in capsys.readouterr().err


@pytest.mark.slow
def test_stored_reports_are_used_while_checkpoint_and_images_are_the_same(tmp_path, monkeypatch, checkpoint):
    from core.paper import zero_shot

    monkeypatch.chdir(tmp_path)
    write_viper(tmp_path / "VIPeR")
    counted = []
    original = zero_shot.evaluate_models
    monkeypatch.setattr(zero_shot, "evaluate_models", lambda *a, **k: counted.append(1) or original(*a, **k))

    def figures(*flags):
        assert main(["reproduce", "zero-shot", "--data", "VIPeR", "--checkpoint", str(checkpoint), *flags]) == 0
        return pd.read_csv("runs/reproduce-zero-shot/table.csv").iloc[0, 2:].tolist()

    assert figures() == figures() and len(counted) == 1
    figures("--flip")
    figures("--adapt")
    assert len(counted) == 3
    (tmp_path / "VIPeR" / "cam_a").joinpath(sorted(p.name for p in (tmp_path / "VIPeR/cam_a").iterdir())[0]).touch()
    figures()
    assert len(counted) == 4
