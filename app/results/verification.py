"""On the results page: same person or not, and searches for people who may not be there."""

import pandas as pd
import streamlit as st

from app.results.report_labels import Reports, label
from app.results.table_style import percent_style
from app.results.verification_charts import det_figure, open_set_figure, roc_figure

FIGURES = {
    "ROC": (
        roc_figure,
        "Each place of a curve is a threshold: above it two images are called the same person. "
        "To the right goes how often that is wrong, up how many of the true pairs are found.",
    ),
    "DET": (
        det_figure,
        "The same thresholds with both errors as axes, stretched by the normal distribution. The "
        "dotted line is where both are equal.",
    ),
    "Open gallery": (
        open_set_figure,
        "Whole searches. Up: the person is there and comes first, above the threshold. "
        "To the right: the person was taken out of the gallery, and somebody still comes above it.",
    ),
}


def show(some: Reports) -> None:
    """Curves and a table of the results that have counted scores."""
    st.header("Same person or not?")
    counted = {label(name, report): (report.result["architecture"], report.scores) for name, report in some.items()}
    if not any(scores for _, scores in counted.values()):
        st.caption(
            "None of these results has its scores counted: `python -m core evaluate` does so, unless it re-ranks."
        )
        return
    st.markdown(
        "How well a threshold on the score tells pairs apart, and what it takes to say that somebody is not there. The "
        "scores are those of test people, colours and dashes those of the figure above."
    )
    for column, (name, (draw, words)) in zip(st.columns(3, gap="medium"), FIGURES.items(), strict=True):
        with column:
            st.markdown(f"**{name}**")
            st.plotly_chart(
                draw(counted), key=name, alt=f"{name} of the chosen results", config={"displayModeBar": False}
            )
            st.caption(words)
    rows = [{"Result": name} | counts.figures for name, (_, counts) in counted.items() if counts]
    st.table(percent_style(pd.DataFrame(rows)), border="horizontal", alt="Error rates of the chosen results")
    st.caption(
        "Percent. EER: both errors equally frequent. Misses at a false-match rate (FMR); found at rank 1 at a rate of "
        "false alarms. What a score means on the search page rests on other people, held out of the training: see "
        "`python -m core calibrate`."
    )
