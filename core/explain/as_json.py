"""The numbers of an explanation, with the names of regions: for tables, other figures, and to add them up again."""

from typing import Any

from core.explain.activations import find_strongest
from core.explain.attribution import Attribution, explain_region_pair
from core.explain.region_blocks import block_side, sum_terms
from core.explain.region_names import region_name
from core.inference.model import Model


def match_to_json(model: Model, why: Attribution, side: int) -> dict[str, Any]:
    """What a pair's score is made of, of a network with `side` regions along the side of a part; ready for JSON.

    terms: each pair of regions, or of a region and c, with its value; they sum to the score. Single places, the regions
        of `cnn`, stand together in blocks of 5 x 5.
    places: (3, 15, 15) of each image: what each place adds. With the image's `rest`, its c, they sum to the score.
    strongest_region_pair: the one pair (of single places, for `cnn`) that adds or takes most, and its value by filter
        pairs (M, N) of either image, each of which sums to it.
    """
    terms, blocks = sum_terms(why.terms, side), block_side(side)
    names = [region_name(block, blocks) for block in range(len(terms) - 1)] + ["c"]
    probe, match = find_strongest(why.region_pairs, 1)[0]
    by_filters = explain_region_pair(model, why, probe, match)
    return {
        "score": why.score,
        "terms": [
            {"probe": row, "match": column, "value": float(terms[r, s])}
            for r, row in enumerate(names)
            for s, column in enumerate(names)
        ],
        "places": dict(zip(("probe", "match"), (each.tolist() for each in why.places), strict=True)),
        "rest": dict(zip(("probe", "match"), why.rest, strict=True)),
        "strongest_region_pair": {
            "probe": region_name(probe, side),
            "match": region_name(match, side),
            "value": float(why.terms[probe, match]),
            "filter_pairs": dict(zip(("probe", "match"), (each.tolist() for each in by_filters), strict=True)),
        },
    }
