"""A wire between a driver and a real server, in the hands of a test."""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlparse


class Wire:
    """A wire to a server that can be cut, now and then or for good, and is listened to.

    `heard` is all that went over it, in both directions.
    """

    def __init__(self, uri):
        there = urlparse(uri)
        self.server = (there.hostname, there.port)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.uri = f"bolt://127.0.0.1:{self.listening.getsockname()[1]}"
        self.open: list[socket.socket] = []
        self.made: list[socket.socket] = [self.listening]
        self.threads: list[threading.Thread] = []
        self.bytes_left: float = float("inf")
        self.heard = bytearray()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Break all connections that are open; new ones may be made."""
        for end in self.open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.open.clear()

    def cut_after(self, count):
        """Break the connections after so many bytes more from the client."""
        self.bytes_left = count

    def stop(self):
        """Break all connections and take no new ones."""
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.cut()

    def close(self):
        """End everything."""
        self.stop()
        for thread in self.threads:
            thread.join()
        for each in self.made:
            each.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            server = socket.create_connection(self.server)
            self.open += [client, server]
            self.made += [client, server]
            for source, target in ((client, server), (server, client)):
                thread = threading.Thread(
                    target=self._pass_on, args=(source, target), daemon=True
                )
                self.threads.append(thread)
                thread.start()

    def _pass_on(self, source, target):
        with suppress(OSError):
            while data := source.recv(65_536):
                self.heard += data
                if source.getpeername() != self.server:
                    self.bytes_left -= len(data)
                if self.bytes_left < 0:
                    self.bytes_left = float("inf")
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
