"""`streamlit run app/main.py`: the pages of the app."""

from pathlib import Path

import streamlit as st

ICON = Path(__file__).parent / "frontend" / "icon.png"  # a :material: icon would be fetched from the internet

st.set_page_config(page_title="Person search", page_icon=ICON, layout="wide")
page = st.navigation(
    [st.Page("app_pages/search.py", title="Search", icon=":material/person_search:", help="Find a person again")],
    position="top",
)
page.run()
