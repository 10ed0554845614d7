# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""interrupt.py SIGNAL OUTPUT COMMAND...: sends SIGNAL once a temporary file of OUTPUT exists; prints what is left of it."""

import signal
import subprocess
import sys
from pathlib import Path

name, output, command = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]


def files() -> list[str]:
    """The output and temporary files of it."""
    return sorted(path.name for path in output.parent.glob(f"{output.name}*"))


process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while not files() and process.poll() is None:
    pass
process.send_signal(getattr(signal, name))
try:
    print("ended by itself" if process.wait(timeout=120) == 0 else f"left: {' '.join(files()) or 'nothing'}")
except subprocess.TimeoutExpired:
    process.kill()
    print("does not end")
