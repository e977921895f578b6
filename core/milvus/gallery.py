"""A gallery on a Milvus server, for galleries that are too large for one machine.

It has the same search functions as `core.search.gallery.Gallery` and returns the same tables. A row is identified by
its path and contains a hash of its content. A push therefore sends only new and changed rows, also after a broken
connection, and creates no duplicates.
"""

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from core.data.records import Record
from core.errors import UserError
from core.milvus.collection import INDEXES, ROWS_PER_REQUEST, Collection
from core.milvus.rows import FIELDS, expression, identifier, row_of, table_of
from core.milvus.server import MAX_RESULTS, NotLoaded, Server
from core.search.filters import Filter, choose
from core.search.gallery import Gallery
from core.search.probe_descriptor import check_probe, mean_descriptor

MAX_PASSES = 5  # passes over all rows of a push; rows are sent again if the server has lost them


class MilvusGallery:
    """A gallery in a collection of a Milvus server. `push` creates the collection.

    All methods raise UserError if the server does not answer, or if the collection was not created by `push`.

    Args:
        uri: The address of the server, e.g. "http://localhost:19530".
        name: The name of the collection.
        token: The token of the server. See `Server`.
        patience: Seconds to wait for the server. See `Server`.
        ef: The lowest number of candidates of an HNSW search. More candidates give a higher recall and take longer.
        model: The fingerprint of the model of all descriptors. `push` stores it when it creates the collection. `push`
            and the searches raise UserError if the stored one differs. Without either, models are not checked.
    """

    def __init__(
        self,
        uri: str,
        name: str = "gallery",
        token: str | None = None,
        patience: float = 10,
        ef: int = 128,
        model: str = "",
    ):
        if not re.fullmatch(r"[A-Za-z_]\w{0,254}", name, re.ASCII):
            raise UserError(
                f"{name!r} cannot be a name on a Milvus server. Use letters, digits and _, and start with a letter."
            )
        self.name, self.ef = name, ef
        self.server = Server(uri, token, patience)
        self._collection = Collection(name, model, str(self.server), timeout=6 * patience)

    def push(
        self,
        gallery: Gallery,
        index: str = "FLAT",
        batch: int = ROWS_PER_REQUEST,
        on_progress: Callable[[int], None] = lambda count: None,
        remove: bool = False,
    ) -> int:
        """Send the new and changed rows of a gallery to the server.

        If the server stops answering, the call waits for it. Afterwards it checks all rows, because a server that died
        may have lost rows. After an interruption, the same call resumes.

        Args:
            gallery: The gallery.
            index: "FLAT" for exact search, or "HNSW" for approximate search.
            batch: The number of rows in a request.
            on_progress: Called with the number of rows that have reached the server since the last call.
            remove: Whether rows that the gallery does not have are deleted from the server. Without it, several
                galleries can be pushed into one collection.

        Returns:
            The number of new and changed rows.

        Raises:
            UserError: If the index is unknown, if a path is in the gallery twice, or if the server does not answer.
        """
        if index not in INDEXES:
            raise UserError(f"There is no index {index!r}; use {' or '.join(INDEXES)}.")
        if len(set(gallery.paths)) < len(gallery):
            raise UserError("The gallery contains a path more than once, but paths identify the rows on the server.")
        self._ask(False, self._collection.prepare, gallery.descriptors.shape[1], index)
        sent = 0
        for _ in range(MAX_PASSES):
            changed = 0
            for start in range(0, len(gallery), batch):
                rows = [row_of(gallery, position) for position in range(start, min(start + batch, len(gallery)))]
                changed += self._ask(True, self._collection.send, rows)
                on_progress(0 if sent else len(rows))
            sent += changed
            if not changed:
                if remove:
                    self._ask(True, self._collection.delete_others, {identifier(str(path)) for path in gallery.paths})
                return sent
            self._ask(True, lambda client: client.flush(self.name))
        raise UserError(f"The Milvus server at {self.server} loses rows that it has received. See the server's log.")

    def search(
        self,
        descriptor: np.ndarray,
        top: int = 20,
        cameras: Iterable[int] | None = None,
        probe: Record | None = None,
        identities: Iterable[str] | None = None,
        between: Sequence | None = None,
    ) -> pd.DataFrame:
        """Rank the gallery for one probe, like `Gallery.search`, with at most 16,384 results."""
        filters = choose(cameras, identities, between, probe)
        return self._ask(False, self._search, [mean_descriptor(descriptor)], top, filters)[0]

    def search_each(
        self,
        descriptors: np.ndarray,
        top: int = 20,
        cameras: Iterable[int] | None = None,
        probes: Sequence[Record] | None = None,
        identities: Iterable[str] | None = None,
        between: Sequence | None = None,
    ) -> pd.DataFrame:
        """Rank the gallery for many probes, like `Gallery.search_each`.

        All probes are sent in one request. With records in `probes`, each probe has its own request.
        """
        queries = [mean_descriptor(descriptor) for descriptor in descriptors]
        shared = choose(cameras, identities, between)
        if probes is None:
            tables = self._ask(False, self._search, queries, top, shared)
        elif len(probes) == len(queries):
            tables = [
                self.search(query, top, shared.cameras, probe, shared.identities, shared.between)
                for query, probe in zip(queries, probes, strict=True)
            ]
        else:
            raise UserError(f"Each of {len(queries)} descriptors needs a record; got {len(probes)}.")
        table = pd.concat(
            [one.assign(probe=number) for number, one in enumerate(tables)] or [table_of([], 0, False).assign(probe=0)],
            ignore_index=True,
        )
        return table[["probe", *table.columns.drop("probe")]]

    def recall(self, gallery: Gallery, probes: np.ndarray, top: int = 10) -> float:
        """Measure the recall of the index: the share of the exact results that the server returns.

        Args:
            gallery: The same gallery in memory, which is searched exactly.
            probes: Descriptors (Q, D).
            top: The number of results of each probe.

        Returns:
            The share, from 0 to 1.
        """
        exact, returned = (each.search_each(probes, top)[["probe", "path"]] for each in (gallery, self))
        return len(exact.merge(returned)) / len(exact)

    def __len__(self) -> int:
        """Return the number of rows on the server; 0 if there is no such collection."""
        if not self._ask(False, lambda client: client.has_collection(self.name)):
            return 0
        return self._ask(False, lambda client: client.query(self.name, "", ["count(*)"]))[0]["count(*)"]

    @property
    def index(self) -> str:
        """The index on the server, "FLAT" or "HNSW"."""
        return self._ask(False, self._collection.index)

    def drop(self) -> bool:
        """Delete the collection from the server. Return whether it existed."""
        return self._ask(False, self._collection.drop)

    def _ask(self, insist: bool, work: Callable, *arguments):
        """Call work(client, ...), and load the collection if necessary. With `insist`, wait for the server."""
        ask = self.server.insist if insist else self.server.ask
        try:
            return ask(work, *arguments)
        except NotLoaded:
            ask(lambda client: client.load_collection(self.name))
            return ask(work, *arguments)

    def _search(self, client, probes: list[np.ndarray], top: int, filters: Filter) -> list[pd.DataFrame]:
        if top > MAX_RESULTS:
            raise UserError(
                f"Milvus returns at most {MAX_RESULTS:,} results; got {top:,}. The gallery on disk has no such limit."
            )
        for probe in probes:
            check_probe(probe, self._collection.size(client))
        self._collection.check_model(client)
        with_times = bool(client.query(self.name, "time is not null", ["id"], limit=1))
        if not probes or top < 1 or () in (filters.cameras, filters.identities):
            return [table_of([], top, with_times) for _ in probes]
        results = client.search(
            self.name,
            probes,
            expression(filters),
            top,
            list(FIELDS),
            {"metric_type": "IP", "params": {"ef": max(self.ef, top)}},
            self._collection.timeout,
        )
        return [table_of(hits, top, with_times) for hits in results]
