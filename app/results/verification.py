"""The section on verification and open-set identification."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.components import figure_export
from app.results import texts
from app.results.report_labels import Reports, row_name
from app.results.table_style import percent_style
from app.results.verification_charts import det_figure, open_set_figure, roc_figure
from app.shared.charts import LineStyle

FIGURES = {
    texts.ROC: (roc_figure, texts.ABOUT_ROC),
    texts.DET: (det_figure, texts.ABOUT_DET),
    texts.OPEN_SET: (open_set_figure, texts.ABOUT_OPEN_SET),
}


def show(some: Reports, styles: Mapping[str, LineStyle], data: str) -> None:
    """Show curves and error rates of the results on a data set that have stored scores."""
    st.header(texts.VERIFICATION)
    counted = {row_name(name, report): (styles[name], report.scores) for name, report in some.items()}
    if not any(scores for _, scores in counted.values()):
        st.caption(texts.NO_SCORES)
        return
    st.markdown(texts.ABOUT_VERIFICATION)
    for column, (name, (draw, text)) in zip(st.columns(3, gap="medium"), FIGURES.items(), strict=True):
        with column:
            st.markdown(f"**{name}**")
            figure_export.show(draw(counted), name, texts.VERIFICATION_ALT.format(name=name, data=data), text)
    rows = [{texts.RESULT: name} | counts.figures for name, (_, counts) in counted.items() if counts]
    st.table(percent_style(pd.DataFrame(rows)), border="horizontal", alt=texts.ERROR_RATES_ALT.format(data=data))
    st.caption(texts.ABOUT_ERROR_RATES)
