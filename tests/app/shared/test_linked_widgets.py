"""Widgets whose values are in the page's address."""

import pytest
from streamlit.testing.v1 import AppTest

from app.shared import linked_widgets


def page() -> None:
    """Show a widget of each kind, and their values as the page's text."""
    import streamlit as st

    from app.shared import linked_widgets as linked

    with st.popover("more"):
        one = linked.choose_one(st.selectbox, "one", ["a", "b", "c"], "one")
        size = linked.choose_one(
            st.segmented_control,
            "size",
            [1, 2, 3],
            "size",
            default=2,
            format_func=lambda size: f"size {size}",
            forgets=("cell",),
            required=True,
        )
    several = linked.choose_several(st.multiselect, "several", ["x", "y", "z"], "several", ["y"], max_selections=2)
    pills = linked.choose_several(st.pills, "pills", [1, 2, 3], "pills", selection_mode="multi")
    switch = linked.toggle("switch", "switch", default=True)

    @st.fragment
    def numbers() -> None:
        share = linked.number(st.slider, "share", 0.0, 1.0, "share", default=0.5, step=0.05)
        seed = linked.number(st.number_input, "seed", 0, 99, "seed", default=0)
        low, high = linked.range_slider("range", 0.0, 1.0, "range")
        st.code([share, seed, low, high])

    numbers()
    with linked.expander("section", "section") as section:
        st.code([one, size, several, pills, switch, section.open])
    if st.query_params.get("hide") != "yes":
        linked.toggle("sometimes", "sometimes")


DEFAULTS = "[0.5, 0, 0.0, 1.0]", "['a', 2, ['y'], [], True, False]"


@pytest.fixture
def open_at():
    """Opens the page at a link."""

    def start(**link: str | list[str]) -> AppTest:
        return go(AppTest.from_function(page), **link)

    return start


def go(app: AppTest, **link: str | list[str]) -> AppTest:
    """Run the page at another link."""
    for name in list(app.query_params):
        del app.query_params[name]
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception and not app.warning  # Streamlit warns of a widget with two values
    return app


def shown(app: AppTest) -> tuple[str, ...]:
    assert not app.exception and not app.warning
    return tuple(code.value for code in app.code)


def link(app: AppTest) -> dict[str, list[str]]:
    return {name: [value] if isinstance(value, str) else list(value) for name, value in app.query_params.items()}


def test_defaults_are_not_in_the_address(open_at):
    app = open_at()
    assert shown(app) == DEFAULTS and link(app) == {}


def test_the_address_sets_the_widgets(open_at):
    asked = {"one": "b", "size": "size 3", "several": ["z", "x"], "pills": ["3", "1"], "switch": "false"}
    numbers = {"share": "0.15", "seed": "7", "range": ["0.2", "0.8"], "section": "true"}
    app = open_at(**asked, **numbers)
    assert shown(app) == ("[0.15, 7, 0.2, 0.8]", "['b', 3, ['z', 'x'], [3, 1], False, True]")
    assert app.slider(key="share").value == 0.15 and app.slider(key="range").value == (0.2, 0.8)
    assert link(app) == {
        name: [value] if isinstance(value, str) else value for name, value in (asked | numbers).items()
    }


@pytest.mark.parametrize(
    "asked",
    [
        {"one": "d", "size": "3", "several": ["n", ""], "pills": "4", "switch": "on", "section": "1"},
        {"share": "1.5", "seed": "1.5", "range": ["0.5"]},
        {"share": "nan", "seed": "", "range": ["0", "2"]},
    ],
)
def test_invalid_values_give_the_defaults(open_at, asked):
    assert shown(open_at(**asked)) == DEFAULTS


def test_valid_values_among_invalid_ones_are_used_up_to_the_limit(open_at):
    app = open_at(several=["n", "z", "z", "x", "y"])
    assert app.multiselect(key="several").value == ["z", "x"]


def test_no_value_at_all_is_an_empty_text_unless_it_is_the_default(open_at):
    app = open_at(pills="2")
    app.multiselect(key="several").set_value([]).run()
    app.pills(key="pills").set_value([]).run()
    assert link(app) == {"several": [""]}
    assert "[]" in shown(go(open_at(), several=""))[1]


@pytest.mark.parametrize(
    ("kind", "key", "value", "written"),
    [
        ("selectbox", "one", "c", ["c"]),
        ("segmented_control", "size", 1, ["size 1"]),
        ("multiselect", "several", ["x", "z"], ["x", "z"]),
        ("pills", "pills", [1, 3], ["1", "3"]),
        ("toggle", "switch", False, ["false"]),
        ("slider", "share", 0.35, ["0.35"]),
        ("number_input", "seed", 12, ["12"]),
        ("slider", "range", (0.25, 1.0), ["0.25", "1"]),
    ],
)
def test_a_change_is_written_and_the_default_removes_it(open_at, kind, key, value, written):
    app = open_at(other="kept")
    widget = getattr(app, kind)(key=key)
    default = widget.value
    widget.set_value(value).run()
    assert shown(app) != DEFAULTS and link(app) == {"other": ["kept"], key: written}
    getattr(app, kind)(key=key).set_value(default).run()
    assert shown(app) == DEFAULTS and link(app) == {"other": ["kept"]}


def test_a_change_removes_what_belongs_to_the_value_before(open_at):
    app = open_at(cell="4", one="b")
    app.segmented_control(key="size").set_value(3).run()
    assert link(app) == {"one": ["b"], "size": ["size 3"]}


def test_a_change_that_the_browser_has_not_received_yet_is_kept(open_at):
    app = open_at(other="kept")
    app.selectbox(key="one").set_value("c").run()
    app.toggle(key="switch").set_value(False).run()
    for stale in ({"other": "kept"}, {"other": "kept", "one": "c"}):
        go(app, **stale)
        assert link(app) == {"other": ["kept"], "one": ["c"], "switch": ["false"]}
    go(app, other="kept").selectbox(key="one").set_value("b").run()
    assert link(app) == {"other": ["kept"], "one": ["b"], "switch": ["false"]}
    assert link(go(app, other="another")) == {"other": ["another"]}  # a link to the same page


def test_the_back_button_restores_the_value_in_the_address(open_at, go_back):
    app = open_at()
    app.selectbox(key="one").set_value("c").run()
    go_back(app)
    assert shown(app) == DEFAULTS and app.selectbox(key="one").value == "a"


def test_going_back_a_stale_widget_does_not_change_the_address(open_at, monkeypatch):
    app = open_at(one="b")
    monkeypatch.setattr(linked_widgets, "went_back", lambda: True)
    app.selectbox(key="one").set_value("c").run()  # as a browser that goes back twice quickly reports it
    assert link(app) == {"one": ["b"]} and app.selectbox(key="one").value == "b"


def test_a_widget_that_is_not_shown_keeps_its_value_in_the_address(open_at):
    app = open_at()
    app.toggle(key="sometimes").set_value(True).run()
    go(app, **link(app) | {"hide": "yes"})
    go(app, **{name: value for name, value in link(app).items() if name != "hide"})
    assert app.toggle(key="sometimes").value is True and link(app) == {"sometimes": ["true"]}
