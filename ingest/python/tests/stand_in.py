"""A small HTTP server that stands in for the monitor and remembers what it was sent."""

import contextlib
import json
import os
import socket
import socketserver
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler

PATIENCE = 60.0


class Body:
    """A safetensors document as it came."""

    def __init__(self, path, data):
        (length,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + length])
        self.path = path
        self.step = int(path.rsplit("/", 1)[1])
        self.metadata = header.pop("__metadata__")
        self.header = header
        self.names = list(header)
        self._data = data[8 + length :]
        assert length % 8 == 0
        assert max((t["data_offsets"][1] for t in header.values()), default=0) == len(self._data)

    def data(self, name):
        first, end = self.header[name]["data_offsets"]
        return self._data[first:end]

    def floats(self, name):
        assert self.header[name]["dtype"] == "F32"
        data = self.data(name)
        return list(struct.unpack(f"<{len(data) // 4}f", data))


class Monitor:
    """``answers`` are statuses for the next POSTs, then 202; ``verdict`` is what GET tells."""

    def __init__(self, path=None, port=0, hang=False):
        self.bodies = []
        self.requests = []
        self.connections = 0
        self.sockets = []
        self.answers = []
        self.retry_after = None
        self.always = 202
        self.reset = False
        self.hang = hang
        self.verdict = {"run": "r", "verdict": "ok", "attempt": 0, "step": 0, "alarms": []}
        self.verdict_status = 200
        self.left_out = {}
        self.changed = threading.Condition()
        if hang:  # accepts, as far as the kernel does, and never reads
            self._socket = socket.create_server(("127.0.0.1", port), backlog=64)
            self.port = self._socket.getsockname()[1]
            self.url = f"http://127.0.0.1:{self.port}"
            return
        handler = type("Handler", (_Handler,), {"monitor": self, "disable_nagle_algorithm": path is None})
        if path is None:
            self._server = _Tcp(("127.0.0.1", port), handler)
            self.port = self._server.server_address[1]
            self.url = f"http://127.0.0.1:{self.port}"
        else:
            self._server = _Unix(path, handler)
            self.url = f"unix:{path}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def await_bodies(self, count):
        self.wait(lambda: len(self.bodies) >= count)
        return self.bodies

    def wait(self, condition):
        with self.changed:
            assert self.changed.wait_for(condition, PATIENCE), "not in time"

    def close(self):
        if self.hang:
            self._socket.close()
        else:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            for one in self.sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE

    def setup(self):
        super().setup()
        with self.monitor.changed:
            self.monitor.connections += 1
            self.monitor.sockets.append(self.connection)

    def do_POST(self):
        monitor = self.monitor
        data = self.rfile.read(int(self.headers["Content-Length"]))
        with monitor.changed:
            status = monitor.answers.pop(0) if monitor.answers else monitor.always
            monitor.requests.append((status, self.path, dict(self.headers)))
            if status == 202:
                monitor.bodies.append(Body(self.path, data))
            monitor.changed.notify_all()
        if monitor.reset:
            # a linger of 0 makes close a reset
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        if status == 202:
            answer = self.accepted(monitor.bodies[-1], len(data))
        else:
            answer = {"error": "no", "message": f"says\n{status}"}
        self.answer(status, answer)

    def accepted(self, body, length):
        out = [f"{name}: {why}" for name, why in self.monitor.left_out.items() if name in body.names]
        tensors = len(body.names) - len(out)
        run = body.path.split("/")[4]
        return {"run": run, "step": body.step, "tensors": tensors, "shards": tensors, "bytes": length, "leftOut": out}

    def do_GET(self):
        with self.monitor.changed:
            self.monitor.requests.append((200, self.path, dict(self.headers)))
            self.monitor.changed.notify_all()
        self.answer(self.monitor.verdict_status, self.monitor.verdict)

    def answer(self, status, document):
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        if self.monitor.retry_after is not None and status in (429, 503):
            self.send_header("Retry-After", str(self.monitor.retry_after))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class _Quiet(socketserver.ThreadingMixIn):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass


class _Tcp(_Quiet, socketserver.TCPServer):
    pass


class _Unix(_Quiet, socketserver.UnixStreamServer):
    def get_request(self):
        request, _ = super().get_request()
        return request, ("local", 0)


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)


def threads():
    return [t for t in threading.enumerate() if t.name.startswith("sinkwatch")]


@contextlib.contextmanager
def environment(**variables):
    """These variables and no other of ours."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith("SINKWATCH_") or name == "RANK":
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
