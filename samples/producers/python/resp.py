"""A connection to Redis, with nothing but the standard library."""

import select
import socket


class RedisError(Exception):
    """What the server answered is an error: it did not do what it was asked to."""


class Connection:
    def __init__(self, host, port, password=None, timeout=5.0):
        self._socket = socket.create_connection((host, port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")
        if password:
            self.call("AUTH", password)

    def call(self, *parts):
        """Sends a command, and answers bytes, numbers, None, or lists of them. Raises RedisError, or OSError where no answer comes."""
        command = b"*%d\r\n" % len(parts)
        for part in parts:
            data = part if isinstance(part, bytes) else str(part).encode()
            command += b"$%d\r\n%b\r\n" % (len(data), data)
        self._socket.sendall(command)
        reply = self._read()
        if isinstance(reply, RedisError):
            raise reply
        return reply

    @property
    def is_closed(self):
        # The server says nothing unasked, so what can be read is the end.
        return bool(select.select([self._socket], [], [], 0)[0])

    def close(self):
        self._reader.close()
        self._socket.close()

    def _read(self):
        line = self._reader.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("Redis closed the connection.")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b"-":
            return RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self._exactly(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self._read() for _ in range(int(rest))]
        raise ConnectionError("This is not Redis.")

    def _exactly(self, size):
        data = self._reader.read(size)
        if len(data) < size:
            raise ConnectionError("Redis closed the connection.")
        return data
