"""A collection on a Milvus server: its schema, its index, and its rows.

Every method has a connected client as its first argument, so that `Server.ask` can call it.
"""

from core.errors import UserError
from core.milvus.rows import FIELDS, MAX_LABEL_BYTES

INDEXES = {"FLAT": {}, "HNSW": {"M": 16, "efConstruction": 200}}  # exact; approximate (Malkov and Yashunin, 2018)
ROWS_PER_REQUEST = 1000  # 2 MB with descriptors of length 500, far below the limit of a server
MODEL = "model"  # property of a collection: the fingerprint of the model of its descriptors


class Collection:
    """The collection of a gallery.

    Args:
        name: The name of the collection.
        model: The fingerprint of the model of all descriptors, or "" if it is unknown.
        address: The address of the server, for error messages.
        timeout: Seconds for one request.
    """

    def __init__(self, name: str, model: str, address: str, timeout: float):
        self.name, self.model, self.address, self.timeout = name, model, address, timeout

    def prepare(self, client, size: int, index: str) -> None:
        """Create the collection, or change the index of an existing one.

        Args:
            client: The client.
            size: The length of the descriptors.
            index: A name of INDEXES.

        Raises:
            UserError: If the descriptors of the collection have another length or another model.
        """
        index_params = client.prepare_index_params()
        # The inner product of unit descriptors is the cosine. "COSINE" would scale float16 descriptors again.
        index_params.add_index("descriptor", index_type=index, metric_type="IP", params=INDEXES[index])
        if not client.has_collection(self.name):
            self._create(client, size, index_params)
            return
        self._check_size(client, size)
        self.check_model(client)
        if self.index(client) != index:
            client.release_collection(self.name)
            client.drop_index(self.name, "descriptor")
            client.create_index(self.name, index_params)
            client.load_collection(self.name)

    def _create(self, client, size: int, index_params) -> None:
        from pymilvus import DataType

        schema = client.create_schema(auto_id=False)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=32)
        schema.add_field("content", DataType.VARCHAR, max_length=32)
        schema.add_field("descriptor", DataType.FLOAT_VECTOR, dim=size)
        for name, length in MAX_LABEL_BYTES.items():
            schema.add_field(name, DataType.VARCHAR, max_length=length)
        schema.add_field("camera", DataType.INT64)
        schema.add_field("time", DataType.DOUBLE, nullable=True)
        schema.add_field("place", DataType.INT64)  # position in the gallery, because equal scores keep its order
        client.create_collection(
            self.name,
            schema=schema,
            index_params=index_params,
            consistency_level="Strong",
            properties={MODEL: self.model} if self.model else None,
        )

    def drop(self, client) -> bool:
        """Delete the collection. Return whether it existed."""
        if not client.has_collection(self.name):
            return False
        self.size(client)  # raises UserError if `prepare` did not create the collection
        client.drop_collection(self.name)
        return True

    def index(self, client) -> str:
        """Return the name of the index."""
        return client.describe_index(self.name, "descriptor")["index_type"]

    def size(self, client) -> int:
        """Return the length of the descriptors.

        Raises:
            UserError: If `prepare` did not create the collection.
        """
        fields = {field["name"]: field for field in client.describe_collection(self.name)["fields"]}
        if not {"id", "content", "descriptor", *FIELDS} <= fields.keys():
            raise UserError(
                f"The collection {self.name} on {self.address} was not created by `python -m core milvus push`."
            )
        return int(fields["descriptor"]["params"]["dim"])

    def _check_size(self, client, size: int) -> None:
        if (stored := self.size(client)) != size:
            raise UserError(
                f"The gallery {self.name} on {self.address} has descriptors of length {stored}, but these have length "
                f"{size}. Delete it with `milvus drop`, or choose another --name for another model."
            )

    def check_model(self, client) -> None:
        """Raise UserError if the descriptors are those of another model."""
        stored = client.describe_collection(self.name)["properties"].get(MODEL)  # None from an earlier version
        if stored and self.model and stored != self.model:
            raise UserError(
                f"The gallery {self.name} on {self.address} was described by another model. Use that model, or choose "
                "another --name."
            )

    def send(self, client, rows: list[dict]) -> int:
        """Send the rows that are new or changed, and return their number."""
        stored = client.query(
            self.name, ids=[row["id"] for row in rows], output_fields=["id", "content"], timeout=self.timeout
        )
        known = {row["id"]: row["content"] for row in stored}
        changed = [row for row in rows if known.get(row["id"]) != row["content"]]
        if changed:
            client.upsert(self.name, changed, timeout=self.timeout)
        return len(changed)

    def delete_others(self, client, ids: set[str]) -> None:
        """Delete the rows with other ids."""
        rows = client.query_iterator(self.name, batch_size=ROWS_PER_REQUEST, output_fields=["id"])
        others = []
        while stored := rows.next():
            others += [row["id"] for row in stored if row["id"] not in ids]
        rows.close()
        for start in range(0, len(others), ROWS_PER_REQUEST):
            client.delete(self.name, ids=others[start : start + ROWS_PER_REQUEST], timeout=self.timeout)
