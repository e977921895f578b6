"""A gallery on a Milvus server, by URI: for what outgrows one machine. The same search, the same table.

A row is known by its path and carries a hash of what it holds, so that whoever pushes again, after a broken connection
or with new images, sends only what the server lacks, and nothing is there twice.
"""

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from core.data.records import Record
from core.errors import UserError
from core.milvus.rows import FIELDS, MAX_LABEL_BYTES, expression, identifier, row_of, table_of
from core.milvus.server import MAX_RESULTS, NotLoaded, Server
from core.search.filters import Filter, choose
from core.search.gallery import Gallery, check_probe, mean_descriptor

INDEXES = {"FLAT": {}, "HNSW": {"M": 16, "efConstruction": 200}}  # exact; a graph (Malkov and Yashunin, 2018)
ROWS_PER_REQUEST = 1000  # rows a request: 2 MB of 500 numbers each, a fraction of what a server takes
MAX_PASSES = 5  # over all rows, before a server that loses them is given up


class MilvusGallery:
    """A collection of a server, such as MilvusGallery("http://localhost:19530", "lobby"); `push` makes it.

    HNSW looks at `ef` candidates at least: more find more of the exact ranking, and take longer. `token` and `patience`
    are those of `Server`. All methods raise UserError where the server is away, or holds something else by this name.
    """

    def __init__(self, uri: str, name: str = "gallery", token: str | None = None, patience: float = 10, ef: int = 128):
        if not re.fullmatch(r"[A-Za-z_]\w{0,254}", name, re.ASCII):
            raise UserError(f"Milvus cannot name a gallery {name!r}: use letters, digits and _, a letter first.")
        self.name, self.ef = name, ef
        self.server = Server(uri, token, patience)
        self._most = 6 * patience  # seconds that a request may take

    def push(
        self,
        gallery: Gallery,
        index: str = "FLAT",
        batch: int = ROWS_PER_REQUEST,
        on_progress: Callable[[int], None] = lambda count: None,
        remove: bool = False,
    ) -> int:
        """Upsert a gallery -> how many rows were new or changed. `index` is FLAT, which is exact, or HNSW.

        With `remove`, images that the gallery does not have are deleted from the server; without, several galleries
        can be pushed into one.

        A server that goes away is waited for. Whatever was sent is asked for afterwards, since one that died may have
        lost what it took. `on_progress` hears of rows that are there. The same call resumes one that was interrupted.
        """
        if index not in INDEXES:
            raise UserError(f"There is no index {index!r}; use {' or '.join(INDEXES)}.")
        if len(set(gallery.paths)) < len(gallery):
            raise UserError(
                "Some path is in the gallery more than once, but rows on the server are told by their paths."
            )
        self._ask(False, self._prepare, gallery.descriptors.shape[1], index)
        sent = 0
        for _ in range(MAX_PASSES):
            changed = 0
            for start in range(0, len(gallery), batch):
                rows = [row_of(gallery, place) for place in range(start, min(start + batch, len(gallery)))]
                changed += self._ask(True, self._send, rows)
                on_progress(0 if sent else len(rows))
            sent += changed
            if not changed:
                if remove:
                    self._ask(True, self._keep_only, {identifier(str(path)) for path in gallery.paths})
                return sent
            self._ask(True, lambda client: client.flush(self.name))
        raise UserError(f"The Milvus server at {self.server} loses rows that it has taken; see its own log.")

    def search(
        self,
        descriptor: np.ndarray,
        top: int = 20,
        cameras: Iterable[int] | None = None,
        probe: Record | None = None,
        identities: Iterable[str] | None = None,
        between: Sequence | None = None,
    ) -> pd.DataFrame:
        """`Gallery.search` on the server, for at most 16,384 results."""
        wanted = choose(cameras, identities, between, probe)
        return self._ask(False, self._search, [mean_descriptor(descriptor)], top, wanted)[0]

    def search_each(
        self,
        descriptors: np.ndarray,
        top: int = 20,
        cameras: Iterable[int] | None = None,
        probes: Sequence[Record] | None = None,
        identities: Iterable[str] | None = None,
        between: Sequence | None = None,
    ) -> pd.DataFrame:
        """`Gallery.search_each` on the server: in one request, or one each where there are `probes` records."""
        asked = [mean_descriptor(one) for one in descriptors]
        shared = choose(cameras, identities, between)
        if probes is None:
            tables = self._ask(False, self._search, asked, top, shared)
        elif len(probes) == len(asked):
            tables = [
                self.search(one, top, shared.cameras, probe, shared.identities, shared.between)
                for one, probe in zip(asked, probes, strict=True)
            ]
        else:
            raise UserError(f"Each of {len(asked)} descriptors needs a record; got {len(probes)}.")
        table = pd.concat(
            [one.assign(probe=number) for number, one in enumerate(tables)] or [table_of([], 0, False).assign(probe=0)],
            ignore_index=True,
        )
        return table[["probe", *table.columns.drop("probe")]]

    def recall(self, gallery: Gallery, probes: np.ndarray, top: int = 10) -> float:
        """(Q, D) -> share, 0 to 1, of the exact best `top` of each, by the embedded gallery, that is found here too."""
        exact, found = (one.search_each(probes, top)[["probe", "path"]] for one in (gallery, self))
        return len(exact.merge(found)) / len(exact)

    def __len__(self) -> int:
        """Rows on the server; 0 if there is no such gallery."""
        if not self._ask(False, lambda client: client.has_collection(self.name)):
            return 0
        return self._ask(False, lambda client: client.query(self.name, "", ["count(*)"]))[0]["count(*)"]

    @property
    def index(self) -> str:
        """FLAT or HNSW."""
        return self._ask(False, self._index)

    def drop(self) -> None:
        """Delete the gallery from the server, if it is there."""
        self._ask(False, lambda client: client.drop_collection(self.name))

    def _ask(self, insist: bool, work: Callable, *arguments):
        """work(client, ...) of the server, which is waited for if we insist, and loads the collection if it must."""
        ask = self.server.insist if insist else self.server.ask
        try:
            return ask(work, *arguments)
        except NotLoaded:
            ask(lambda client: client.load_collection(self.name))
            return ask(work, *arguments)

    def _prepare(self, client, size: int, index: str) -> None:
        """Make the collection, or give the index to one that is there."""
        from pymilvus import DataType

        wanted = client.prepare_index_params()
        # of unit descriptors the inner product is the cosine; "COSINE" would scale half precision's rows anew
        wanted.add_index("descriptor", index_type=index, metric_type="IP", params=INDEXES[index])
        if client.has_collection(self.name):
            self._check_size(client, size)
            if self._index(client) != index:
                client.release_collection(self.name)
                client.drop_index(self.name, "descriptor")
                client.create_index(self.name, wanted)
                client.load_collection(self.name)
            return
        schema = client.create_schema(auto_id=False)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=32)
        schema.add_field("content", DataType.VARCHAR, max_length=32)
        schema.add_field("descriptor", DataType.FLOAT_VECTOR, dim=size)
        for name, length in MAX_LABEL_BYTES.items():
            schema.add_field(name, DataType.VARCHAR, max_length=length)
        schema.add_field("camera", DataType.INT64)
        schema.add_field("time", DataType.DOUBLE, nullable=True)
        schema.add_field("place", DataType.INT64)  # in the gallery: equal scores keep its order
        client.create_collection(self.name, schema=schema, index_params=wanted, consistency_level="Strong")

    def _index(self, client) -> str:
        return client.describe_index(self.name, "descriptor")["index_type"]

    def _send(self, client, rows: list[dict]) -> int:
        """Upsert the rows that the server lacks, or has with other content; returns how many."""
        there = client.query(
            self.name, ids=[row["id"] for row in rows], output_fields=["id", "content"], timeout=self._most
        )
        known = {row["id"]: row["content"] for row in there}
        lacking = [row for row in rows if known.get(row["id"]) != row["content"]]
        if lacking:
            client.upsert(self.name, lacking, timeout=self._most)
        return len(lacking)

    def _keep_only(self, client, wanted: set[str]) -> None:
        """Delete rows of other ids."""
        rows = client.query_iterator(self.name, batch_size=ROWS_PER_REQUEST, output_fields=["id"])
        gone = []
        while there := rows.next():
            gone += [row["id"] for row in there if row["id"] not in wanted]
        rows.close()
        for start in range(0, len(gone), ROWS_PER_REQUEST):
            client.delete(self.name, ids=gone[start : start + ROWS_PER_REQUEST], timeout=self._most)

    def _search(self, client, probes: list[np.ndarray], top: int, wanted: Filter) -> list[pd.DataFrame]:
        if top > MAX_RESULTS:
            raise UserError(
                f"Milvus gives at most {MAX_RESULTS:,} results, not {top:,}; the embedded gallery gives all."
            )
        for probe in probes:
            check_probe(probe, self._size(client))
        with_times = bool(client.query(self.name, "time is not null", ["id"], limit=1))
        if not probes or top < 1 or () in (wanted.cameras, wanted.identities):
            return [table_of([], top, with_times) for _ in probes]
        found = client.search(
            self.name,
            probes,
            expression(wanted),
            top,
            list(FIELDS),
            {"metric_type": "IP", "params": {"ef": max(self.ef, top)}},
            self._most,
        )
        return [table_of(hits, top, with_times) for hits in found]

    def _size(self, client) -> int:
        """How many numbers a descriptor on the server has."""
        fields = {field["name"]: field for field in client.describe_collection(self.name)["fields"]}
        if not {"id", "content", "descriptor", *FIELDS} <= fields.keys():
            raise UserError(f"What {self.server} holds as {self.name} was not made by `python -m core milvus push`.")
        return int(fields["descriptor"]["params"]["dim"])

    def _check_size(self, client, size: int) -> None:
        if (there := self._size(client)) != size:
            raise UserError(
                f"The gallery {self.name} on {self.server} has descriptors of {there} numbers and these "
                f"have {size}: drop it, or choose another --name for another model."
            )
