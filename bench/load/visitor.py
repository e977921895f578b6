"""A session of the app without a browser: it speaks the protocol of Streamlit over a websocket."""

import asyncio
import json
import time
import urllib.request
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.PageLink_pb2 import PageLink
from streamlit.proto.WidgetStates_pb2 import WidgetState

TIMEOUT_S = 120
MAX_CACHED_RUNS = 2  # global.maxCachedMessageAge: a browser drops a message that no run used for longer
TRIGGER = "$$STREAMLIT_INTERNAL_KEY_{id}__events"  # the widget of a component's events
RERUNS = ForwardMsg.FINISHED_EARLY_FOR_RERUN  # the page asked for another run, which follows


@dataclass
class Run:
    """What one rerun cost the visitor."""

    ranking_s: float | None = None  # until the ranking arrived
    finished_s: float = 0.0
    size: int = 0  # bytes of the messages
    messages: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass
class Visitor:
    """A visitor of the app at `address` (host:port). Elements of the last run are in `elements`, by their type."""

    address: str
    query: str = ""
    page: str = ""  # hash of the page's script, "" for the first page
    elements: list[Element] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)  # hash by address
    session: str = ""

    async def __aenter__(self) -> "Visitor":
        """Connect; the first run follows by `run`."""
        self._cached: dict[str, tuple[int, ForwardMsg]] = {}
        self._runs = 0
        self._socket = await websockets.connect(
            f"ws://{self.address}/_stcore/stream", max_size=None, subprotocols=["streamlit"], open_timeout=TIMEOUT_S
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._socket.close()

    async def run(self, state: WidgetState | None = None) -> Run:
        """Rerun the page, after a widget has changed to `state`."""
        client = ClientState(query_string=self.query, page_script_hash=self.page)
        client.context_info.url = f"http://{self.address}/"
        client.cached_message_hashes.extend(self._cached)
        if state:
            client.widget_states.widgets.append(state)
        return await self._send(BackMsg(rerun_script=client))

    async def pick(self, grid: str, name: str, event: str = "picked") -> Run:
        """Click an image of a grid of crops."""
        [id] = [found.bidi_component.id for found in self.of_kind("bidi_component") if is_keyed(found, grid)]
        clicked = json.dumps([{"event": event, "value": name}])
        return await self.run(WidgetState(id=TRIGGER.format(id=id), json_trigger_value=clicked))

    async def choose(self, label: str, value: str) -> Run:
        """Choose an option of a select box."""
        [id] = [found.selectbox.id for found in self.of_kind("selectbox") if found.selectbox.label == label]
        return await self.run(WidgetState(id=id, string_value=value))

    async def open(self, link: str) -> Run:
        """Open the page of a link."""
        found = self.links()[link]
        self.page, self.query = found.page_script_hash, found.query_string
        return await self.run()

    async def upload(self, data: bytes, name: str) -> Run:
        """Upload a file in the page's first box."""
        request = BackMsg()
        request.file_urls_request.request_id = name
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self.session
        await self._socket.send(request.SerializeToString())
        while (message := await self._receive())[0].WhichOneof("type") != "file_urls_response":
            pass
        [urls] = message[0].file_urls_response.file_urls
        await asyncio.to_thread(put, self.address, urls.upload_url, data, name)
        state = WidgetState(id=self.of_kind("file_uploader")[0].file_uploader.id)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = name, len(data), urls.file_id
        info.file_urls.CopyFrom(urls)
        return await self.run(state)

    def links(self) -> dict[str, PageLink]:
        """Return the links of the bar to the pages of the app, by the addresses of the pages."""
        found: dict[str, PageLink] = {}
        for element in self.of_kind("page_link"):
            if element.page_link.page_script_hash in self.pages.values():
                found.setdefault(element.page_link.page, element.page_link)
        return found

    def options(self, label: str) -> list[str]:
        """Return the options of a select box, [] if the page has none."""
        for found in self.of_kind("selectbox"):
            if found.selectbox.label == label:
                return list(found.selectbox.options)
        return []

    def of_kind(self, kind: str) -> list[Element]:
        """Return the elements of a kind, in the page's order."""
        return [element for element in self.elements if element.WhichOneof("type") == kind]

    def crops(self, grid: str) -> list[dict]:
        """Return the crops of a grid, [] if the page has none."""
        for found in self.of_kind("bidi_component"):
            if is_keyed(found, grid):
                return json.loads(found.bidi_component.json)["crops"]
        return []

    async def _send(self, message: BackMsg) -> Run:
        """Send a message and receive the run that follows."""
        run, start = Run(), time.perf_counter()
        await self._socket.send(message.SerializeToString())
        self._runs += 1
        self.elements = []
        while True:
            received, size = await self._receive()
            run.size += size
            run.messages += 1
            kind = received.WhichOneof("type")
            if kind == "new_session":
                self.session = received.new_session.initialize.session_id or self.session
                self.elements = []
            elif kind == "delta" and received.delta.WhichOneof("type") == "new_element":
                element = received.delta.new_element
                self.elements.append(element)
                if is_keyed(element, "ranking") and run.ranking_s is None:
                    run.ranking_s = time.perf_counter() - start
                if element.WhichOneof("type") == "exception":
                    run.errors.append(f"{element.exception.type}: {element.exception.message}")
            elif kind == "page_info_changed":
                self.query = received.page_info_changed.query_string
            elif kind == "navigation":
                self.pages = {page.url_pathname: page.page_script_hash for page in received.navigation.app_pages}
                self.page = received.navigation.page_script_hash
            elif kind == "script_finished" and received.script_finished != RERUNS:
                if received.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    run.errors.append(f"the run ended with status {received.script_finished}")
                break
        self._forget_old()
        run.finished_s = time.perf_counter() - start
        return run

    async def _receive(self) -> tuple[ForwardMsg, int]:
        """Return the next message and its size; a reference becomes the message that it refers to, as in a browser."""
        data = await asyncio.wait_for(self._socket.recv(), TIMEOUT_S)
        message = ForwardMsg.FromString(data)
        if message.WhichOneof("type") == "ref_hash":
            _, full = self._cached[message.ref_hash]
            self._cached[message.ref_hash] = self._runs, full
            return full, len(data)
        if message.metadata.cacheable:
            self._cached[message.hash] = self._runs, message
        return message, len(data)

    def _forget_old(self) -> None:
        fresh = self._runs - MAX_CACHED_RUNS
        self._cached = {hash: kept for hash, kept in self._cached.items() if kept[0] >= fresh}


def is_keyed(element: Element, key: str) -> bool:
    """Return whether an element is the component with a key."""
    return element.WhichOneof("type") == "bidi_component" and element.bidi_component.id.endswith(f"-{key}")


def put(address: str, url: str, data: bytes, name: str) -> None:
    """Upload a file, with the token against requests from other sites."""
    with urllib.request.urlopen(f"http://{address}/_stcore/health") as reply:
        cookie = reply.headers["Set-Cookie"].partition(";")[0]
    boundary = "mr-bcnn-load"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Cookie": cookie,
        "X-Xsrftoken": cookie.partition("=")[2],
    }
    request = urllib.request.Request(f"http://{address}{url}", body, headers, method="PUT")
    urllib.request.urlopen(request).close()
