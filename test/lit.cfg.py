# ===----------------------------------------------------------------------===#
#
# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===#
#
# How lit runs the tests under test/. A test is a .mlir, .pbtxt or .test file with RUN lines; what it reads besides
# itself lies in a folder named Inputs, or is made by `split-file`.
#
# ===----------------------------------------------------------------------===#
import os
import platform
import shutil

import lit.formats

config.name = "GSC"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".pbtxt", ".test"]
config.excludes = ["Inputs", "CMakeLists.txt", "lit.cfg.py", "lit.site.cfg.py.in"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.gs_binary_dir, "test")

# The tools of this build come first, those of LLVM (FileCheck, not, split-file, mlir-runner, llc, ...) next.
config.environment["PATH"] = os.pathsep.join([config.gs_tools_dir, config.llvm_tools_dir, os.environ.get("PATH", "")])
config.environment["PYTHONPATH"] = config.gs_source_dir
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"
for name in ("HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions += [
    ("%python", config.python),
    ("%cc", config.c_compiler),
    ("%gs_src", config.gs_source_dir),
    ("%gs_bin", config.gs_tools_dir),
    ("%gs_lib", config.gs_lib_dir),
    # What check.expect_eq and check.expect_close call: --shared-libs=%gs_check_runtime
    ("%gs_check_runtime", os.path.join(config.gs_lib_dir, "libgs_check_runtime" + config.shlib_suffix)),
    # Helper libraries of mlir-runner: --shared-libs=%mlir_c_runner_utils,%mlir_runner_utils
    ("%mlir_c_runner_utils", os.path.join(config.llvm_lib_dir, "libmlir_c_runner_utils" + config.shlib_suffix)),
    ("%mlir_runner_utils", os.path.join(config.llvm_lib_dir, "libmlir_runner_utils" + config.shlib_suffix)),
    ("%mlir_lib", config.llvm_lib_dir),
]


def host_features():
    """Features of the machine that runs the tests: its architecture, and on x86-64 the vector extensions that tests
    which execute ask for (`REQUIRES: avx512`: AVX-512 F/BW/CD/DQ/VL as in x86-64-v4; `REQUIRES: avx2`: x86-64-v3)."""
    features = {platform.machine().lower()}
    try:
        with open("/proc/cpuinfo") as cpuinfo:
            flags = next((set(line.split()) for line in cpuinfo if line.startswith("flags")), set())
    except OSError:
        flags = set()
    if {"avx2", "fma"} <= flags:
        features.add("avx2")
    if {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= flags:
        features.add("avx512")
    return features


def cross_features():
    """`qemu-aarch64`, `qemu-riscv64`: programs for that architecture can be linked here (CMake found a C library and
    built the runtime) and run under an emulator. `qemu-hexagon`: an emulator, clang and lld, which is all that programs
    without a C library need (CMake built their main with these)."""
    features, path = set(), config.environment["PATH"]
    for name in ("aarch64", "riscv64"):
        runtime = os.path.join(config.gs_lib_dir, name + "-linux-gnu", "libGSRuntime.a")
        if shutil.which("qemu-" + name, path=path) and os.path.exists(runtime):
            features.add("qemu-" + name)
    hexagon = os.path.join(config.gs_lib_dir, "hexagon-unknown-linux-musl", "libGSGatherMain.a")
    if os.path.exists(hexagon) and all(shutil.which(tool, path=path) for tool in ("qemu-hexagon", "clang", "ld.lld")):
        features.add("qemu-hexagon")
    return features


config.available_features |= host_features() | cross_features()
if lit_config.params.get("slow"):  # lit --param slow=1: the long forms of tests that have one
    config.available_features.add("slow")
if config.gs_sanitize:
    config.available_features.add("sanitizer")
else:
    config.available_features.add("release")
