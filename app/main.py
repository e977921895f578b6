"""`streamlit run app/main.py`: the navigation of the app."""

from pathlib import Path

import streamlit as st

from core.jobs.process_settings import let_threads_sleep

let_threads_sleep()  # before torch is imported

from app.glossary import page_terms  # noqa: E402
from app.shared import cache, context, garbage, keys, texts  # noqa: E402
from core.errors import UserError, explain  # noqa: E402

ICON = Path(__file__).parent / "icon.png"  # the browser would fetch a :material: icon from the internet

st.set_page_config(page_title=texts.APP, page_icon=ICON, layout="wide")
pages = [
    st.Page("app_pages/search.py", title=texts.SEARCH, icon=":material/person_search:", help=texts.SEARCH_HELP),
    st.Page("app_pages/data.py", title=texts.DATA, icon=":material/photo_library:", help=texts.DATA_HELP),
    st.Page("app_pages/regions.py", title=texts.REGIONS, icon=":material/grid_on:", help=texts.REGIONS_HELP),
    st.Page("app_pages/compare.py", title=texts.COMPARE, icon=":material/compare_arrows:", help=texts.COMPARE_HELP),
    st.Page("app_pages/embedding.py", title=texts.EMBEDDING, icon=":material/scatter_plot:", help=texts.EMBEDDING_HELP),
    st.Page("app_pages/training.py", title=texts.TRAINING, icon=":material/model_training:", help=texts.TRAINING_HELP),
    st.Page("app_pages/results.py", title=texts.RESULTS, icon=":material/bar_chart:", help=texts.RESULTS_HELP),
]
cache.forget_deleted()
garbage.freeze_at_rerun()
page = st.navigation(pages, position="hidden")  # its links would drop the probe, the gallery and the model
st.session_state[keys.PAGE] = page.url_path
with context.show(pages, page):
    page_terms.show(page.url_path)
if keys.TOUR in st.query_params:
    from app.tour import panel  # imported and computed only in the tour

    panel.show(page)
try:
    page.run()
except (UserError, OSError) as error:  # a file that is gone, a full disk
    st.error(explain(error))
