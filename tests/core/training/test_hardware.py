import pytest
import torch

from core.models.network import build_network
from core.training.hardware import cpu_has_bfloat16, describe_machine


@pytest.mark.parametrize(
    "capabilities, expected",
    [({}, False), ({"avx512_f": True}, False), ({"avx512_bf16": True}, True), ({"amx_bf16": True}, True)],
)
def test_cpu_has_bfloat16_reads_the_capabilities(monkeypatch, capabilities, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert cpu_has_bfloat16() == expected


def test_describe_machine(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    assert describe_machine(build_network(filters=2, descriptor=4)) == "3 CPU threads"
