"""Multi-region bilinear networks for person re-identification.

The public names, in the order in which data flows:

    read_dataset       read a data set: the path, identity and camera of each image
    open_image         open any image as upright RGB
    build_network      build a network with random weights: cnn, b_cnn, mr_bcnn or mobile_bcnn
    bilinear_pool      multi-region bilinear pooling of the feature maps of two streams
    histogram_loss     compute the loss of descriptors and identities
    load               load a checkpoint as a Model, whose `describe` converts images to descriptors
    CameraModels       batch-norm adaptation (AdaBN) of a Model to each camera
    choose_protocol    choose the protocol of an evaluation, by name or by data set
    evaluate_model     evaluate a model on a data set: rank-k, mAP, and the results of each probe
    Gallery            rank descriptors for a probe
    find_gallery       find a named gallery on disk
    look_inside        compute the parts, feature maps and bilinear matrices of an image
    explain_match      attribute a score to pairs of regions, pairs of filters and locations
    UserError          the exception for invalid input, with one sentence for the user

Each name is imported when it is first used, so that `import core` is fast.
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


if TYPE_CHECKING:  # type checkers and editors do not evaluate __getattr__; the names are those of _HOME
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
