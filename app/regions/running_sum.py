"""The section on equations (1) and (2): the locations of a region, their outer products and the running sum."""

from typing import TYPE_CHECKING

from app.components import location_sum
from app.regions import lessons
from app.shared import formulas

if TYPE_CHECKING:
    from core.explain.activations import Regions
    from core.inference.model import Model


def show_running_sum(model: "Model", regions: "Regions", region: int, entry: int) -> None:
    """Show the receptive field and the activations of each location, and the sum of the outer products."""
    from core.explain.receptive_field import backbone_field, layers_of
    from core.models.mobilenet import Backbone

    network = model.network
    location_sum.show(regions, region, entry, layers_of(network), "location_sum")
    if regions.b.shape[1] > 1:
        formulas.teach(lessons.running_sum(regions.groups))
    if isinstance(network.backbone, Backbone):
        formulas.teach(lessons.backbone(backbone_field(network.backbone), regions.geometry))
    else:
        formulas.teach(lessons.STREAMS)
