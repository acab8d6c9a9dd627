"""python3 main.py direct HOST:PORT SCRIPTS | http URL | vectors FILE"""

import json
import os
import sys

from producer import DirectProducer, HttpProducer
from scripts import Scripts
from vectors import self_test


def run(enqueue):
    """One job a line of standard input, with its queue beside its other fields; one answer a line of standard output."""
    failed = False
    for line in sys.stdin:
        job = json.loads(line)
        queue = job.pop("queue")
        try:
            answer = enqueue(queue, job)
        except Exception as error:
            failed = True
            answer = {"error": type(error).__name__, "message": str(error)}
        print(json.dumps(answer), flush=True)
    return 1 if failed else 0


def main(arguments):
    match arguments:
        case ["direct", address, directory]:
            host, port = address.rsplit(":", 1)
            producer = DirectProducer(host, int(port), Scripts(directory), os.environ.get("REDIS_PASSWORD"))
            return run(lambda queue, job: producer.enqueue(queue, [job])[0])
        case ["http", api]:
            return run(HttpProducer(api, os.environ.get("K8SQUEUE_API_KEY")).enqueue)
        case ["vectors", file]:
            print(f"{self_test(file)} vectors hold.")
            return 0
    print(f"usage: {__doc__}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
