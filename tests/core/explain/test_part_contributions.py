import numpy as np
import pytest
from conftest import draw_person, untrained

from core.explain.activations import look_inside
from core.explain.attribution import explain_match
from core.explain.part_contributions import sum_parts, summarise_parts
from core.geometry import PAPER


@pytest.mark.parametrize(
    ("contributions", "sentences"),
    [
        ((0.05, -0.02, 0.31), "The legs contribute most to the score (+0.31). The trunk lowers it (−0.02)."),
        ((0.05, 0.2, -0.5), "The trunk contributes most to the score (+0.20). The legs lower it (−0.50)."),
        (
            (0.3, -0.1, -0.2),
            "The head and chest contribute most to the score (+0.30). The legs (−0.20) and the trunk (−0.10) lower it.",
        ),
        (
            (0.1, 0.3, 0.2),
            "The trunk contributes most to the score (+0.30). The head and chest contribute least (+0.10).",
        ),
        ((0.1, 0.004, -0.004), "The head and chest contribute most to the score (+0.10). No part lowers it."),
        (
            (-0.1, -0.3, -0.2),
            "No part raises the score. The trunk (−0.30) and the legs (−0.20) lower it most.",
        ),
        ((0.0, 0.0, 0.0), "No part raises the score. No part lowers it."),
    ],
)
def test_the_sentences_name_the_parts_for_and_against(contributions, sentences):
    assert summarise_parts(np.array(contributions), PAPER.part_names) == sentences


@pytest.mark.parametrize("architecture, regions", [("cnn", 225), ("b_cnn", 1), ("mr_bcnn", 9)])
def test_the_parts_and_c_add_up_to_the_score(architecture, regions):
    model = untrained(architecture, **({"region_size": 15} if architecture == "b_cnn" else {}))
    both = [look_inside(model, draw_person(identity, 1, 0)) for identity in (5, 6)]
    why = explain_match(model, *both)
    parts = sum_parts(why)
    assert parts.sum() + why.rest[0] == pytest.approx(why.score)
    assert parts[1] == pytest.approx(why.of_regions[0][regions : 2 * regions].sum())
