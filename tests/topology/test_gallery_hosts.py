# SPDX-License-Identifier: MIT
"""The examples of topologies/hosts: what they say holds together, and runs."""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from harness import (GUST, LIMIT, SOURCE, Failed, Run, expect, expect_code,
                     expect_in, test)
from test_ssh import free_ports

HOSTS = SOURCE / "topologies" / "hosts"
SSH = """#!/bin/sh
exec env --default-signal=INT,TERM sh -c "$2"
"""


def run_words(*words, **options):
    done = subprocess.run(words, check=False, capture_output=True,
                          timeout=LIMIT, **options)
    return Run(list(words), done.returncode, done.stdout, done.stderr, None)


def plan(hosts):
    run = run_words(GUST, "plan", "--json", "--hosts", hosts,
                    HOSTS / "wordcount.yaml")
    expect_code(run, 0)
    return json.loads(run.out)


def addresses():
    return {host["address"] for host in plan(HOSTS / "hosts.yaml")["hosts"]}


@test
def each_host_has_a_part():
    found = plan(HOSTS / "hosts.yaml")
    if [worker["host"] for worker in found["workers"]] != list("aabbc"):
        raise Failed(f"the workers are {found['workers']}")


@test
def the_filters_let_the_hosts_in():
    for name in "gust@.service", "gust.nft":
        text = (HOSTS / name).read_text()
        found = set(re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text))
        if found != addresses():
            raise Failed(f"{name} has {found}, expected {addresses()}")


@test
def systemd_takes_the_unit():
    if shutil.which("systemd-analyze") is None:
        return
    folder = pathlib.Path(tempfile.mkdtemp())
    unit = folder / "gust@words.service"
    text = (HOSTS / "gust@.service").read_text()
    unit.write_text(text.replace("/usr/local/bin/gust", GUST))
    run = run_words("systemd-analyze", "verify", "--man=no", unit)
    expect_code(run, 0)
    expect(run, "unit" in run.err.decode().lower(), False, "a complaint")


@test
def nft_takes_the_filter():
    if shutil.which("nft") is None or os.geteuid() != 0:
        return
    expect_code(run_words("nft", "--check", "--file", HOSTS / "gust.nft"), 0)


@test
def the_pods_are_hosts():
    try:
        import yaml
    except ImportError:
        return
    documents = list(yaml.safe_load_all((HOSTS / "statefulset.yaml").read_text()))
    kinds = {document["kind"]: document for document in documents}
    path = pathlib.Path(tempfile.mkdtemp()) / "hosts.yaml"
    path.write_text(kinds["ConfigMap"]["data"]["hosts.yaml"])
    pods = kinds["StatefulSet"]
    names = [host["name"] for host in plan(path)["hosts"]]
    expected = [f"{pods['metadata']['name']}-{n}"
                for n in range(pods["spec"]["replicas"])]
    if names != expected:
        raise Failed(f"the hosts are {names}, expected {expected}")
    container, = pods["spec"]["template"]["spec"]["containers"]
    words = [word.replace("$(NAME)", names[0]) for word in container["args"]]
    # All that is wrong is that the files are not here.
    run = run_words(GUST, *words)
    expect_code(run, 2)
    expect_in(run, b"/etc/gust/topology/wordcount.yaml: cannot be read",
              run.err, "stderr")
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    volumes = {volume["name"] for volume
               in pods["spec"]["template"]["spec"]["volumes"]}
    volumes.update(claim["metadata"]["name"] for claim
                   in pods["spec"]["volumeClaimTemplates"])
    expect(run, mounted, volumes, "what is mounted")


@test
def the_image_has_all_libraries():
    """As many to run with as to build with; those that are optional, too."""
    text = (HOSTS / "Containerfile").read_text()
    build, image = (set(re.findall(r"\b(?:lib|zlib)[\w.+-]+", stage))
                    for stage in text.split("FROM ")[1:])
    optional = set(re.findall(r"'package': '([^']+)'",
                              (SOURCE / "meson.build").read_text()))
    lacking = optional - build
    if not optional or lacking:
        raise Failed(f"Containerfile does not install {lacking}")
    if len(build) - 1 != len(image):  # libc6-dev
        raise Failed(f"built with {build}, runs with {image}")


@test
def the_script_runs_it_over_ssh():
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "bin").mkdir()
    for name, text in (("ssh", SSH), ("gust", f'#!/bin/sh\nexec "{GUST}" "$@"\n')):
        (folder / "bin" / name).write_text(text)
        (folder / "bin" / name).chmod(0o755)
    (folder / "hosts.yaml").write_text("".join(
        f"- {{name: {name}, address: 127.0.0.1, port: {port}}}\n"
        for name, port in zip("ab", free_ports(2))))
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    environment = dict(os.environ, PATH=path, GUST_FOLDER=str(folder / "there"),
                       GUST_PLUGIN_PATH=str(pathlib.Path(GUST).parent))
    words = [HOSTS / "over-ssh.sh", HOSTS / "wordcount.yaml",
             folder / "hosts.yaml", folder / "cluster.key"]
    made = run_words(GUST, "keygen", folder / "cluster.key")
    if made.code != 0 and b"libsodium" in made.err:
        return
    expect_code(made, 0)
    run = run_words(*words, env=environment)
    expect_code(run, 0)
    text = pathlib.Path("/usr/share/common-licenses/GPL-3")
    if not text.exists():
        return
    found = dict(line.split("\t") for line in run.out.decode().splitlines())
    one = run_words(GUST, "run", "--quiet", SOURCE / "topologies/wordcount.yaml",
                    "-D", f"input={text}")
    true = dict(line.split("\t") for line in one.out.decode().splitlines())
    expect(run, collections.Counter(found), collections.Counter(true),
           "the counts")
