"""The exception for errors that the user can correct."""


class UserError(ValueError):
    """Invalid input. The message says what is wrong, what was expected and what to do.

    The command line prints the message and exits with status 2. The app shows it on the page.
    """
