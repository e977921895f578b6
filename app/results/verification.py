"""The section on verification and open-set identification."""

import pandas as pd
import streamlit as st

from app.results import texts
from app.results.report_labels import Reports, label
from app.results.table_style import percent_style
from app.results.verification_charts import det_figure, open_set_figure, roc_figure

FIGURES = {
    texts.ROC: (roc_figure, texts.ABOUT_ROC),
    texts.DET: (det_figure, texts.ABOUT_DET),
    texts.OPEN_SET: (open_set_figure, texts.ABOUT_OPEN_SET),
}


def show(some: Reports) -> None:
    """Show curves and error rates of the results that have stored scores."""
    st.header(texts.VERIFICATION)
    counted = {label(name, report): (report.result["architecture"], report.scores) for name, report in some.items()}
    if not any(scores for _, scores in counted.values()):
        st.caption(texts.NO_SCORES)
        return
    st.markdown(texts.ABOUT_VERIFICATION)
    for column, (name, (draw, text)) in zip(st.columns(3, gap="medium"), FIGURES.items(), strict=True):
        with column:
            st.markdown(f"**{name}**")
            st.plotly_chart(
                draw(counted), key=name, alt=texts.VERIFICATION_ALT.format(name=name), config={"displayModeBar": False}
            )
            st.caption(text)
    rows = [{texts.RESULT: name} | counts.figures for name, (_, counts) in counted.items() if counts]
    st.table(percent_style(pd.DataFrame(rows)), border="horizontal", alt=texts.ERROR_RATES_ALT)
    st.caption(texts.ABOUT_ERROR_RATES)
