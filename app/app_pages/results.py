"""The page Results: the measured results on one data set, compared with the paper's, and the probes of one result."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from app.components import figure_export
from app.components.image_grid import crop_grid
from app.results import links, report_labels, table_style, tables, texts, uncertainty, verification
from app.results.line_styles import line_styles
from app.results.reports import read_reports
from app.results.worst_probes import explain_missing_links, images_of, worst_first
from app.shared import cache, charts, linked_widgets, widgets
from app.shared.keys import COMPARED, FIRST_RESULT, LOOKED_AT, SECOND_RESULT, TABLE
from app.shared.search_links import searched_with
from app.shared.url_params import follow_earlier_link, unknown_in_link
from core.errors import UserError
from core.evaluation.metrics import AVERAGE_PRECISIONS, average_precision
from core.paper.tables import to_csv, to_json, to_latex

EXAMPLE = np.array([1, 4, 6])  # ranks of a probe's true matches
RANKS_OF_PAPER, MAX_RANKS = 20, 50  # of the curves
MAX_WORST_PROBES = 14  # shown as images
COLUMNS = {
    "path": st.column_config.TextColumn(texts.COLUMN_IMAGE),
    "identity": st.column_config.TextColumn(texts.COLUMN_IDENTITY),
    "camera": st.column_config.NumberColumn(texts.COLUMN_CAMERA, alignment="left"),
    "split": st.column_config.NumberColumn(texts.COLUMN_SPLIT, alignment="left"),
    "first_rank": st.column_config.NumberColumn(
        texts.COLUMN_FIRST_RANK, format=texts.FIRST_RANK_FORMAT, alignment="left"
    ),
    "average_precision": st.column_config.ProgressColumn(
        texts.COLUMN_AVERAGE_PRECISION, format="%.3f", min_value=0, max_value=1
    ),
    "search": st.column_config.LinkColumn(texts.COLUMN_SEARCH, display_text=texts.SEARCH),
}


def show_downloads(frame: pd.DataFrame, name: str, caption: str) -> None:
    """Show the buttons to download a table of method, source and percentages as CSV, LaTeX and JSON."""
    with st.container(horizontal=True):
        for format, file, mime, text in (
            ("CSV", f"{name}.csv", "text/csv", to_csv(frame)),
            ("LaTeX", f"{name}.tex", "application/x-tex", to_latex(frame, caption)),
            ("JSON", f"{name}.json", "application/json", to_json(frame)),
        ):
            st.download_button(
                texts.TABLE_AS.format(format=format),
                text,
                file,
                mime,
                key=file,
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )


def show_provenance(some: report_labels.Reports) -> None:
    """Show a warning for results on training identities, and the details of the evaluations."""
    widgets.warn(report_labels.overlaps(some))
    if not some:
        return
    with st.expander(texts.DETAILS, icon=":material/info:"):
        for name, report in some.items():
            title = widgets.as_plain_text(report_labels.shown(report_labels.method(name, report)))
            st.markdown(texts.DETAILS_OF.format(name=title, details=report_labels.details(report)))


found, damaged = read_reports()
found = report_labels.in_order(found)
boards = tables.boards(found)
titles = {name: board.title for name, board in boards.items()}
first = next((name for name, board in boards.items() if board.reports), next(iter(boards)))

st.title(texts.TITLE)
st.markdown(texts.INTRODUCTION)
follow_earlier_link("results", partial(links.update, boards=boards))
unknown = unknown_in_link({TABLE: list(titles.values())}, st.query_params.get_all)
if not found:
    st.info(texts.NO_RESULTS)

chosen = linked_widgets.choose_one(
    st.segmented_control,
    texts.DATA,
    boards,
    TABLE,
    default=first,
    format_func=titles.get,
    forgets=(COMPARED, LOOKED_AT, FIRST_RESULT, SECOND_RESULT),
    required=True,
)
board = boards[chosen]
styles = line_styles(board.reports)
methods = {report_labels.method(name, report): name for name, report in board.reports.items()}
names_in_link = (COMPARED, LOOKED_AT, FIRST_RESULT, SECOND_RESULT)
unknown += unknown_in_link(dict.fromkeys(names_in_link, methods), st.query_params.get_all)
widgets.warn(damaged + unknown)
if len(methods) > 1:
    picked = linked_widgets.choose_several(
        st.multiselect,
        texts.RESULTS,
        methods,
        COMPARED,
        placeholder=texts.ALL_RESULTS.format(data=board.title),
        format_func=report_labels.shown,
    )
    board = board.select([methods[one] for one in picked] or board.reports)

# the table, and the panel of figure 3
some, frame = board.reports, board.frame
left, right = st.columns([5, 4], gap="medium")
with left:
    number = tables.number(board.table) if board.table else ""
    st.markdown(texts.TABLE_OF_PAPER.format(number=number) if board.table else texts.OTHER_TABLE)
    st.table(table_style.board_style(frame, some, styles), border="horizontal", alt=board.caption)
    st.caption(board.explanation)
    show_downloads(frame, chosen, board.caption)
with right:
    st.markdown(texts.FIGURE_OF_PAPER.format(panel=board.table.panel) if board.table else texts.OTHER_FIGURE)
    ranks = RANKS_OF_PAPER if board.table else MAX_RANKS
    figure_export.show(
        charts.recall_figure(report_labels.curves(some, styles), board.points, ranks),
        "recall",
        texts.FIGURE_ALT.format(data=board.title, ranks=ranks),
        board.about_figure,
    )
    if some:
        show_downloads(
            report_labels.curve_rows(some), f"{chosen}-recall", texts.CURVES_CAPTION.format(data=board.title)
        )
show_provenance(some)
if not some:
    st.stop()

uncertainty.show(board, methods)

verification.show(some, styles, board.title)

st.header(texts.AVERAGE_PRECISION)
st.markdown(texts.ABOUT_AVERAGE_PRECISION)
for column, (name, definition) in zip(st.columns(3, gap="medium"), AVERAGE_PRECISIONS.items(), strict=True):
    with column:
        st.markdown(texts.EXAMPLE.format(definition=name.capitalize(), value=average_precision(EXAMPLE, name)))
        drawn = charts.precision_figure(EXAMPLE, name)
        figure_export.show(drawn, name, texts.EXAMPLE_ALT.format(definition=name), definition.explanation)
precisions = report_labels.average_precisions(some)
st.table(table_style.percent_style(precisions), border="horizontal", alt=texts.DEFINITIONS_ALT)
show_downloads(
    report_labels.measured_rows(precisions),
    f"{chosen}-average-precision",
    texts.DEFINITIONS_CAPTION.format(data=board.title),
)

st.header(texts.ONE_RESULT)
try:
    models = cache.list_models()
except UserError:
    models = {}
shown = [one for one, name in methods.items() if name in some]
is_default_model = [searched_with(methods[one], models) == next(iter(models), None) for one in shown]
first = shown[is_default_model.index(True)] if True in is_default_model else shown[0]
one = linked_widgets.choose_one(st.selectbox, texts.RESULT, shown, LOOKED_AT, default=first, shown=report_labels.shown)
report, model = some[methods[one]], searched_with(methods[one], models)
images = images_of(report)
probes = worst_first(report, images, model)
worst = probes[probes["search"].notna()].head(MAX_WORST_PROBES)

st.subheader(texts.WORST_FIRST)
if len(worst):
    st.markdown(texts.OPEN_PROBE)
    crop_grid(widgets.worst_crops(worst, images), "strip", texts.WORST_PROBES, "worst")
st.dataframe(
    probes,
    hide_index=True,
    column_order=[one for one in COLUMNS if len(worst) or one != "search"],
    column_config=COLUMNS,
    height=300,
    alt=texts.PROBES_ALT,
)
st.caption(explain_missing_links(probes, report, images))

st.subheader(texts.CAMERAS)
left, right = st.columns([3, 2], gap="large")
with left:
    cameras = report.result["cameras"]
    caption = texts.CAMERAS_CAPTION.format(name=report_labels.shown(one), data=board.title)
    figure_export.show(
        charts.camera_figure(cameras["probe"], cameras["gallery"], cameras["recall@1"]), "cameras", caption
    )
with right:
    st.markdown(texts.ABOUT_CAMERAS)
    show_downloads(report_labels.camera_rows(report), f"{chosen}-cameras", caption)
