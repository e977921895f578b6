"""`streamlit run app/main.py`: the pages of the app."""

import streamlit as st

st.set_page_config(page_title="Person search", page_icon=":material/person_search:", layout="wide")
page = st.navigation(
    [st.Page("app_pages/search.py", title="Search", icon=":material/person_search:", help="Find a person again")],
    position="top",
)
page.run()
