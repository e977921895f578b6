"""`streamlit run app/main.py`: the pages of the app."""

from pathlib import Path

import streamlit as st

from core.jobs.process_settings import let_threads_sleep

let_threads_sleep()  # before torch is imported

from app.shared import cache  # noqa: E402

ICON = Path(__file__).parent / "icon.png"  # a :material: icon would be fetched from the internet

st.set_page_config(page_title="Person search", page_icon=ICON, layout="wide")
pages = [
    st.Page("app_pages/search.py", title="Search", icon=":material/person_search:", help="Find a person again"),
    st.Page(
        "app_pages/data.py",
        title="Data",
        icon=":material/photo_library:",
        help="Galleries of your own: made, extended, looked into",
    ),
    st.Page(
        "app_pages/regions.py", title="Regions", icon=":material/grid_on:", help="What the network sees in an image"
    ),
    st.Page("app_pages/compare.py", title="Compare", icon=":material/compare_arrows:", help="Why two images match"),
    st.Page(
        "app_pages/embedding.py",
        title="Embedding",
        icon=":material/scatter_plot:",
        help="A map of all images, as the network sees them",
    ),
    st.Page(
        "app_pages/training.py",
        title="Training",
        icon=":material/model_training:",
        help="Begin, watch, stop and compare trainings",
    ),
    st.Page(
        "app_pages/results.py",
        title="Results",
        icon=":material/bar_chart:",
        help="What was measured, beside what the paper reports",
    ),
]
cache.forget_deleted()
st.navigation(pages, position="top").run()
