"""Better rankings: cameras adapted to or centred, probes averaged with their first answers, the gallery re-ranked."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.records import Record
from core.errors import UserError
from core.evaluation.camera_centring import Centring
from core.evaluation.ranking import Order, Rows, cosine
from core.inference.camera_adaptation import CameraModels
from core.inference.model import Model
from core.search.gallery import Gallery, mean_descriptor
from core.search.k_reciprocal import KReciprocal
from core.search.query_expansion import expand

MAX_IMAGES_RERANKED = 5000  # images of a gallery up to which all of it is re-ranked; of a larger one
MAX_RESULTS_RERANKED = 2000  # the first answers are, among themselves


def make_order(rerank: bool = False, expansion: int = 0) -> Order:
    """How to rank in an evaluation, and the words for it; the plain order if neither is asked for."""
    record: dict[str, Any] = {}
    sentence = ""
    if expansion:
        record["expansion"] = expansion
        answers = "answer" if expansion == 1 else f"{expansion} answers"
        sentence += f"; each probe averaged with its first {answers} (Chum et al., ICCV 2007)"
    if rerank:
        settings = KReciprocal()
        record["rerank"] = {"k1": settings.k1, "k2": settings.k2, "lambda": settings.weight}
        sentence += (
            f"; re-ranked by k-reciprocal neighbours among all probes and the gallery (k1 {settings.k1}, k2 "
            f"{settings.k2}, lambda {settings.weight}; Zhong et al., CVPR 2017)"
        )

    def scorer(query: np.ndarray, gallery: np.ndarray, barred: Sequence[np.ndarray] | None = None) -> Rows:
        query = expand(query, gallery, expansion, barred)
        return KReciprocal().fit(gallery).scores(query, barred) if rerank else cosine(query, gallery)

    return Order(scorer, record, sentence) if record else Order()


def adapt_gallery(
    model: Model, gallery: Gallery, on_progress: Callable[[int], None] = lambda count: None
) -> tuple[Gallery, CameraModels]:
    """The gallery described anew by a model adapted to each of its cameras, and what describes probes so.

    `on_progress` is told how many images more were looked at, by which each is adapted and then described.
    Raises UserError if an image can no longer be read, or for a model without batch normalisation.
    """
    rows = zip(gallery.paths, gallery.identities.tolist(), gallery.cameras.tolist(), strict=True)
    records = [Record(Path(path), identity, camera) for path, identity, camera in rows]
    models = CameraModels(model).fit(records, on_progress)
    descriptors, kept = models.describe_records(records, on_progress=on_progress)
    if missing := len(records) - len(kept):
        raise UserError(
            f"{missing:,} of the gallery's {len(records):,} images can no longer be read: it cannot be "
            "described for each camera."
        )
    return Gallery(descriptors, gallery.paths, gallery.identities, gallery.cameras, gallery.times), models


def centre_gallery(gallery: Gallery) -> tuple[Gallery, Centring]:
    """The gallery measured from the mean of each of its cameras' images, and what does the same to probes."""
    centring = Centring().fit(gallery.descriptors, gallery.cameras)
    descriptors = centring.transform(gallery.descriptors, gallery.cameras)
    return Gallery(descriptors, gallery.paths, gallery.identities, gallery.cameras, gallery.times), centring


def reorder(
    gallery: Gallery,
    ranking: pd.DataFrame,
    descriptors: np.ndarray,
    expansion: int = 0,
    fitted: KReciprocal | None = None,
    rerank: bool = False,
) -> pd.DataFrame:
    """A ranking of `gallery.search(descriptors)` -> the same images in a better order, with a column `order`.

    For cameras that are adapted to, or centred, gallery and descriptors are those, the ranking that of the original.

    They are sorted by `order`, from 0 to 1 after re-ranking; `score` stays the original cosine similarity, of which
    calibrations speak. Images that the ranking leaves out help nobody. `fitted` is `KReciprocal` on the gallery, or
    None for one of more than WHOLE images, where the FIRST answers are re-ranked and the others keep their order.
    """
    places = pd.Index(gallery.paths).get_indexer(ranking["path"])
    probe = mean_descriptor(np.vstack([mean_descriptor(descriptors), gallery.descriptors[places[:expansion]]]))
    first = len(places) if fitted or not rerank else MAX_RESULTS_RERANKED
    if rerank and len(places):
        if fitted:
            left_out = np.setdiff1d(np.arange(len(gallery)), places)
            order = fitted.scores(probe[None], [left_out])(slice(None))[0, places]
        else:
            order = KReciprocal().fit(gallery.descriptors[places[:first]]).scores(probe[None])(slice(None))[0]
    else:
        order = np.asarray(gallery.descriptors[places], np.float32) @ probe
    best = np.argsort(-order, kind="stable")
    order = np.concatenate([order[best], np.full(len(places) - len(best), np.nan)])
    found = ranking.iloc[np.concatenate([best, np.arange(len(best), len(places))])]
    return found.assign(rank=np.arange(1, len(places) + 1), order=order).reset_index(drop=True)
