# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Log-mel features of a spoken digit, in NumPy alone: what the network is trained on and what it is asked with."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

RATE = 8000  # Hz
WINDOW = 256  # samples, 32 ms
HOP = 160  # samples, 20 ms
FFT = 512
MELS = 32
FRAMES = 48
SAMPLES = (FRAMES - 1) * HOP + WINDOW  # 0.97 s
SHAPE = (1, 1, MELS, FRAMES)


def read_wav(path: Path) -> np.ndarray:
    """Reads a mono 16-bit 8 kHz file as float32 in [-1, 1); ValueError for any other format."""
    with wave.open(str(path), "rb") as file:
        found = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        if found != (RATE, 1, 2):
            raise ValueError(f"{path}: expected {RATE} Hz, 1 channel, 2 bytes per sample, found {found}")
        data = file.readframes(file.getnframes())
    return np.frombuffer(data, "<i2").astype(np.float32) / 32768


def _mel_filters() -> np.ndarray:
    """Triangular filters `[MELS, FFT/2 + 1]`, equally spaced on the mel scale from 60 Hz to half the rate."""

    def to_mel(hertz: np.ndarray | float) -> np.ndarray:
        return 2595 * np.log10(1 + np.asarray(hertz) / 700)

    edges = 700 * (10 ** (np.linspace(to_mel(60), to_mel(RATE / 2), MELS + 2) / 2595) - 1)
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


_FILTERS = _mel_filters()
_HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)


def fit_length(audio: np.ndarray) -> np.ndarray:
    """Centres the recording in SAMPLES samples: zeros on both sides, or the middle of a longer one."""
    if len(audio) >= SAMPLES:
        first = (len(audio) - SAMPLES) // 2
        return audio[first:first + SAMPLES]
    before = (SAMPLES - len(audio)) // 2
    return np.pad(audio, (before, SAMPLES - len(audio) - before))


def log_mel(audio: np.ndarray) -> np.ndarray:
    """Returns the features `[MELS, FRAMES]` of a recording, normalised to zero mean and unit variance."""
    audio = fit_length(audio)
    audio = audio / max(float(np.abs(audio).max()), 1e-4)
    frames = np.lib.stride_tricks.sliding_window_view(audio, WINDOW)[::HOP] * _HANN
    power = np.abs(np.fft.rfft(frames, FFT, axis=1)).astype(np.float32) ** 2
    features = np.log(power @ _FILTERS.T + 1e-3).T
    return ((features - features.mean()) / (features.std() + 1e-6)).astype(np.float32)


def load(path: Path) -> np.ndarray:
    """Returns the network input (`SHAPE`, float32) of one file."""
    return np.ascontiguousarray(log_mel(read_wav(path)).reshape(SHAPE))


def label(path: Path) -> int:
    """The digit of a file named `<digit>_<speaker>_<index>.wav`."""
    return int(path.name.split("_")[0])
