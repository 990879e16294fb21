# SPDX-License-Identifier: MIT
"""Where everything is."""

import os
import pathlib

SOURCE = pathlib.Path(os.environ["GUST_SOURCE"])
BUILD = pathlib.Path(os.environ["GUST_BUILD"])
GUST = os.environ["GUST"]
BENCH = SOURCE / "tests" / "bench"
# What is built here, and what is said of the runs.
OUTPUT = BUILD / "bench"
