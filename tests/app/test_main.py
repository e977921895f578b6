"""What the app shows if a page fails."""

import pytest

from core.errors import UserError

pytestmark = pytest.mark.slow  # opens pages


@pytest.mark.parametrize("error", [UserError("The file is gone."), OSError("The file is gone.")])
def test_an_error_that_a_page_does_not_expect_is_a_sentence(open_app, sentences, monkeypatch, error):
    def fail(model: str) -> None:
        raise error

    monkeypatch.setattr("app.search.start.show_introduction", fail)
    assert sentences(open_app()) == "The file is gone."
