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
    from core.explain.receptive_field import stream_layers

    location_sum.show(regions, region, entry, stream_layers(model.network.streams[0]), "location_sum")
    if regions.b.shape[1] > 1:
        formulas.teach(lessons.running_sum(regions.groups))
    formulas.teach(lessons.STREAMS)
