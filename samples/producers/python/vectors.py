"""Tries docs/reference/protocol-vectors.json."""

import json
from pathlib import Path

import protocol


def self_test(file):
    """How many vectors hold; raises at the first that does not."""
    vectors = json.loads(Path(file).read_bytes())
    held = 0
    _same({name for name, vector in vectors.items() if isinstance(vector, list)}, set(_TESTS))
    for section, test in _TESTS.items():
        for vector in vectors[section]:
            test(vector)
            held += 1
    return held


def _same(found, expected):
    if found != expected:
        raise AssertionError(f"{found!r} is to be {expected!r}")


def _id(vector):
    parts = {name: vector[name] for name in ("queue", "ulid", "timestampMs", "tracked")}
    _same(protocol.parse_id(vector["id"]), parts)
    _same(protocol.new_ulid(vector["tracked"], vector["timestampMs"], bytes.fromhex(vector["randomHex"])), vector["ulid"])


def _retry(vector):
    _same(protocol.parse_retry(vector["text"]), vector["retry"])
    if "readOnly" not in vector:
        _same(protocol.format_retry(vector["retry"]), vector["text"])


def _traits(vector):
    _same(protocol.parse_traits(vector["text"]), vector["traits"])
    if "readOnly" not in vector:
        _same(protocol.format_traits(vector["traits"]), vector["text"])


def _header(vector):
    fields = vector["fields"]
    _same(protocol.parse_header(vector["header"]), fields)
    if "readOnly" not in vector:
        _, _, tail, _, _ = protocol.enqueue_arguments("1.0", [(fields["ulid"], {**fields, **fields.get("traits", {})})])
        counts = [str(fields[name]) for name in ("attempt", "crashes", "epoch", "enqueuedAtMs")]
        _same(";".join(["1", fields["ulid"], *counts]) + tail, vector["header"])


def _enqueue(vector):
    jobs = [(job["ulid"], job["request"]) for job in vector["jobs"]]
    for _, request in jobs:
        protocol.check({**request, "queue": vector["queue"]})
    _same(protocol.enqueue_arguments("1.0", jobs), vector["arguments"])


def _large_payload(vector):
    request = {"type": "t", "payload": "x" * vector["payloadBytes"], "tags": vector.get("tags", [])}
    _same(protocol.enqueue_arguments("1.0", [("0" * 26, request)])[2], f";n;;;;{vector['traits']};t")


def _invalid_request(vector):
    payload = {"payload": "x" * vector["payloadBytes"]} if "payloadBytes" in vector else {}
    try:
        protocol.check({**vector["request"], **payload})
    except ValueError:
        return
    raise AssertionError(f"{vector['about']} is to be refused")


def _delay(vector):
    delay = protocol.delay_after(vector["retry"], vector["attempt"], vector["random"])
    if abs(delay - vector["delayMs"]) > 1:
        _same(delay, vector["delayMs"])


_TESTS = {
    "keys": lambda vector: _same(protocol.keys_of(vector["queue"]), vector["keys"]),
    "ids": _id,
    "invalidIds": lambda text: _same(protocol.parse_id(text), None),
    "retries": _retry,
    "invalidRetries": lambda text: _same(protocol.parse_retry(text), None),
    "traits": _traits,
    "headers": _header,
    "invalidHeaders": lambda vector: _same(protocol.parse_header(vector["header"]), None),
    "enqueues": _enqueue,
    "largePayloads": _large_payload,
    "invalidRequests": _invalid_request,
    "delays": _delay,
}
