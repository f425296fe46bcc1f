# SPDX-License-Identifier: MIT
#
# Where a run was made, and of what.

import datetime
import os
import pathlib
import platform
import re
import subprocess


def found(pattern, path):
    match = re.search(pattern, pathlib.Path(path).read_text(encoding="utf-8"))
    return match[1].strip() if match else "unknown"


def file_system(path):
    """Type and options of what a folder is on; "unknown" in a root that is no
    mount of its own, where nobody says."""
    told = subprocess.run(
        ["findmnt", "--noheadings", "--output", "FSTYPE,OPTIONS", "--target",
         path], check=False, capture_output=True, text=True)
    if told.returncode != 0:
        return "unknown"
    kind, options = told.stdout.split()
    return f"{kind} ({options})"


def describe(servers, minutes):
    """Name and value of each thing that a figure depends on."""
    servers = list(servers)
    kilobytes = int(found(r"(?m)^MemTotal:\s+(\d+)", "/proc/meminfo"))
    return {
        "date": datetime.date.today().isoformat(),
        "processor": found(r"(?m)^model name\s*:(.*)", "/proc/cpuinfo"),
        "cores": str(os.cpu_count()),
        "memory": f"{kilobytes / 2**20:.0f} GiB",
        "disk": file_system(servers[0].folder.parent),
        "kernel": f"{platform.system()} {platform.release()}",
        **dict(server.version() for server in servers),
        "run": f"{minutes:.0f} minutes",
    }
