"""The scripts that `K8sQueue.Worker scripts --output DIR` wrote."""

import json
from pathlib import Path

from protocol import MAJOR, keys_of
from resp import RedisError


class Scripts:
    def __init__(self, directory):
        directory = Path(directory)
        manifest = json.loads((directory / "manifest.json").read_bytes())
        self.version = manifest["version"]
        if self.version.split(".")[0] != MAJOR:
            raise ValueError(f"These scripts are of layout {self.version}; this program knows {MAJOR}.")
        self._scripts = {entry["name"]: (entry["sha1"], (directory / entry["file"]).read_bytes()) for entry in manifest["scripts"]}

    def run(self, connection, name, queue, *arguments):
        """Runs a script on a queue; a server that does not know it yet is sent the text."""
        sha, text = self._scripts[name]
        keys = keys_of(queue)
        try:
            return connection.call("EVALSHA", sha, len(keys), *keys, *arguments)
        except RedisError as error:
            if not str(error).startswith("NOSCRIPT"):
                raise
            return connection.call("EVAL", text, len(keys), *keys, *arguments)
