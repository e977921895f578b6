"""Post-processing of rankings.

Batch-norm adaptation, camera centring, query expansion and k-reciprocal re-ranking, for evaluations and searches.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.records import Record
from core.evaluation.camera_centring import Centring
from core.evaluation.ranking import Order, Rows, cosine
from core.inference.camera_adaptation import CameraModels
from core.inference.camera_statistics import delete_unused
from core.inference.model import Model
from core.search.gallery import Gallery
from core.search.k_reciprocal import KReciprocal
from core.search.probe_descriptor import mean_descriptor
from core.search.query_expansion import expand

MAX_IMAGES_RERANKED = 5000  # gallery images; larger galleries are not re-ranked as a whole
MAX_RESULTS_RERANKED = 2000  # in larger galleries, only so many first results are re-ranked among themselves


def make_order(rerank: bool = False, expansion: int = 0) -> Order:
    """Create the order of an evaluation.

    Args:
        rerank: Whether k-reciprocal re-ranking is used.
        expansion: The number of results for query expansion; 0 for none.

    Returns:
        The order and its description. Without both options it is the order by cosine similarity.
    """
    record: dict[str, Any] = {}
    sentence = ""
    if expansion:
        record["expansion"] = expansion
        results = "result" if expansion == 1 else f"{expansion} results"
        sentence += f"; query expansion with the first {results} (Chum et al., ICCV 2007)"
    if rerank:
        settings = KReciprocal()
        record["rerank"] = {"k1": settings.k1, "k2": settings.k2, "lambda": settings.weight}
        sentence += (
            f"; k-reciprocal re-ranking with all probes and the gallery (k1 {settings.k1}, k2 "
            f"{settings.k2}, lambda {settings.weight}; Zhong et al., CVPR 2017)"
        )

    def scorer(query: np.ndarray, gallery: np.ndarray, ignored: Sequence[np.ndarray] | None = None) -> Rows:
        query = expand(query, gallery, expansion, ignored)
        return KReciprocal().fit(gallery).scores(query, ignored) if rerank else cosine(query, gallery)

    return Order(scorer, record, sentence) if record else Order()


def adapt_gallery(
    model: Model,
    gallery: Gallery,
    on_progress: Callable[[int], None] = lambda count: None,
    folder: Path | None = None,
    root: Path | None = None,
) -> tuple[Gallery, CameraModels]:
    """Describe a gallery again with batch normalisation adapted to each camera.

    Args:
        model: The model.
        gallery: The gallery. Its image files are read again.
        on_progress: Called with the number of images processed since the last call. Each image is processed twice:
            for the adaptation and for its descriptor.
        folder: A folder in which the statistics of the cameras and the descriptors are stored for the next call
            (`CameraModels.fit`).
        root: A folder of the images that may be renamed. Without it, `folder` is a cache: its files that were not used
            for 30 days are deleted.

    Returns:
        The gallery with new descriptors, and the adapted models, which describe the probes.

    Raises:
        UserError: If an image can no longer be read, or if the model has no batch normalisation.
    """
    models = CameraModels(model).fit(_records(gallery), on_progress, folder, root)
    descriptors = models.describe_fitted(on_progress)
    if folder and root is None:
        delete_unused(folder)
    return Gallery(descriptors, gallery.paths, gallery.identities, gallery.cameras, gallery.times), models


def restore_gallery(
    model: Model, gallery: Gallery, stored: Mapping[str, Any], folder: Path, root: Path | None = None
) -> tuple[Gallery, CameraModels] | None:
    """Read what `adapt_gallery` has stored, without looking at the image files.

    Args:
        model: The model.
        gallery: The gallery.
        stored: The list of the stored files (`CameraModels.stored`).
        folder: The folder of these files.
        root: A folder of the images that may have been renamed.

    Returns:
        As `adapt_gallery`. None if a file is missing or damaged, or if the files belong to another gallery or model.
    """
    models = CameraModels(model)
    descriptors = models.restore(_records(gallery), stored, folder, root)
    if descriptors is None:
        return None
    return Gallery(descriptors, gallery.paths, gallery.identities, gallery.cameras, gallery.times), models


def _records(gallery: Gallery) -> list[Record]:
    rows = zip(gallery.paths, gallery.identities.tolist(), gallery.cameras.tolist(), strict=True)
    return [Record(Path(path), identity, camera) for path, identity, camera in rows]


def search_adapted(
    plain: Gallery,
    adapted: Gallery,
    descriptors: np.ndarray,
    adapted_descriptors: np.ndarray,
    top: int,
    cameras: Iterable[int] | None = None,
    probe: Record | None = None,
    also: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return the first results of a ranking that only batch-norm adaptation changes, without sorting all images.

    Args:
        plain: The gallery without adaptation.
        adapted: The gallery of `adapt_gallery`.
        descriptors: Descriptors of the probe without adaptation, (D,) or (N, D).
        adapted_descriptors: Those with adaptation.
        top: The number of results.
        cameras: As in `Gallery.search`.
        probe: As in `Gallery.search`.
        also: As in `Gallery.search`.

    Returns:
        The same table as the first rows of `reorder`: `order` is the score with adaptation, `score` that without it.
        It also has the image with the highest score without adaptation, from which calibrations judge the presence.
    """
    best = np.zeros(len(plain), bool) if also is None else also.copy()
    best[plain.find(plain.search(descriptors, 1, cameras, probe)["path"])] = True
    ranking = adapted.search(adapted_descriptors, top, cameras, probe, also=best)
    rows = plain.descriptors[plain.find(ranking["path"])]
    scores = np.asarray(rows, np.float32) @ mean_descriptor(descriptors)
    return ranking.assign(order=ranking["score"], score=scores)


def centre_gallery(gallery: Gallery) -> tuple[Gallery, Centring]:
    """Subtract from each descriptor of a gallery the mean descriptor of its camera.

    Returns:
        The centred gallery, and the fitted `Centring`, which centres the probes.
    """
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
    """Sort a ranking again by query expansion or re-ranking.

    The column `score` keeps the original cosine similarity, because calibrations apply to it.

    Args:
        gallery: The gallery. With batch-norm adaptation or camera centring, it is the adapted or centred gallery.
        ranking: A ranking by `Gallery.search`. Gallery images that are not in it are ignored as neighbours.
        descriptors: The descriptor of the probe (D,), or those of several images of it (N, D). They are adapted or
            centred like the gallery.
        expansion: The number of results for query expansion; 0 for none.
        fitted: `KReciprocal` fitted on the gallery. Without it, only the first MAX_RESULTS_RERANKED results are
            re-ranked, and the other results keep their order.
        rerank: Whether k-reciprocal re-ranking is used.

    Returns:
        The same images in the new order, with a column `order` by which they are sorted. After re-ranking its values
        are from 0 to 1; they are NaN for results that were not re-ranked.
    """
    positions = gallery.find(ranking["path"])
    probe = mean_descriptor(np.vstack([mean_descriptor(descriptors), gallery.descriptors[positions[:expansion]]]))
    first = len(positions) if fitted or not rerank else MAX_RESULTS_RERANKED
    if rerank and len(positions):
        if fitted:
            ignored = np.setdiff1d(np.arange(len(gallery)), positions)
            order = fitted.scores(probe[None], [ignored])(slice(None))[0, positions]
        else:
            order = KReciprocal().fit(gallery.descriptors[positions[:first]]).scores(probe[None])(slice(None))[0]
    else:
        order = np.asarray(gallery.descriptors[positions], np.float32) @ probe
    best = np.argsort(-order, kind="stable")
    order = np.concatenate([order[best], np.full(len(positions) - len(best), np.nan)])
    reordered = ranking.iloc[np.concatenate([best, np.arange(len(best), len(positions))])]
    return reordered.assign(rank=np.arange(1, len(positions) + 1), order=order).reset_index(drop=True)
