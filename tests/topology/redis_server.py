# SPDX-License-Identifier: MIT
"""A Redis server on loopback, for tests."""

import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from harness import GUST, PATIENCE, Failed, Skipped

# Whose state nobody can read, since nobody listens at that port.
NOBODY = """
name: nobody
config:
  topology.state.dir: state
  topology.state.provider: "redis://127.0.0.1:1"
spouts:
  - {id: line, plugin: lines}
bolts:
  - {id: count, plugin: count, options: {by: [line], emit: final}}
  - {id: print, plugin: print, options: {template: "{line}"}}
streams:
  - {from: line, to: count, grouping: {type: fields, args: [line]}}
  - {from: count, to: print}
"""


def is_built_in():
    """Whether gust was built with hiredis."""
    path = pathlib.Path(tempfile.mkdtemp()) / "nobody.yaml"
    path.write_text(NOBODY)
    said = subprocess.run([GUST, "state", "--component", "count", path],
                          capture_output=True, check=False, cwd=path.parent)
    return b"not built in" not in said.stderr


class Redis:
    """A server on a free port that keeps what it has: what it has answered is
    on the disk when it is killed. Skipped: there is no server, or gust knows
    none."""

    def __init__(self):
        if shutil.which("redis-server") is None:
            raise Skipped("there is no redis-server")
        if not is_built_in():
            raise Skipped("gust was built without hiredis")
        self.folder = pathlib.Path(tempfile.mkdtemp())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = None
        self.start()

    @property
    def where(self):
        """For topology.state.provider."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port),
             "--dir", self.folder, "--appendonly", "yes", "--appendfsync",
             "always", "--save", "", "--logfile", "redis.log"])
        end = time.monotonic() + 20 * PATIENCE
        while not self.answers():
            if time.monotonic() > end:
                self.stop()
                raise Failed("redis-server does not start")
            time.sleep(0.01)

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port)) as server:
                server.sendall(b"PING\r\n")
                return server.recv(100).startswith(b"+PONG")
        except OSError:
            return False

    def written(self):
        """The bytes that it has written."""
        log = self.folder / "appendonlydir"
        return sum(path.stat().st_size for path in log.glob("*.aof"))

    def stop(self):
        """With kill -9."""
        self.process.kill()
        self.process.wait()
