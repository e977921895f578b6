"""Durations as text."""


def format_duration(seconds: float | None) -> str:
    """Format a duration in seconds for a reader, e.g. "1 h 05 min"; "-" for None."""
    if seconds is None:
        return "-"
    if 0 < seconds < 1:
        return f"{seconds:.1g} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min {rest:02d} s"
