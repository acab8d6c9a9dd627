"""
A worker for one queue, one job at a time: python3 worker.py HOST:PORT SCRIPTS QUEUE

It may be killed at any moment: the job that it ran is then given to another worker. SIGTERM lets it finish first.
"""

import json
import os
import random
import secrets
import signal
import socket
import sys
import threading
import time
import traceback
import zlib
from contextlib import contextmanager

from protocol import delay_after, parse_header, payload_key
from resp import Connection, RedisError
from scripts import Scripts

LEASE_SECONDS = 6.0
TURN_SECONDS = 1.0  # of the thread that renews the lease and does the queue's housekeeping
POLL_SECONDS = 0.2
ANSWER_SECONDS = 2.0
COMPLETED_RETENTION_MS = 60 * 60 * 1000
DEAD_RETENTION_MS = 7 * 24 * 60 * 60 * 1000
MAX_ERROR = 8192


class Unrecoverable(Exception):
    """A handler raises it where another attempt makes no sense."""


class Job:
    """A start of a job. A handler may look at lost, when another worker may have the job, and at cancelled, when nobody wants it any more."""

    def __init__(self, lane, entry, header, payload):
        self.lane, self.entry, self.payload = lane, entry, payload
        self.header = header
        self.lost, self.cancelled = threading.Event(), threading.Event()
        self.renewed = time.monotonic()


class Worker:
    """Handlers are functions of a Job by its type; what one returns is the result, as JSON. They run on the main thread."""

    def __init__(self, address, scripts, queue, handlers):
        self._address, self._scripts, self._queue, self._handlers = address, scripts, queue, handlers
        self._name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._connections = {}
        self._job = None
        self._batches = 0
        self._stopping = threading.Event()
        self._ended = threading.Event()

    def stop(self):
        self._stopping.set()

    def run(self):
        """Runs jobs until it is stopped, and the job that it has by then to its end."""
        self._call("join", self._scripts.version, self._name)
        turns = threading.Thread(target=self._take_turns, daemon=True)
        turns.start()
        while not self._stopping.is_set():
            job = self._fetch()
            if job:
                self._work(job)
            else:
                self._stopping.wait(POLL_SECONDS)
        self._ended.set()
        turns.join()  # a renewal after it left would sign it in again
        self._call("leave", self._name)

    def _fetch(self):
        self._batches += 1
        low_first = 1 if self._batches % 8 == 0 else 0
        state, *taken = self._call("fetch", self._name, 1, low_first, 0)
        if state == 2:
            self._call("join", self._scripts.version, self._name)
        for lane, entries in zip(taken[::2], taken[1::2]):
            entry, fields = entries[0]
            header = parse_header(fields[1].decode(errors="replace")) if fields[::2] == [b"h", b"p"] else None
            if header:
                return Job(lane, entry, header, fields[3])
            self._call("bury", DEAD_RETENTION_MS, lane, entry, "Corrupt", "The entry could not be read.")
        return None

    def _load(self, job):
        """The payload as the producer gave it, also where it is kept apart from its job or compressed; None where it is gone or damaged."""
        payload, stored = job.payload, job.header.get("traits", {}).get("stored", {})
        if "apartBytes" in stored:
            payload = self._repeat(lambda connection: connection.call("GET", payload_key(self._queue, job.header["ulid"])))
            if payload is None or len(payload) != stored["apartBytes"]:
                return None
        if "originalBytes" in stored:
            try:
                payload = zlib.decompressobj(wbits=31).decompress(payload, stored["originalBytes"] + 1)  # no more comes out, whatever goes in
            except zlib.error:
                return None
            return payload if len(payload) == stored["originalBytes"] else None
        return payload

    def _work(self, job):
        self._job = job
        try:
            outcome = self._handle(job)
            self._call(outcome[0], *outcome[1:])  # a 0 says that another worker has the job by now: nothing is left to do
        finally:
            self._job = None

    def _handle(self, job):
        """The script that ends the job, and its arguments."""
        header = job.header
        handler = self._handlers.get(header["type"])
        if not handler:
            return "bury", DEAD_RETENTION_MS, job.lane, job.entry, "UnknownType", f"There is no handler for {header['type']}."
        job.payload = self._load(job)
        if job.payload is None:
            return "bury", DEAD_RETENTION_MS, job.lane, job.entry, "Corrupt", "The payload is gone or damaged."
        try:
            with _bounded(header.get("timeoutMs", 0)):
                result = handler(job)
            return "finish", COMPLETED_RETENTION_MS, job.lane, job.entry, "" if result is None else json.dumps(result)
        except Exception if job.cancelled.is_set() else ():
            return "stop", COMPLETED_RETENTION_MS, job.lane, job.entry
        except Unrecoverable as error:
            return "bury", DEAD_RETENTION_MS, job.lane, job.entry, "Unrecoverable", str(error)[:MAX_ERROR]
        except Exception:
            error = traceback.format_exc()[-MAX_ERROR:]
            if header["attempt"] >= header["retry"]["maxAttempts"]:
                return "bury", DEAD_RETENTION_MS, job.lane, job.entry, "AttemptsExhausted", error
            return "retry", job.lane, job.entry, delay_after(header["retry"], header["attempt"], random.random()), error

    def _take_turns(self):
        while not self._ended.wait(TURN_SECONDS):
            try:
                self._renew()
                self._maintain()
            except (RedisError, OSError) as error:
                self._drop(error)
            job = self._job
            if job and time.monotonic() - job.renewed > LEASE_SECONDS:
                job.lost.set()

    def _renew(self):
        job, at = self._job, time.monotonic()
        lanes = [1 if job and job.lane == lane else 0 for lane in (1, 2, 3, 4)]
        if not job:
            self._run("beat", self._name, *lanes)
            return
        state = self._run("beat", self._name, *lanes, job.entry, job.header["ulid"])[:1]
        if state == b"0":
            job.lost.set()
            return
        job.renewed = at
        if state == b"2":
            job.cancelled.set()

    def _maintain(self):
        for turn in range(100):
            settings = (1000, int(LEASE_SECONDS * 1000), 60_000, 3, 100, DEAD_RETENTION_MS)
            done = self._run("maintain", self._scripts.version, *settings, 1 if turn else 0)
            if not done[4]:
                return

    def _call(self, name, *arguments):
        """Runs a script until there is an answer. All of them may be repeated: a job is ended once only, whoever asks how often."""
        return self._repeat(lambda connection: self._scripts.run(connection, name, self._queue, *arguments))

    def _repeat(self, ask):
        while True:
            try:
                return ask(self._connection())
            except (RedisError, OSError) as error:
                self._drop(error)
                time.sleep(0.25)

    def _run(self, name, *arguments):
        return self._scripts.run(self._connection(), name, self._queue, *arguments)

    def _connection(self):
        # One a thread: the one that renews is never held up.
        thread = threading.get_ident()
        if thread not in self._connections:
            self._connections[thread] = Connection(*self._address, timeout=ANSWER_SECONDS)
        return self._connections[thread]

    def _drop(self, error):
        print(f"{self._queue}: {error}", file=sys.stderr)
        if "K8SQVERSION" in str(error):
            os._exit(78)  # no restart helps
        connection = self._connections.pop(threading.get_ident(), None)
        if connection:
            connection.close()


@contextmanager
def _bounded(milliseconds):
    def end(*_):
        raise TimeoutError("The attempt timed out.")

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, milliseconds / 1000)  # 0 is no bound
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _announce(job):
    print(json.dumps({"ulid": job.header["ulid"], "attempt": job.header["attempt"]}), flush=True)


def _echo(job):
    _announce(job)
    return json.loads(job.payload)


def _fail(job):
    _announce(job)
    raise ValueError("This job always fails.")


def _hang(job):
    _announce(job)
    while not job.lost.wait(0.1):
        if job.cancelled.is_set():
            raise InterruptedError("The job was cancelled.")


if __name__ == "__main__":
    address, directory, queue = sys.argv[1:]
    host, port = address.rsplit(":", 1)
    worker = Worker((host, int(port), os.environ.get("REDIS_PASSWORD")), Scripts(directory), queue, {"echo": _echo, "fail": _fail, "hang": _hang})
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run()
