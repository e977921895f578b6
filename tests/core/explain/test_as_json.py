import json

import numpy as np
import pytest
from conftest import draw_person, untrained

from core.explain.activations import look_inside
from core.explain.as_json import match_to_json
from core.explain.attribution import explain_match
from core.explain.mean_vectors import average_vectors


@pytest.mark.parametrize("architecture, regions", [("cnn", 27), ("b_cnn", 3), ("mr_bcnn", 27)])
@pytest.mark.parametrize("average", [False, True])
def test_all_numbers_sum_to_the_score(architecture, regions, average):
    model, probe, match = untrained(architecture), draw_person(1, 1, 0), draw_person(2, 2, 0)
    both = look_inside(model, probe), look_inside(model, match)
    reference = average_vectors(model, [draw_person(n, 1, 0) for n in range(3, 6)]) if average else None
    found = json.loads(json.dumps(match_to_json(model, explain_match(model, *both, reference))))
    one, two = model.describe([probe, match])
    score = float(one @ two)
    assert found["score"] == pytest.approx(score, abs=1e-5)
    assert sum(term["value"] for term in found["terms"]) == pytest.approx(score, abs=1e-5)
    assert len(found["terms"]) == len({(term["probe"], term["match"]) for term in found["terms"]}) == (regions + 1) ** 2
    for image in ("probe", "match"):
        assert np.sum(found["places"][image]) + found["rest"][image] == pytest.approx(score, abs=1e-5)
        of_c = sum(term["value"] for term in found["terms"] if term[image] == "c")
        assert found["rest"][image] == pytest.approx(of_c, abs=1e-9)
    pair = found["strongest_region_pair"]
    for image in ("probe", "match"):
        assert np.sum(pair["filter_pairs"][image]) == pytest.approx(pair["value"], abs=1e-6)


def test_strongest_pair_has_the_largest_absolute_term():
    model = untrained()
    both = look_inside(model, draw_person(1, 1, 0)), look_inside(model, draw_person(2, 2, 0))
    found = match_to_json(model, explain_match(model, *both))
    pair = found["strongest_region_pair"]
    terms = [term for term in found["terms"] if "c" not in (term["probe"], term["match"])]
    most = max(terms, key=lambda term: abs(term["value"]))
    assert (most["probe"], most["match"], most["value"]) == (pair["probe"], pair["match"], pair["value"])
