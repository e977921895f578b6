"""What a scene of the app holds."""


def titles(items: list[dict], name: str) -> list[str]:
    """Of the cells of the grids whose name begins so."""
    return [
        title for item in items if item["kind"] == "grid" and item["id"].startswith(name) for title in item["titles"]
    ]


def words(items: list[dict]) -> list[str]:
    return [item["text"] for item in items if item["kind"] == "text"]
