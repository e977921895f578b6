"""The key of a custom component, made from a name."""

import re


def component_key(key: str) -> str:
    """Return a key without two successive underscores, which Streamlit refuses in the key of a component.

    Names of files, models and galleries may contain them. Different keys stay different.
    """
    return re.sub("_(?=_)", "_·", key)
