"""The connection to a Milvus server. A broken connection is opened again, and errors become `UserError`."""

import logging
import os
import re
import time
from collections.abc import Callable

from core.errors import UserError

MAX_RESULTS = 16_384  # the largest number of results of one search
TOKEN_VARIABLE = "MILVUS_TOKEN"  # name of an environment variable
# Servers may close the connection of a client that pings without a request.
CHANNEL_OPTIONS = {"grpc.keepalive_permit_without_calls": 0}
AWAY, NO_COLLECTION, NOT_LOADED = 2, 100, 101  # error codes: the first of pymilvus, the others of Milvus


def without_password(uri: str) -> str:
    """Return the address of a server without the user name and the password, to show it."""
    return re.sub(r"^(\w+://)?.*@", r"\1", uri)


class ServerAway(UserError):
    """The server does not answer."""


class NotLoaded(UserError):
    """The collection is not in the server's memory, as after a restart of some servers."""


class Server:
    """A client of a Milvus server. It connects with the first request.

    Args:
        uri: The address, e.g. "http://host:19530".
        token: The token, by default the value of the environment variable MILVUS_TOKEN. It is never shown.
        patience: Seconds to wait for the server.
    """

    def __init__(self, uri: str, token: str | None = None, patience: float = 10):
        self.uri, self.patience = uri, patience
        self._token = token or os.environ.get(TOKEN_VARIABLE, "")
        self._client = None

    def __str__(self) -> str:
        return without_password(self.uri)

    def ask(self, work: Callable, *arguments):
        """Call work(client, ...) and return its result.

        Args:
            work: The function.
            *arguments: Its arguments after the client.

        Raises:
            ServerAway: If the server does not answer.
            UserError: If the address is invalid, or if the server refuses the request.
        """
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
            raise UserError(
                f"{self} is not the address of a Milvus server; write it like http://localhost:19530."
            ) from None
        except pymilvus.MilvusException as error:
            raise self._to_user_error(error) from None
        except ValueError as error:  # e.g. a port above 65535
            reason = "" if str(self) != self.uri else f": {error}"  # which may quote a part of the password
            raise UserError(f"{self} is not a valid address{reason}; write it like http://localhost:19530.") from None

    def insist(self, work: Callable, *arguments):
        """Call `ask`, and repeat it for `patience` seconds while the server does not answer.

        Args:
            work: The function.
            *arguments: Its arguments after the client.
        """
        end = time.monotonic() + self.patience
        while True:
            try:
                return self.ask(work, *arguments)
            except ServerAway:
                if time.monotonic() > end:
                    raise
                self._client = None
                time.sleep(0.2)  # a server takes seconds to start

    def _to_user_error(self, error) -> UserError:
        unavailable = ("unavailable", "deadline", "timeout", "connection")
        if error.code == AWAY or any(word in str(error).lower() for word in unavailable):
            return ServerAway(
                f"No Milvus server answers at {self}, or it refuses the token in {TOKEN_VARIABLE}. The gallery on this "
                "machine can be searched instead."
            )
        if error.code == NO_COLLECTION:
            return UserError(f"There is no such gallery on {self}. `python -m core milvus push GALLERY` creates it.")
        if error.code == NOT_LOADED or "load()" in error.message or "not loaded" in error.message:
            return NotLoaded(f"The Milvus server at {self} has not loaded this gallery. Load it on the server.")
        return UserError(f"The Milvus server at {self} refuses the request: {' '.join(error.message.split())}.")


def _pymilvus():
    try:
        import pymilvus
    except ImportError:
        raise UserError(
            "Galleries on a Milvus server need pymilvus. Install it with `python -m pip install -e '.[milvus]'` or "
            "`python -m pip install pymilvus==3.0.2`."
        ) from None
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it prints a traceback for each error that it raises
    return pymilvus
