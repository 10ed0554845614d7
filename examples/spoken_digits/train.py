# Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the spoken-digit network, prunes it to two patterns, writes three ONNX files and what they reach.

    python examples/spoken_digits/train.py --data DIR

DIR holds the recordings of the Free Spoken Digit Dataset (`<digit>_<speaker>_<index>.wav`, possibly in a folder
`recordings`).  Indices 0 to 4 of every digit and speaker are the test set; nothing is chosen by looking at it.
Needs torch 2.13.0, numpy and onnx; about ten minutes on one core.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import torch

from features import label, log_mel, read_wav
from network import DigitNet, apply_masks, export, finish_masks, project

HERE = Path(__file__).resolve().parent
RISING = (0.5, 0.7, 0.8)  # sparsities on the way to the last one


def load_data(folder: Path) -> tuple[tuple[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor], list[Path]]:
    """Returns (features, labels) for training, with slower and faster copies, and for testing, and the test files."""
    files = sorted(folder.rglob("*_*_*.wav"))
    if not files:
        sys.exit(f"error: no files <digit>_<speaker>_<index>.wav under {folder}")
    train: list[tuple[np.ndarray, int]] = []
    test: list[tuple[np.ndarray, int]] = []
    test_files = []
    for path in files:
        audio = read_wav(path)
        if int(path.stem.split("_")[2]) < 5:
            test.append((log_mel(audio), label(path)))
            test_files.append(path)
            continue
        for speed in (0.9, 1.0, 1.1):
            at = np.arange(0, len(audio) - 1, speed)
            train.append((log_mel(np.interp(at, np.arange(len(audio)), audio).astype(np.float32)), label(path)))

    def tensors(items: list[tuple[np.ndarray, int]]) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.from_numpy(np.stack([item[0] for item in items]))[:, None], torch.tensor([item[1] for item in items])

    return tensors(train), tensors(test), test_files


def augment(batch: torch.Tensor) -> torch.Tensor:
    """Moves every example by up to 4 frames, hides a band of mel channels, adds noise."""
    count, _, mels, frames = batch.shape
    source = (torch.arange(frames) + torch.randint(-4, 5, (count, 1))).clamp(0, frames - 1)
    batch = torch.gather(batch, 3, source[:, None, None, :].expand(-1, 1, mels, -1))
    first = torch.randint(0, mels, (count, 1))
    band = (torch.arange(mels) >= first) & (torch.arange(mels) < first + torch.randint(0, 6, (count, 1)))
    return batch.masked_fill(band[:, None, :, None], 0.0) + 0.1 * torch.randn_like(batch)


def accuracy(net: DigitNet, features: torch.Tensor, labels: torch.Tensor) -> float:
    """Share of right answers."""
    net.eval()
    with torch.no_grad():
        return float((net(features).argmax(1) == labels).float().mean())


def train(net: DigitNet, data: tuple[torch.Tensor, torch.Tensor], epochs: int, peak: float,
          masks: dict[str, torch.Tensor], batch: int = 64) -> None:
    """Trains with AdamW, one-cycle learning rate; pruned weights stay zero.  An epoch sees a third of `data`."""
    features, labels = data
    per_epoch = len(labels) // 3 // batch
    optimizer = torch.optim.AdamW(net.parameters(), lr=peak, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=epochs * per_epoch, pct_start=0.2)
    criterion = torch.nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in range(epochs):
        net.train()
        started, total = time.monotonic(), 0.0
        for index in torch.randperm(len(labels))[:per_epoch * batch].split(batch):
            optimizer.zero_grad()
            loss = criterion(net(augment(features[index])), labels[index])
            loss.backward()
            optimizer.step()
            schedule.step()
            apply_masks(net, masks)
            total += float(loss.detach())
        print(f"  epoch {epoch + 1:2}/{epochs}  loss {total / per_epoch:.4f}  {time.monotonic() - started:.1f} s", flush=True)


def summary(net: DigitNet, test: tuple[torch.Tensor, torch.Tensor]) -> dict[str, object]:
    """Accuracy and density, as written to results.json."""
    weights = net.prunable()
    kept, total = (sum(f(weight) for weight in weights.values()) for f in (torch.count_nonzero, torch.numel))
    return {"accuracy": round(accuracy(net, *test), 4), "density": round(float(kept / total), 4),
            "layers": {name: round(float(torch.count_nonzero(weight) / weight.numel()), 4)
                       for name, weight in weights.items()}}


def main() -> None:
    """Trains, prunes, exports."""
    parser = argparse.ArgumentParser(description="Trains and prunes the spoken-digit network.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--output", type=Path, default=HERE, help="where models/ and results.json go")
    parser.add_argument("--sparsity", type=float, default=0.9, help="share of weights removed (default 0.9)")
    parser.add_argument("--dense-epochs", type=int, default=22)
    parser.add_argument("--step-epochs", type=int, default=2, help="per sparsity on the way")
    parser.add_argument("--final-epochs", type=int, default=14, help="at the last sparsity")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--copy-inputs", action="store_true", help="refresh the shipped test inputs")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    started = time.monotonic()
    train_set, test_set, test_files = load_data(args.data)
    print(f"{len(train_set[1])} training examples, {len(test_set[1])} test examples")
    (args.output / "models").mkdir(parents=True, exist_ok=True)

    net = DigitNet()
    print("dense")
    train(net, train_set, args.dense_epochs, 3e-3, {})
    dense = {key: value.clone() for key, value in net.state_dict().items()}
    results: dict[str, object] = {"dense": summary(net, test_set)}
    export(net, args.output / "models" / "dense.onnx", "dense")
    for pattern in ("block4", "gs16_1"):
        net.load_state_dict(dense)
        for sparsity in (*(step for step in RISING if step < args.sparsity), args.sparsity):
            print(f"{pattern} at {sparsity:.0%}")
            masks = project(net, pattern, sparsity)
            apply_masks(net, masks)
            last = sparsity == args.sparsity
            train(net, train_set, args.final_epochs if last else args.step_epochs, 2e-3 if last else 1e-3, masks)
        finish_masks(net, masks)
        results[pattern] = summary(net, test_set)
        export(net, args.output / "models" / f"{pattern}.onnx", pattern)
    results["test_files"] = len(test_files)
    results["training_minutes"] = round((time.monotonic() - started) / 60, 1)
    (args.output / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))
    if args.copy_inputs:
        speakers = sorted({path.stem.split("_")[1] for path in test_files})
        chosen = {(digit, speakers[(digit + turn) % len(speakers)], turn) for digit in range(10) for turn in range(4)}
        for path in test_files:
            digit, speaker, index = path.stem.split("_")
            if (int(digit), speaker, int(index)) in chosen:
                shutil.copyfile(path, args.output / "inputs" / path.name)


if __name__ == "__main__":
    main()
