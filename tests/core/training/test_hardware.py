import pytest
import torch

from core.models.network import build_network
from core.training.hardware import cpu_has_bfloat16, describe_machine


@pytest.mark.parametrize(
    "found, fast", [({}, False), ({"avx512_f": True}, False), ({"avx512_bf16": True}, True), ({"amx_bf16": True}, True)]
)
def test_half_precision_pays_where_the_processor_has_it(monkeypatch, found, fast):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found)
    assert cpu_has_bfloat16() == fast


def test_in_words(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    assert describe_machine(build_network(filters=2, descriptor=4)) == "3 CPU threads"
