"""Colour histograms are measured by the protocol of the data set."""

import sys

import pytest
from benchmarks import write_viper

from bench import colour_floor


@pytest.mark.parametrize("data", ["viper", "market"])
def test_the_protocol_is_that_of_the_data(data, market, tmp_path, monkeypatch, capsys):
    folder = write_viper(tmp_path / "viper") if data == "viper" else market
    monkeypatch.setattr(sys, "argv", ["colour_floor.py", str(folder)])
    colour_floor.main()
    assert f"{data}: colour histograms reach recall@1" in capsys.readouterr().out.replace(folder.name, data)
