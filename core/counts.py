"""Numbers of things as text."""


def counted(number: int, one: str, several: str = "") -> str:
    """Format a number with its noun: `1 image`, `2,000 images`.

    Args:
        number: The number.
        one: The noun for the number 1, with what follows it if that depends on the number too.
        several: The noun for other numbers; by default `one` with an s.
    """
    return f"{number:,} {one if number == 1 else several or one + 's'}"
