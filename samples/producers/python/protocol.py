"""The text of docs/reference/protocol.md: names of keys, ids, headers, retry policies and traits. No I/O."""

import math
import re
import secrets
import time
from urllib.parse import quote, unquote

MAJOR = "1"
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LANES = {"high": "h", "normal": "n", "low": "l"}
INLINE_BYTES = 32 * 1024
LONGEST_MS = 365 * 24 * 60 * 60 * 1000
DEFAULT_RETRY = {"maxAttempts": 5, "backoff": "exponential", "delayMs": 1000, "maxDelayMs": 900_000, "jitter": 0.2}
REGISTRY = "k8squeue:queues"

_KEYS = [
    "lane:returned", "lane:high", "lane:normal", "lane:low", "version", "delayed", "delayed:jobs",
    "dead", "dead:jobs", "paused", "consumers", "stats", "reaper", "job:",
]
_ID = re.compile(r"([a-z0-9](?:[-a-z0-9_.]{0,61}[a-z0-9])?)\.([0-7][0-9A-HJKMNP-TV-Z]{25})")
_LAST_TIME = 253402300799999


def payload_key(queue, ulid):
    """Where a large payload is."""
    return f"k8squeue:{{{queue}}}:payload:{ulid}"


def keys_of(queue):
    """The keys that every script of a queue takes, in their order."""
    return [f"k8squeue:{{{queue}}}:{key}" for key in _KEYS]


# Ids

def new_ulid(tracked, timestamp_ms=None, random=None):
    """A new ULID; its last bit says whether the job has a record of its own."""
    timestamp_ms = time.time_ns() // 1_000_000 if timestamp_ms is None else timestamp_ms
    random = secrets.token_bytes(10) if random is None else random
    value = timestamp_ms << 80 | int.from_bytes(random, "big")
    value = value | 1 if tracked else value & ~1
    return "".join(LETTERS[value >> 5 * (25 - i) & 31] for i in range(26))


def parse_id(text):
    """The parts of an id; None where the text is none."""
    match = _ID.fullmatch(text)
    if not match:
        return None
    queue, ulid = match.groups()
    timestamp = 0
    for letter in ulid[:10]:
        timestamp = timestamp * 32 + LETTERS.index(letter)
    return {"queue": queue, "ulid": ulid, "timestampMs": timestamp, "tracked": LETTERS.index(ulid[25]) % 2 == 1}


# What a producer writes

def enqueue_arguments(version, jobs):
    """What enqueue.lua takes for jobs, pairs of a ULID and a request."""
    arguments = [version]
    for ulid, request in jobs:
        arguments += [f"1;{ulid};1;0;1;", _tail(request), str(request.get("delayMs", 0)), request.get("payload", "null")]
    return arguments


def _tail(job):
    # A large payload is kept apart from its job.
    payload = job.get("payload", "null")
    size = len(payload if isinstance(payload, bytes) else payload.encode())
    if size > INLINE_BYTES:
        job = {"stored": {"apartBytes": size}, **job}
    retry = format_retry({**DEFAULT_RETRY, **job.get("retry", {})})
    return ";".join([
        "", LANES[job.get("lane", "normal")], retry, str(job.get("timeoutMs", "")), job.get("traceParent", ""), format_traits(job), job["type"],
    ])


def format_retry(retry):
    jitter = round(retry["jitter"] * 1000)
    if retry["backoff"] == "custom":
        return f"{retry['maxAttempts']}c{','.join(map(str, [jitter, *retry['delaysMs']]))}"
    if all(retry[name] == value for name, value in DEFAULT_RETRY.items()):
        return ""
    kind = "f" if retry["backoff"] == "fixed" else "e"
    return f"{retry['maxAttempts']}{kind}{retry['delayMs']},{retry['maxDelayMs']},{jitter}"


def format_traits(job):
    traits = []
    if deduplication := job.get("deduplication"):
        letter = "u" if deduplication.get("untilDone") else "d"
        traits.append(f"{letter}={deduplication.get('windowMs', '')}:{_encode(deduplication['key'])}")
    if concurrency := job.get("concurrency"):
        traits.append(f"k={concurrency['limit']}:{_encode(concurrency['key'])}")
    if tags := job.get("tags"):
        traits.append(f"g={'|'.join(map(_encode, tags))}")
    if "retentionMs" in job:
        traits.append(f"r={job['retentionMs']}")
    if run := job.get("scheduledRun"):
        traits.append(f"c={run['schedule']}@{run['atMs']}")
    for letter, name in (("b", "memberOf"), ("o", "callbackOf")):
        if name in job:
            traits.append(f"{letter}={job[name]}")
    for letter, name in (("s", "apartBytes"), ("z", "originalBytes")):
        if name in job.get("stored", {}):
            traits.append(f"{letter}={job['stored'][name]}")
    return ",".join(traits)


def _encode(text):
    return quote(text, safe="")


# What a producer has to refuse: the scripts believe what they are given.

def check(job):
    """Raises a ValueError that names what is wrong."""
    def refuse(wrong, what):
        if wrong:
            raise ValueError(f"{what} is not valid.")

    payload = job.get("payload", "null")
    refuse(not parse_id(f"{job['queue']}.{'0' * 26}"), "queue")
    refuse(not _is_text(job.get("type"), 128), "type")
    refuse(len(payload if isinstance(payload, bytes) else payload.encode()) > 1024 * 1024, "payload")
    refuse(job.get("lane", "normal") not in LANES, "lane")
    refuse(not _is_whole(job.get("delayMs", 0), 0, LONGEST_MS), "delayMs")
    refuse(not _is_whole(job.get("timeoutMs", 1), 1, LONGEST_MS), "timeoutMs")
    refuse(not re.fullmatch(r"[-0-9A-Za-z]{0,128}", job.get("traceParent", "")), "traceParent")
    refuse(not _is_retry({**DEFAULT_RETRY, **job.get("retry", {})}), "retry")
    if deduplication := job.get("deduplication"):
        refuse(not _is_text(deduplication["key"], 256), "deduplication.key")
        held = _is_whole(deduplication["windowMs"], 1, LONGEST_MS) if "windowMs" in deduplication else deduplication.get("untilDone")
        refuse(not held, "deduplication")
    if concurrency := job.get("concurrency"):
        refuse(not _is_text(concurrency["key"], 256) or not _is_whole(concurrency["limit"], 1, 10_000), "concurrency")
    tags = job.get("tags", [])
    refuse(len(tags) > 16 or not all(_is_text(tag, 64) for tag in tags), "tags")
    refuse(not _is_whole(job.get("retentionMs", 0), 0, LONGEST_MS), "retentionMs")


def _is_whole(value, least, most):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_text(value, longest):
    # Lengths count UTF-16 units, as they do in .NET.
    return (isinstance(value, str) and value.strip() != "" and len(value.encode("utf-16-le")) <= 2 * longest
            and not re.search(r"[\x00-\x1f\x7f-\x9f]", value))


def _is_retry(retry):
    delays = retry.get("delaysMs", [])
    if not _is_whole(retry["maxAttempts"], 1, 1000) or not 0 <= retry["jitter"] <= 1:
        return False
    if retry["backoff"] == "custom":
        return 1 <= len(delays) <= 32 and all(_is_whole(delay, 0, LONGEST_MS) for delay in delays)
    return (retry["backoff"] in ("fixed", "exponential") and not delays
            and _is_whole(retry["delayMs"], 0, LONGEST_MS) and retry["maxDelayMs"] >= retry["delayMs"])


# What a worker reads

def parse_header(header):
    """The fields of an entry's header; None where it is not readable."""
    parts = header.split(";", 11)
    if len(parts) != 12 or parts[0] != "1" or not parse_id(f"q.{parts[1]}"):
        return None
    numbers = [_number(part) for part in parts[2:6]]
    lane = {letter: name for name, letter in LANES.items()}.get(parts[6])
    retry = parse_retry(parts[7])
    timeout = _number(parts[8])
    if None in numbers or numbers[0] < 1 or numbers[3] > _LAST_TIME or lane is None or retry is None:
        return None
    if parts[8] and (timeout is None or timeout > LONGEST_MS):
        return None
    names = ["attempt", "crashes", "epoch", "enqueuedAtMs"]
    optional = {"timeoutMs": timeout, "traceParent": parts[9] or None, "traits": parse_traits(parts[10]) or None}
    return {
        "ulid": parts[1], **dict(zip(names, numbers)), "lane": lane, "retry": retry, "type": parts[11],
        **{name: value for name, value in optional.items() if value is not None},
    }


def parse_retry(text):
    if not text:
        return dict(DEFAULT_RETRY)
    match = re.fullmatch(r"([0-9]+)([fec])([0-9]+(?:,[0-9]+)+)", text)
    if not match:
        return None
    attempts, kind, numbers = int(match[1]), match[2], [int(number) for number in match[3].split(",")]
    if kind == "c":
        return {"maxAttempts": attempts, "backoff": "custom", "jitter": numbers[0] / 1000, "delaysMs": numbers[1:]}
    if len(numbers) != 3:
        return None
    backoff = "fixed" if kind == "f" else "exponential"
    return {"maxAttempts": attempts, "backoff": backoff, "delayMs": numbers[0], "maxDelayMs": numbers[1], "jitter": numbers[2] / 1000}


def parse_traits(text):
    """The traits that are known here; what is not known, or not readable, is left out."""
    traits = {}
    for part in text.split(","):
        letter, equals, value = part[:1], part[1:2], part[2:]
        if equals != "=":
            continue
        number, colon, key = value.partition(":")
        number, key = (_number(number), unquote(key)) if colon else (None, "")
        readable = bool(key) and (number is not None or value.startswith(":"))
        if letter in ("d", "u") and readable:
            window = {} if number is None else {"windowMs": number}
            traits["deduplication"] = {"key": key, **window, "untilDone": letter == "u"}
        elif letter == "k" and readable and number:
            traits["concurrency"] = {"key": key, "limit": number}
        elif letter == "g":
            traits["tags"] = [unquote(tag) for tag in value.split("|")]
        elif letter == "r" and _number(value) is not None:
            traits["retentionMs"] = _number(value)
        elif letter == "c" and "@" in value and (at := _number(value.rpartition("@")[2])) is not None:
            traits["scheduledRun"] = {"schedule": value.rpartition("@")[0], "atMs": at}
        elif letter in ("b", "o") and parse_id(value):
            traits["memberOf" if letter == "b" else "callbackOf"] = value
        elif letter in ("s", "z") and (size := _number(value)) is not None and size < 2 ** 31:
            traits.setdefault("stored", {})["apartBytes" if letter == "s" else "originalBytes"] = size
    return traits


def _number(text):
    return int(text) if re.fullmatch(r"[0-9]+", text) else None


def delay_after(retry, attempt, random):
    """How long a job waits after this attempt failed, in ms; random is from 0 to 1."""
    if retry["backoff"] == "custom":
        delay, longest = retry["delaysMs"][min(attempt, len(retry["delaysMs"])) - 1], LONGEST_MS
    else:
        doublings = min(attempt - 1, 62) if retry["backoff"] == "exponential" else 0
        delay, longest = retry["delayMs"] * 2 ** doublings, retry["maxDelayMs"]
    return math.ceil(min(min(delay, longest) * (1 + retry["jitter"] * (2 * random - 1)), longest))
