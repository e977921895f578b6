"""Convert an attribution to JSON, with the names of the regions."""

from typing import Any

from core.explain.activations import find_strongest
from core.explain.attribution import Attribution, Models, explain_region_pair
from core.explain.region_blocks import sum_terms
from core.explain.region_names import region_name


def match_to_json(model: Models, attribution: Attribution) -> dict[str, Any]:
    """Convert an attribution to a JSON object.

    Args:
        model: The model or the models, as they were given to `explain_match`.
        attribution: The attribution of the score of two images.

    Returns:
        An object with these keys:

        - `score`: the cosine similarity.
        - `terms`: the contribution of each pair of regions, and of each region with c. They sum to the score. The
          regions of `cnn`, single locations, are summed in blocks of 5 x 5.
        - `places`: the contributions of the locations of each image, (P, 15, 15). They and the image's `rest` sum to
          the score.
        - `rest`: the contribution of each image's c.
        - `strongest_region_pair`: the pair of regions (of single locations for `cnn`) with the largest absolute
          contribution, and its contributions by filter pairs (M, N) of each image, whose sum is that contribution.
    """
    of_probe = model[0] if isinstance(model, tuple) else model
    geometry = of_probe.network.config.geometry
    terms, blocks = sum_terms(attribution.terms, geometry), geometry.blocks
    names = [region_name(block, blocks) for block in range(blocks.regions)] + ["c"]
    probe, match = find_strongest(attribution.region_pairs, 1)[0]
    by_filters = explain_region_pair(model, attribution, probe, match)
    return {
        "score": attribution.score,
        "terms": [
            {"probe": row, "match": column, "value": float(terms[r, s])}
            for r, row in enumerate(names)
            for s, column in enumerate(names)
        ],
        "places": dict(zip(("probe", "match"), (each.tolist() for each in attribution.locations), strict=True)),
        "rest": dict(zip(("probe", "match"), attribution.rest, strict=True)),
        "strongest_region_pair": {
            "probe": region_name(probe, geometry),
            "match": region_name(match, geometry),
            "value": float(attribution.terms[probe, match]),
            "filter_pairs": dict(zip(("probe", "match"), (each.tolist() for each in by_filters), strict=True)),
        },
    }
