"""HTTP to the monitor over TCP, TLS or a Unix socket, kept open from request to request."""

from __future__ import annotations

import http.client
import json
import re
import socket
from email.utils import parsedate_to_datetime
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from .document import Document
from .endpoint import Endpoint

_CHUNK = 1 << 20
_MOST_ANSWER = 4 << 20
_USER_AGENT = "sinkwatch-python"


class Unreachable(Exception):
    """The monitor gave no answer; the text says why in one line."""


class Answer(NamedTuple):
    """What the monitor said; ``line`` is its reason in one line."""

    status: int
    body: Mapping[str, Any]
    line: str
    retry_after: Optional[float]

    @property
    def passing(self) -> bool:
        """Whether the same request may be taken later."""
        return self.status in (408, 425, 429) or self.status >= 500


class _Http(http.client.HTTPConnection):
    """Makes the socket visible before it is connected, so that another thread can end the wait."""

    def __init__(self, endpoint: Endpoint, timeout: float, connect_timeout: float) -> None:
        super().__init__(endpoint.host, endpoint.port or None, timeout=timeout)
        self._endpoint = endpoint
        self._connect_timeout = min(timeout, connect_timeout)
        self._seconds = timeout
        self.raw: Optional[socket.socket] = None
        self.aborted = False

    def connect(self) -> None:
        place = self._endpoint
        if place.scheme == "unix":
            raw = self._connected(socket.AF_UNIX, 0, place.path)
        else:
            raw = self._first(place.host, place.port)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if place.tls is not None:
                raw = place.tls.wrap_socket(raw, server_hostname=place.host)
        raw.settimeout(self._seconds)
        self.sock = self.raw = raw

    def _first(self, host: str, port: int) -> socket.socket:
        """The first address that answers."""
        failure: Optional[OSError] = None
        for family, _, protocol, _, address in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
            try:
                return self._connected(family, protocol, address)
            except OSError as e:
                failure = e
        raise failure or OSError("its name has no address")

    def _connected(self, family: int, protocol: int, address: Any) -> socket.socket:
        raw = socket.socket(family, socket.SOCK_STREAM, protocol)
        self.raw = raw
        try:
            if self.aborted:
                raise OSError("closed")
            raw.settimeout(self._connect_timeout)
            raw.connect(address)
            return raw
        except BaseException:
            raw.close()
            raise


class Connection:
    """Requests one after the other. Used by one thread, but for ``abort``."""

    def __init__(self, endpoint: Endpoint, timeout: float = 30.0, connect_timeout: float = 5.0) -> None:
        self.endpoint = endpoint
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._http: Optional[_Http] = None
        self._aborted = False

    def post(self, path: str, document: Document) -> Answer:
        """Sends a document; raises Unreachable."""
        return self._request("POST", path, document)

    def get(self, path: str) -> Answer:
        """Asks for a document; raises Unreachable."""
        return self._request("GET", path, None)

    def abort(self) -> None:
        """From any thread: whatever waits on the connection ends at once, and nothing begins."""
        self._aborted = True
        current = self._http
        if current is not None:
            current.aborted = True
            raw = current.raw
            if raw is not None:
                try:
                    # of the class, since an ssl.SSLSocket would speak TLS first
                    socket.socket.shutdown(raw, socket.SHUT_RDWR)
                except (OSError, ValueError):
                    pass

    def close(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None

    def _request(self, method: str, path: str, document: Optional[Document]) -> Answer:
        kept = self._http is not None
        try:
            return self._exchange(method, path, document)
        except (OSError, http.client.HTTPException) as e:
            self.close()
            stale = isinstance(e, (ConnectionError, http.client.RemoteDisconnected))
            if not (kept and stale) or self._aborted:
                raise Unreachable(_reason(e)) from None
        try:  # the monitor had closed the kept connection meanwhile: that says nothing yet
            return self._exchange(method, path, document)
        except (OSError, http.client.HTTPException) as e:
            self.close()
            raise Unreachable(_reason(e)) from None

    def _exchange(self, method: str, path: str, document: Optional[Document]) -> Answer:
        if self._aborted:
            raise OSError("closed")
        if self._http is None:
            self._http = _Http(self.endpoint, self._timeout, self._connect_timeout)
        connection = self._http
        connection.putrequest(method, self.endpoint.prefix + path)
        for name, value in self._headers(document).items():
            connection.putheader(name, value)
        sent = False
        connection.endheaders()
        try:
            for piece in document.pieces if document else ():
                # the socket's time limit is for the whole of what one call sends
                for first in range(0, piece.nbytes, _CHUNK):
                    connection.send(piece[first : first + _CHUNK])
            sent = True
        except ConnectionError as e:
            # who refuses a body without reading it has answered before closing
            try:
                response = connection.getresponse()
            except (OSError, http.client.HTTPException):
                raise e from None
        else:
            response = connection.getresponse()
        data = response.read(_MOST_ANSWER)
        if not sent or response.will_close or response.read(1):
            self.close()
        return _answer(response, data)

    def _headers(self, document: Optional[Document]) -> Dict[str, str]:
        headers = {"User-Agent": _USER_AGENT, "Accept": "application/json"}
        if self.endpoint.authorization is not None:
            headers["Authorization"] = self.endpoint.authorization
        if document is not None:
            headers["Content-Type"] = "application/octet-stream"
            headers["Content-Length"] = str(document.length)
        return headers


def _answer(response: http.client.HTTPResponse, data: bytes) -> Answer:
    try:
        body = json.loads(data.decode("utf-8", "replace")) if data else {}
    except (ValueError, RecursionError):
        body = {}
    if not isinstance(body, dict):
        body = {}
    said = body.get("message") or body.get("error") or response.reason or "no reason given"
    line = one_line(f"{response.status} {said}")
    return Answer(response.status, body, line, _seconds(response))


def _seconds(response: http.client.HTTPResponse) -> Optional[float]:
    """Retry-After, which is a number of seconds or a date."""
    value = (response.getheader("Retry-After") or "").strip()
    if not value:
        return None
    if re.fullmatch(r"\d{1,9}", value):
        return float(value)
    try:
        now = parsedate_to_datetime(response.getheader("Date") or "")
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (TypeError, ValueError, IndexError):
        return None


def _reason(error: Exception) -> str:
    if isinstance(error, socket.timeout):
        return "no answer in time"
    if isinstance(error, http.client.RemoteDisconnected):
        return "it closed the connection without an answer"
    if isinstance(error, http.client.HTTPException):
        return "what it answers is no HTTP"
    if isinstance(error, OSError):
        reason = getattr(error, "verify_message", None) or error.strerror or str(error)
        return one_line(str(reason) or type(error).__name__)
    return one_line(str(error)) or type(error).__name__


def left_out(answer: Mapping[str, Any]) -> List[str]:
    """A line for each tensor of a document that the monitor took, but does not pass on."""
    lines = answer.get("leftOut")
    return [one_line(str(line)) for line in lines] if isinstance(lines, list) else []


def one_line(text: str) -> str:
    """What came from elsewhere, fit for one line of a log."""
    return re.sub(r"[^\x20-\x7e\u00a1-\ud7ff]+", " ", text)[:300].strip()
