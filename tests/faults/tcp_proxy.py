"""A way to a TCP server that a test can cut and mend."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from typing import Self


class TcpProxy:
    """Passes on what both sides say, from a port of its own.

    `cut` is what a partition does: connections stay open and nothing comes
    through, and new ones are not answered. `mend` ends those that were cut.
    `refuse` is what a server that is down does, `listen` that it is up again.
    """

    def __init__(self, host: str, port: int) -> None:
        """Listen; the server need not be there yet."""
        self.server = (host, port)
        self.port = 0
        self.open = threading.Event()
        self.open.set()
        self.stopping = False
        self.lock = threading.Lock()
        self.sockets: set[socket.socket] = set()
        self.threads: list[threading.Thread] = []
        self.listen()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping = True
        self.open.set()
        self.refuse()
        for thread in self.threads:
            thread.join(10)

    def listen(self) -> None:
        """Accept connections, on the same port as before."""
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        self._start(self._accept, self.listener)

    def refuse(self) -> None:
        """End all connections, and accept none."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._drop_all()

    def cut(self) -> None:
        """Let nothing through any more."""
        self.open.clear()

    def mend(self) -> None:
        """Let new connections through."""
        self._drop_all()
        self.open.set()

    def _drop_all(self) -> None:
        with self.lock:
            dropped, self.sockets = self.sockets, set()
        for one in dropped:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _start(
        self, target: Callable[[socket.socket], None], of: socket.socket
    ) -> None:
        thread = threading.Thread(target=target, args=(of,), daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            self._start(self._pass_on, caller)

    def _pass_on(self, caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            with self.lock:
                self.sockets.add(caller)
            self.open.wait()
            with socket.create_connection(self.server) as server:
                with self.lock:
                    self.sockets.add(server)
                self._pump(caller, server)
                with self.lock:
                    self.sockets -= {caller, server}

    def _pump(self, caller: socket.socket, server: socket.socket) -> None:
        other = {caller: server, server: caller}
        while not self.stopping:
            for readable in select.select(list(other), [], [], 1)[0]:
                heard = readable.recv(65536)
                # What was under way when it was cut is lost with it.
                self.open.wait()
                if not heard:
                    return
                other[readable].sendall(heard)
