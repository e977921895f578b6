"""Results: what was measured, beside what the paper reports; and of one result, who is not found."""

import numpy as np
import pandas as pd
import streamlit as st

from app.components.image_grid import crop_grid
from app.results import report_labels, table_style, tables, verification
from app.results.reports import read_reports
from app.results.worst_probes import searched_with, why_no_links, worst_first
from app.shared import cache, charts, widgets
from app.shared.keys import COMPARED, LOOKED_AT, TABLE
from app.shared.url_params import unknown_in_link
from core.errors import UserError
from core.evaluation.metrics import AVERAGE_PRECISIONS, average_precision
from core.paper.tables import to_csv, to_latex

EXAMPLE = np.array([1, 4, 6])  # ranks of a probe's right answers
WORST = 14  # probes that are shown as images
COLUMNS = {
    "path": st.column_config.TextColumn("Image"),
    "identity": st.column_config.TextColumn("Person"),
    "camera": st.column_config.NumberColumn("Camera", alignment="left"),
    "split": st.column_config.NumberColumn("Split", alignment="left"),
    "first_rank": st.column_config.NumberColumn("First right answer", format="rank %g", alignment="left"),
    "average_precision": st.column_config.ProgressColumn("Average precision", format="%.3f", min_value=0, max_value=1),
    "search": st.column_config.LinkColumn("Search", display_text="Search"),
}


def figure(drawn, key: str, alt: str) -> None:
    st.plotly_chart(drawn, key=key, alt=alt, config={"displayModeBar": False})


def downloads(frame: pd.DataFrame, name: str, caption: str) -> None:
    """A table of method, source and percentages, as CSV and LaTeX."""
    with st.container(horizontal=True):
        for kind, file, mime, text in (
            ("CSV", f"{name}.csv", "text/csv", to_csv(frame)),
            ("LaTeX", f"{name}.tex", "application/x-tex", to_latex(frame, caption)),
        ):
            st.download_button(
                f"Table as {kind}",
                text,
                file,
                mime,
                key=file,
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


def show_provenance(some: report_labels.Reports) -> None:
    """What is too good, and how the figures came about."""
    widgets.warn(report_labels.too_good(some))
    if not some:
        return
    with st.expander("How these figures came about", icon=":material/info:"):
        for name, report in some.items():
            st.markdown(f"**{widgets.as_plain_text(labels[name])}**: {report_labels.came_about(report)}")


found, damaged = read_reports()
found = report_labels.in_order(found)
labels = {name: report_labels.label(name, report) for name, report in found.items()}
shown = tables.boards(found)
titles = {name: board.title for name, board in shown.items()}
asked = {TABLE: list(titles.values()), COMPARED: list(labels.values()), LOOKED_AT: list(labels.values())}
measured = [name for name, board in shown.items() if board.reports]

st.title("Results beside the paper")
st.markdown("What the networks reach here, and what Ustinova, Ganin and Lempitsky (2017) report of them.")
widgets.warn(damaged + unknown_in_link(asked, st.query_params.get_all))
if not found:
    st.info(report_labels.HOW_TO_MAKE_ONE)

# tables 1 to 4 and figure 3
first = next((name for name in measured if shown[name].table), next(iter(shown)))
chosen = st.segmented_control(
    "Data", shown, default=first, required=True, key=TABLE, bind="query-params", format_func=titles.get
)
board = shown[chosen]
frame = board.frame
left, right = st.columns([5, 4], gap="medium")
with left:
    st.markdown(f"**{tables.number(board.table)}** of the paper" if board.table else "**Measured**")
    st.table(
        table_style.board_style(frame, [one.result["architecture"] for one in board.reports.values()]),
        border="horizontal",
        alt=board.caption,
    )
    st.caption(board.explanation)
    downloads(frame, chosen, board.caption)
with right:
    st.markdown(f"**Figure 3 ({board.table.panel})** of the paper" if board.table else "**Recall@K**")
    figure(charts.recall_figure(board.curves, board.points, 20), "panel", f"Recall@1 to 20 on {board.title}")
    if board.table:
        st.caption("Hollow: published. The paper draws curves; its text gives these points of them. Lines: measured.")
show_provenance(board.reports)
if not found:
    st.stop()

# any results
st.header("Recall@K of any results")
other = next((name for name in measured if not shown[name].table), measured[0])
names = st.multiselect(
    "Results", found, default=list(shown[other].reports), key=COMPARED, bind="query-params", format_func=labels.get
)
some = {name: found[name] for name in names}
figure(charts.recall_figure(report_labels.curves(some)), "curves", "Recall@1 to 50 of the chosen results")
downloads(report_labels.curve_rows(some), "recall", "Recall@K of the chosen results in percent")
show_provenance(some)

verification.show(some)

st.header("Average precision, three definitions")
st.markdown(
    "Papers call three different figures mean average precision. One probe tells them apart: its right answers are at "
    "ranks 1, 4 and 6. Each dot is a rank K: to the right goes the share of the right answers that are among the first "
    "K (recall), up the share of the first K that are right (precision). The shaded area is the average precision."
)
for column, (name, definition) in zip(st.columns(3, gap="medium"), AVERAGE_PRECISIONS.items(), strict=True):
    with column:
        st.markdown(f"**{name.capitalize()}**: {average_precision(EXAMPLE, name):.4f}")
        figure(charts.precision_figure(EXAMPLE, name), name, f"What the definition {name} sums")
        st.caption(definition.explanation)
st.table(
    table_style.percent_style(report_labels.average_precisions(some)), border="horizontal", alt="mAP by each definition"
)
downloads(
    report_labels.measured_rows(report_labels.average_precisions(some)), "average-precision", "mAP by three definitions"
)

st.header("One result, probe by probe")
try:
    images, models = cache.images(), cache.list_models()
except UserError:
    images, models = None, {}
usual = [searched_with(name, models) == next(iter(models), None) for name in found]
name = st.selectbox(
    "Result",
    found,
    usual.index(True) if True in usual else 0,
    key=LOOKED_AT,
    bind="query-params",
    format_func=labels.get,
)
report, model = found[name], searched_with(name, models)
show_provenance({name: report})
probes = worst_first(report, images, model)
worst = probes[probes["search"].notna()].head(WORST)

st.subheader("Probes, worst first")
if len(worst):
    st.markdown("Click one to search with it in a new tab, and to see who is found instead.")
    crop_grid(widgets.worst_crops(worst, images), "strip", "Worst probes", "worst")
st.dataframe(
    probes,
    hide_index=True,
    column_order=[one for one in COLUMNS if len(worst) or one != "search"],
    column_config=COLUMNS,
    height=300,
    alt="Probes, worst first",
)
st.caption(why_no_links(probes, report, images))

st.subheader("Rank-1 by cameras")
left, right = st.columns([3, 2], gap="large")
with left:
    cameras = report.result["cameras"]
    figure(
        charts.camera_figure(cameras["probe"], cameras["gallery"], cameras["recall@1"]),
        "cameras",
        f"Rank-1 of {labels[name]} by cameras",
    )
with right:
    st.markdown(report_labels.CAMERAS)
    downloads(report_labels.camera_rows(report), "cameras", f"Rank-1 by cameras of {labels[name]}")
