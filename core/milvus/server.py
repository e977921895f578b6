"""A Milvus server: one connection, taken up again when it breaks, with what goes wrong in one sentence."""

import logging
import os
import re
import time
from collections.abc import Callable

from core.errors import UserError

MAX_RESULTS = 16_384  # results that Milvus gives at most
TOKEN_VARIABLE = "MILVUS_TOKEN"  # environment variable
CHANNEL_OPTIONS = {"grpc.keepalive_permit_without_calls": 0}  # servers may hang up on who pings while asking nothing
AWAY, NO_COLLECTION, NOT_LOADED = 2, 100, 101  # pymilvus' number for what keeps it from the server; two of Milvus


class ServerAway(UserError):
    """The server does not answer."""


class NotLoaded(UserError):
    """The collection is on the server's disk, but not in its memory: so after a restart of some servers."""


class Server:
    """pymilvus' client of a URI like http://host:19530, connected when it is first asked.

    `patience` is in seconds. The token is taken from the environment's MILVUS_TOKEN if none is given, and never shown.
    """

    def __init__(self, uri: str, token: str | None = None, patience: float = 10):
        self.uri, self.patience = uri, patience
        self._token = token or os.environ.get(TOKEN_VARIABLE, "")
        self._client = None

    def __str__(self) -> str:
        return re.sub(r"//[^/@]*@", "//", self.uri)  # without a name and a password

    def ask(self, work: Callable, *arguments):
        """work(client, ...). Raises UserError, which is ServerAway if the server does not answer."""
        pymilvus = _pymilvus()
        try:
            if self._client is None:
                self._client = pymilvus.MilvusClient(
                    self.uri, token=self._token, timeout=self.patience, grpc_options=CHANNEL_OPTIONS
                )
            return work(self._client, *arguments)
        except UserError:
            raise
        except pymilvus.exceptions.ConnectionConfigException:
            raise UserError(f"{self} is no address of a Milvus server; write it like http://localhost:19530.") from None
        except pymilvus.MilvusException as error:
            raise self._told(error) from None
        except ValueError as error:  # of a port above 65535
            raise UserError(f"{self} cannot be asked: {error}; write it like http://localhost:19530.") from None

    def insist(self, work: Callable, *arguments):
        """`ask`, again and again while the server is away, until `patience` is at its end."""
        end = time.monotonic() + self.patience
        while True:
            try:
                return self.ask(work, *arguments)
            except ServerAway:
                if time.monotonic() > end:
                    raise
                self._client = None
                time.sleep(0.2)  # it takes seconds to start

    def _told(self, error) -> UserError:
        unavailable = ("unavailable", "deadline", "timeout", "connection")
        if error.code == AWAY or any(word in str(error).lower() for word in unavailable):
            return ServerAway(
                f"No Milvus server answers at {self}, or it refuses the token in {TOKEN_VARIABLE}; the gallery on this "
                "machine can be searched meanwhile."
            )
        if error.code == NO_COLLECTION:
            return UserError(f"There is no such gallery on {self}: `python -m core milvus push GALLERY` makes it.")
        if error.code == NOT_LOADED or "load()" in error.message or "not loaded" in error.message:
            return NotLoaded(f"The Milvus server at {self} has not loaded this gallery; load it there.")
        return UserError(f"The Milvus server at {self} refuses: {' '.join(error.message.split())}.")


def _pymilvus():
    try:
        import pymilvus
    except ImportError:
        raise UserError(
            "Galleries on a Milvus server need pymilvus: type `python -m pip install -e '.[milvus]'`, or "
            "`python -m pip install pymilvus==3.0.2`."
        ) from None
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it prints a traceback beside every error that it raises
    return pymilvus
