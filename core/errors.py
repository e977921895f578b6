"""The one exception that is meant for the user: a mistake told in one sentence."""


class UserError(ValueError):
    """What came, what was expected, what to type instead; in one sentence.

    The command line prints it and exits with status 2; the app shows it on the page.
    """
