"""Made-up scores of pairs at a chosen distance, and their histogram loss."""

import numpy as np
import streamlit as st

from app.shared import linked_widgets
from app.shared.keys import MARGIN
from app.shared.pair_histograms import pair_histograms
from app.tour import texts

STEP, HIGHEST, DEFAULT = 0.05, 0.9, 0.1  # of the distance between the mean scores
LIMIT = 0.01  # of the loss, in the question
PAIRS, SPREAD = 2000, 0.15  # pairs of each kind, and the standard deviation of their scores


def margin() -> float:
    """Show the slider, and return the distance between the mean scores."""
    return linked_widgets.number(st.slider, texts.MARGIN, 0.0, HIGHEST, MARGIN, DEFAULT, step=STEP)


def show(distance: float) -> None:
    """Show the histograms and the loss."""
    loss, positive, negative = compute(distance)
    figure = pair_histograms(positive, negative, texts.LOSS_FIGURE)
    st.plotly_chart(figure, key="loss_demo", alt=texts.LOSS_ALT, config={"displayModeBar": False})
    st.markdown(texts.LOSS.format(loss=loss, count=round(100 * loss)))


@st.cache_data(max_entries=50, show_spinner=False)
def compute(distance: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the loss, and the histograms of the pairs of the same and of different identities."""
    import torch

    from core.losses.histogram import similarity_loss, soft_histogram

    spread = torch.randn(2, PAIRS, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * SPREAD
    positive, negative = spread[0] + distance, spread[1]
    loss = float(similarity_loss(positive, negative))
    nodes = 41  # wide bins make smooth histograms
    return loss, soft_histogram(positive, nodes).numpy(), soft_histogram(negative, nodes).numpy()


def smallest() -> float:
    """Return the smallest distance of the slider with a loss below the limit."""
    steps = (round(number * STEP, 10) for number in range(round(HIGHEST / STEP) + 1))
    return next(distance for distance in steps if compute(distance)[0] < LIMIT)
