"""Keys of components, made from names of files, models and galleries."""

import pytest
from streamlit.testing.v1 import AppTest

from app.components.component_key import component_key


def test_different_keys_stay_different():
    keys = ["a", "a_b", "a__b", "a___b", "_a", "__a", "a__", "a-b"]
    assert len({component_key(key) for key in keys}) == len(keys)
    assert not any("__" in component_key(key) for key in keys) and component_key("a_b") == "a_b"


@pytest.mark.parametrize(
    "name", ["image_grid", "region_scene", "box_editor", "drawing", "figure_export", "scatter_map"]
)
def test_a_key_may_have_two_underscores(name):
    def page(name: str) -> None:
        import numpy as np
        import plotly.graph_objects as go

        from app.components import box_editor, drawing, figure_export, image_grid, region_scene, scatter_map

        key = "a__b"
        if name == "image_grid":
            image_grid.crop_grid([image_grid.crop("data:,", "title")], "strip", "label", key)
        elif name == "region_scene":
            region_scene.show([], (10, 10), "label", key)
        elif name == "box_editor":
            box_editor.edit_boxes("data:,", (10, 10), [], (0, 0, 1, 1), 1, "label", key, print)
        elif name == "drawing":
            drawing.show_drawing("<svg></svg>", key)
        elif name == "figure_export":
            figure_export.show(go.Figure(), key, "alt")
        else:
            colouring = scatter_map.Colouring(np.zeros(2, np.uint8), ["#000000"], [])
            shown = scatter_map.Shown(["a", "b"], np.ones(2, bool))
            scatter_map.point_map("map", np.zeros((2, 2)), colouring, shown, "", key)

    app = AppTest.from_function(page, args=(name,)).run()
    assert not app.exception, app.exception
    assert app.get("bidi_component")
