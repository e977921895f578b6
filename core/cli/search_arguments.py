"""What the commands `search` and `milvus search` are asked alike."""

import argparse
from collections.abc import Callable
from pathlib import Path


def add_search_arguments(sub: argparse.ArgumentParser, positive: Callable[[str], int], device_help: str) -> None:
    """The probe, what is searched, and where the ranking goes."""
    sub.add_argument("probes", type=Path, nargs="+", metavar="PROBE", help="picture of the person to look for")
    sub.add_argument("--top", type=positive, default=20, help="how many results (default: 20)")
    sub.add_argument("--camera", type=int, nargs="+", metavar="N", help="only pictures of these cameras")
    sub.add_argument("--identity", nargs="+", metavar="NAME", help="only pictures of these people")
    sub.add_argument(
        "--between",
        nargs=2,
        metavar="TIME",
        help="only pictures of this time: seconds, or like 2024-05-17T09:30; '' leaves an end open",
    )
    sub.add_argument("--json", type=Path, metavar="FILE", help="write the ranking here")
    sub.add_argument("--device", default="auto", help=device_help)


def asked_for(options: argparse.Namespace) -> dict:
    """Arguments of `Gallery.search`."""
    return {"cameras": options.camera, "identities": options.identity, "between": options.between}


def show_ranking(ranking, options: argparse.Namespace) -> None:
    print(ranking.to_string(index=False, float_format="{:.4f}".format))
    if options.json:
        options.json.write_text(ranking.to_json(orient="records", indent=2) + "\n", encoding="utf-8")
