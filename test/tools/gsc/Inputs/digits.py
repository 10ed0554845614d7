# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Input of the example of spoken digits, and comparison of its outputs.

usage: digits.py features EXAMPLE F.npy
       digits.py compare A.npy B.npy TOLERANCE
"""

import sys
from pathlib import Path

import numpy


def main() -> int:
    if sys.argv[1] == "features":
        example = Path(sys.argv[2])
        sys.path.insert(0, str(example))
        import features

        numpy.save(sys.argv[3], features.load(example / "inputs" / "7_theo_3.wav"))
        return 0
    a, b = numpy.load(sys.argv[2]), numpy.load(sys.argv[3])
    worst = numpy.abs(a - b).max() / numpy.abs(a).max()
    print(f"largest difference {worst:.2e} of the output's scale")
    return int(not worst <= float(sys.argv[4]) or a.argmax() != b.argmax())


if __name__ == "__main__":
    sys.exit(main())
