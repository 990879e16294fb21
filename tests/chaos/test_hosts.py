# SPDX-License-Identifier: MIT
"""The word count gives the same counts over three hosts."""

import collections
import pathlib
import subprocess
import tempfile

from harness import GUST, SOURCE, Failed, test
from net import Net
from trouble import AFTERWARDS, note
from world import HERE


@test
def the_word_count_over_three_hosts():
    net = Net(["a", "b", "c"])
    folder = pathlib.Path(tempfile.mkdtemp())
    text = SOURCE / "README.md"
    (folder / "hosts.yaml").write_text("".join(
        f"- {{name: {name}, address: {net.address(name)}, port: 7000}}\n"
        for name in net.names))
    subprocess.run([GUST, "keygen", folder / "key"], check=True,
                   capture_output=True)
    parts = {}
    for name in net.names:
        parts[name] = subprocess.Popen(
            [*net.inside(name), GUST, "worker", HERE / "wordcount_hosts.yaml",
             "--hosts", folder / "hosts.yaml", "--host", name, "--key",
             folder / "key", "-D", f"input={text}"],
            stdout=(folder / f"{name}.out").open("wb"),
            stderr=(folder / f"{name}.err").open("wb"))
        AFTERWARDS.append(parts[name].kill)
    for name, part in parts.items():
        if part.wait(60) != 0:
            raise Failed(f"host {name} exits {part.returncode}\n"
                         + (folder / f"{name}.err").read_text())
    found = collections.Counter()
    for line in (folder / "c.out").read_bytes().splitlines():
        word, count = line.rsplit(b"\t", 1)
        found[word] += int(count)
    expected = collections.Counter(text.read_bytes().split())
    if found != expected:
        raise Failed(f"{found.total()} words, expected {expected.total()}")
    note(f"{found.total()} words, {len(found)} of them different")
