"""Two producers: straight to Redis by the exported script, and over the HTTP API."""

import json
import random
import re
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from urllib.parse import quote

from protocol import REGISTRY, check, enqueue_arguments, new_ulid
from resp import Connection, RedisError

TRY_FOR_SECONDS = 30
_PASSING = re.compile("LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MISCONF|BUSY|NOREPLICAS")


class UnknownOutcomeError(Exception):
    """The call may have worked: the jobs may be there."""


def _is_repeatable(deduplication, window_seconds):
    # Only a key that is held for longer than all this takes keeps a repeated job out; one that the job's end frees may be free by then.
    return bool(deduplication) and not deduplication.get("untilDone") and window_seconds >= 2 * TRY_FOR_SECONDS


def _pause(attempt, seconds=0.0):
    time.sleep(max(seconds, 0.1 * 2 ** min(attempt, 5) * (0.5 + random.random())))


class DirectProducer:
    """Adds jobs by the script that the worker exports. For one thread."""

    def __init__(self, host, port, scripts, password=None):
        self._address = (host, port, password)
        self._scripts = scripts
        self._connection = None
        self._registered = set()

    def enqueue(self, queue, requests):
        """
        Adds jobs of one queue, up to 1,000 with up to 8 MiB of payload: all or none, but for those whose deduplication key another job has.
        Answers the id of each, or of the job that has its key. Jobs that all have a key for a minute or more are sent again where the
        answer is lost; otherwise that is an UnknownOutcomeError.
        """
        for request in requests:
            check({**request, "queue": queue})
        jobs = [(new_ulid(request.get("tracked", False)), request) for request in requests]
        keys = [request.get("deduplication") for request in requests]
        repeatable = all(_is_repeatable(key, (key or {}).get("windowMs", 0) / 1000) for key in keys)
        fresh, *duplicates = self._retry(repeatable, queue, enqueue_arguments(self._scripts.version, jobs))
        if fresh == 1:
            self._register_again(queue)
        answers = [{"id": f"{queue}.{ulid}", "duplicate": False} for ulid, _ in jobs]
        for position, holder in zip(duplicates[::2], duplicates[1::2]):
            holder = holder.decode()
            answers[position] = {"id": f"{queue}.{holder}", "duplicate": holder != jobs[position][0]}
        return answers

    def close(self):
        if self._connection:
            self._connection.close()
        self._connection = None
        self._registered.clear()

    def _retry(self, repeatable, queue, arguments):
        started, attempt, lost = time.monotonic(), 0, None
        while True:
            attempt, sent = attempt + 1, False
            try:
                self._connect(queue)
                sent = True
                return self._scripts.run(self._connection, "enqueue", queue, *arguments)
            except (RedisError, OSError) as error:
                # A server that refuses added nothing. One that went away may have.
                refused = isinstance(error, RedisError)
                if sent and not refused:
                    lost = error
                self.close()
                is_over = time.monotonic() - started > TRY_FOR_SECONDS
                if refused and not _PASSING.search(str(error)) or lost and not repeatable or is_over:
                    raise UnknownOutcomeError(f"The jobs may have been added: {lost}") if lost else error
                _pause(attempt)

    def _register_again(self, queue):
        # The server lost what it had, the registry perhaps too. The jobs are added, whatever becomes of this.
        try:
            self._registered.discard(queue)
            self._connect(queue)
        except (RedisError, OSError):
            self.close()

    def _connect(self, queue):
        if self._connection and self._connection.is_closed:
            self.close()
        if not self._connection:
            self._connection = Connection(*self._address)
            if b"maxmemory_policy:noeviction" not in self._connection.call("INFO", "memory"):
                raise RedisError("This server may evict jobs: set maxmemory-policy noeviction.")
        # The registry is in another slot of a cluster, so no script writes it: it is told of a queue before that has a job.
        if queue not in self._registered:
            self._connection.call("SADD", REGISTRY, queue)
            self._registered.add(queue)


class HttpProducer:
    """Adds jobs over the HTTP API."""

    def __init__(self, api, key=None):
        self._api = api
        self._headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}

    def enqueue(self, queue, job):
        """Adds a job in the form of docs/reference/api.md, and answers as DirectProducer does."""
        deduplication = job.get("deduplication")
        repeatable = _is_repeatable(deduplication, (deduplication or {}).get("windowSeconds", 0))
        started, attempt, lost = time.monotonic(), 0, None
        while True:
            attempt += 1
            status, text, retry_after = self._post(queue, job)
            if status in (200, 202):
                answer = json.loads(text)
                return {"id": answer["id"], "duplicate": answer.get("duplicate", False)}

            # 507 added nothing, and neither did who is not there. 503, or no answer, may have.
            if status in ("lost", 503):
                lost = text
            is_over = time.monotonic() - started > TRY_FOR_SECONDS
            if status not in ("lost", "refused", 503, 507) or lost and not repeatable or is_over:
                raise UnknownOutcomeError(f"The job may have been added: {lost}") if lost else ValueError(f"{status}: {text}")
            _pause(attempt, retry_after)

    def _post(self, queue, job):
        url = f"{self._api}/v1/queues/{quote(queue, safe='')}/jobs"
        body = json.dumps(job, ensure_ascii=False, separators=(",", ":")).encode()
        request = urllib.request.Request(url, body, self._headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode(), 0.0
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), float(error.headers.get("Retry-After", 0))
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            return "refused" if isinstance(reason, ConnectionRefusedError) else "lost", str(reason), 0.0
