"""The section on uncertainty: how much was measured, and the comparison of two results on the same probes."""

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.results import report_labels, texts
from app.results.report_labels import Reports, row_name
from app.results.reports import compare
from app.results.table_style import limits, percent_style, signed
from app.results.tables import Board
from app.shared import linked_widgets
from app.shared.keys import FIRST_RESULT, SECOND_RESULT
from app.shared.widgets import as_plain_text
from core.errors import UserError
from core.evaluation.comparison import Comparison, format_p
from core.evaluation.seeds import SeedGroup
from core.paper.tables import heading

SENTENCES = ("recall@1", "mAP")  # the metrics whose tests are put into words


def show(board: Board, methods: Mapping[str, str]) -> None:
    """Show the numbers of probes, splits and seeds of the results of a board, and compare two of them.

    Args:
        board: The board.
        methods: The names of results by those in links.
    """
    st.header(texts.UNCERTAINTY)
    st.markdown(texts.ABOUT_UNCERTAINTY)
    counts = count_rows(board.reports, board.seeds)
    shares = [column for column in (texts.SD_OVER_SPLITS, texts.SD_OVER_SEEDS) if column in counts]
    style = percent_style(counts, [column for column in counts if column not in shares])
    st.table(style, border="horizontal", alt=texts.COUNTS_ALT.format(data=board.title))
    for text in (texts.ABOUT_COUNTS, *map(as_plain_text, reasons(board.reports))):
        st.caption(text)
    st.subheader(texts.COMPARE_TWO)
    own = {method: name for method, name in methods.items() if name in board.reports}
    if len(own) < 2:
        st.caption(texts.ONE_RESULT_ONLY)
        return
    left, right = st.columns(2)
    with left:
        first = choose(texts.FIRST_RESULT, list(own), FIRST_RESULT)
    with right:
        second = choose(texts.SECOND_RESULT, [one for one in own if one != first], SECOND_RESULT)
    try:
        comparison = compare(own[first], own[second])
    except UserError as error:
        st.info(str(error))
        return
    names = report_labels.shown(first), report_labels.shown(second)
    for metric in SENTENCES:
        if said := comparison.sentence(metric, *names):
            st.markdown(as_plain_text(said))
    alt = texts.COMPARISON_ALT.format(first=names[0], second=names[1])
    rows = difference_rows(comparison, *names)
    style = percent_style(rows, [texts.COLUMN_METRIC, texts.COLUMN_INTERVAL, texts.COLUMN_P_VALUE])
    st.table(style.format(signed, subset=texts.COLUMN_DIFFERENCE), border="horizontal", alt=alt)
    st.caption(" ".join([*map(as_plain_text, comparison.notes), texts.ABOUT_COMPARISON]))


def choose(label: str, options: list[str], key: str) -> str:
    """Show the choice of one of the two results."""
    return linked_widgets.choose_one(st.selectbox, label, options, key, shown=report_labels.shown)


def count_rows(reports: Reports, seeds: Mapping[str, SeedGroup]) -> pd.DataFrame:
    """One row per result: probes, identities, splits, seeds, and the standard deviations of rank-1 if there are any."""
    rows = []
    for name, report in reports.items():
        result, group = report.result, seeds.get(name)
        identities = texts.MISSING if report.probes.empty else f"{report.probes['identity'].nunique():,}"
        rows.append(
            {
                texts.RESULT: row_name(name, report),
                texts.COLUMN_PROBES: f"{result['summary']['probes']:,}",
                texts.COLUMN_IDENTITIES: identities,
                texts.COLUMN_SPLITS: str(len(result["splits"])),
                texts.COLUMN_SEEDS: str(len(group.seeds)) if group else texts.MISSING,
                texts.SD_OVER_SPLITS: result["spread"].get("recall@1"),
                texts.SD_OVER_SEEDS: group.spread.get("recall@1") if group else None,
            }
        )
    return pd.DataFrame(rows).dropna(axis="columns", how="all")


def reasons(reports: Reports) -> list[str]:
    """Return a sentence for each reason why metrics have no interval, with the names of the results."""
    names = defaultdict(list)
    for name, report in reports.items():
        if report.no_interval:
            names[report.no_interval].append(row_name(name, report))
    return [texts.NO_INTERVAL.format(names="; ".join(several), why=why) for why, several in names.items()]


def difference_rows(comparison: Comparison, first: str, second: str) -> pd.DataFrame:
    """One row per metric: both values in percent, the difference in points with its interval, and the p-value."""
    return pd.DataFrame(
        [
            (
                heading(one.metric),
                one.first,
                one.second,
                one.points,
                limits(one.interval) if one.interval else texts.MISSING,
                format_p(one.p_value).removeprefix("= "),
            )
            for one in comparison.differences
        ],
        columns=[
            texts.COLUMN_METRIC,
            first,
            second,
            texts.COLUMN_DIFFERENCE,
            texts.COLUMN_INTERVAL,
            texts.COLUMN_P_VALUE,
        ],
    )
