"""Better rankings: the probe averaged with its first answers, the gallery re-ranked by shared neighbours, or both."""

from collections.abc import Sequence

import numpy as np

from core.evaluation.ranking import Order, Rows, cosine
from core.search.expansion import expand
from core.search.rerank import KReciprocal


def better_order(rerank: bool = False, expansion: int = 0) -> Order:
    """How to rank in an evaluation, and the words for it; the plain order if neither is asked for."""
    record, sentence = {}, ""
    if expansion:
        record["expansion"] = expansion
        sentence += f"; each probe averaged with its first {expansion} answers (Chum et al., ICCV 2007)"
    if rerank:
        settings = KReciprocal()
        record["rerank"] = {"k1": settings.k1, "k2": settings.k2, "lambda": settings.weight}
        sentence += (f"; re-ranked by k-reciprocal neighbours among all probes and the gallery (k1 {settings.k1}, k2 "
                     f"{settings.k2}, lambda {settings.weight}; Zhong et al., CVPR 2017)")  # fmt: skip

    def scorer(query: np.ndarray, gallery: np.ndarray, barred: Sequence[np.ndarray] | None = None) -> Rows:
        query = expand(query, gallery, expansion, barred)
        return KReciprocal().fit(gallery).scores(query, barred) if rerank else cosine(query, gallery)

    return Order(scorer, record, sentence) if record else Order()
