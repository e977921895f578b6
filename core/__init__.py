"""Multi-region bilinear networks for person re-identification.

The public names, in the order in which data flows:

    read_dataset       a folder -> records: path, identity, camera
    open_image         any image -> upright RGB
    build_network      the three architectures: cnn, b_cnn, mr_bcnn
    bilinear_pool      the paper's operation: maps of two streams -> a bilinear matrix a region
    histogram_loss     descriptors and identities -> loss
    load               a checkpoint -> Model, whose `describe` turns images into descriptors
    CameraModels       a Model -> one a camera, adapted by the camera's own images
    choose_protocol    a data set -> the protocol by which it is usually scored, or the one of a name
    evaluate_model     a model, a data set, a protocol -> report: Recall@K, mAP, probe by probe
    Gallery            descriptors -> rankings
    find_gallery       the name of a gallery on disk -> its folder, whose `open` gives a Gallery
    look_inside        an image -> its parts, the maps of both streams, the bilinear matrix of each region
    explain_match      two of these -> the score as a sum over pairs of regions, filter pairs and places
    UserError          what is raised for bad input, in one sentence

They are imported when first used, so that `import core` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

_HOME = {
    "read_dataset": "core.data.datasets",
    "open_image": "core.data.images",
    "build_network": "core.models.network",
    "bilinear_pool": "core.models.bilinear_pooling",
    "histogram_loss": "core.losses.histogram",
    "load": "core.inference.model",
    "CameraModels": "core.inference.camera_adaptation",
    "choose_protocol": "core.evaluation.protocols",
    "evaluate_model": "core.evaluation.evaluate",
    "Gallery": "core.search.gallery",
    "find_gallery": "core.galleries.catalog",
    "look_inside": "core.explain.activations",
    "explain_match": "core.explain.attribution",
    "UserError": "core.errors",
}

__all__ = list(_HOME)


if TYPE_CHECKING:  # type checkers and editors do not see through __getattr__; the same names as _HOME
    from core.data.datasets import read_dataset as read_dataset
    from core.data.images import open_image as open_image
    from core.errors import UserError as UserError
    from core.evaluation.evaluate import evaluate_model as evaluate_model
    from core.evaluation.protocols import choose_protocol as choose_protocol
    from core.explain.activations import look_inside as look_inside
    from core.explain.attribution import explain_match as explain_match
    from core.galleries.catalog import find_gallery as find_gallery
    from core.inference.camera_adaptation import CameraModels as CameraModels
    from core.inference.model import load as load
    from core.losses.histogram import histogram_loss as histogram_loss
    from core.models.bilinear_pooling import bilinear_pool as bilinear_pool
    from core.models.network import build_network as build_network
    from core.search.gallery import Gallery as Gallery
else:

    def __getattr__(name: str):
        if name not in _HOME:
            raise AttributeError(f"module 'core' has no attribute {name!r}")
        return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
