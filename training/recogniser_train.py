"""Trains the plate recogniser on invented plates (cached) and the real ones of the training part.

Example: python -m training.recogniser_train --data ../shared/data --cache /tmp/rec --out /tmp/run
  --minutes 60
"""

from __future__ import annotations

import argparse
import contextlib
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from edge.plate import ALPHABET
from training.recogniser_data import LONGEST, Sample, encode, jittered, leaning, real
from training.recogniser_net import COLUMNS, Recogniser


class Plates:
    """Batches: `share` of them real, each source of the real ones drawn equally often."""

    def __init__(self, data: Path, cache: Path, share: float, seed: int) -> None:
        self.rng = random.Random(seed)
        self.share = share
        self.cache = cache
        self.real: dict[str, list[Sample]] = {}
        for sample in real(data, "train"):
            self.real.setdefault(sample.source.split("+")[0], []).append(sample)
        print({k: len(v) for k, v in self.real.items()}, flush=True)
        self._load()

    def _load(self) -> None:
        """All files that are in the cache now."""
        self.files = sorted(self.cache.glob("invented-*.npz"))
        self.chunks: dict[Path, tuple[np.ndarray, ...]] = {}

    def batch(self, size: int) -> tuple[torch.Tensor, list[list[int]], list[int], list[int]]:
        pictures, texts, colours, lines = [], [], [], []
        n_real = round(size * self.share)
        sources = list(self.real)
        weights = [
            {"vn-weak": 3.0, "vn": 1.5, "cn": 0.8, "cn_scenes": 1.6}.get(s, 1.0) for s in sources
        ]
        for _ in range(n_real):
            sample = self.rng.choice(self.real[self.rng.choices(sources, weights)[0]])
            pictures.append(jittered(sample.picture, self.rng, sample.source))
            texts.append(encode(sample.text))
            colours.append(sample.colour)
            lines.append(sample.lines)
        file = self.rng.choice(self.files)
        if file not in self.chunks:
            with np.load(file) as z:
                self.chunks[file] = (z["pictures"], z["texts"], z["colours"], z["lines"])
        p, t, c, k = self.chunks[file]
        chosen = self.rng.sample(range(len(p)), size - n_real)
        for i in chosen:
            tilt = self.rng.random() < 0.4
            pictures.append(leaning(p[i], self.rng) if tilt else p[i])
            texts.append([int(v) for v in t[i] if v])
            colours.append(int(c[i]))
            lines.append(int(k[i]))
        block = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
        return block, texts, colours, lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--real", type=float, default=0.3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    cuda = torch.cuda.is_available()
    device = torch.device("cuda" if cuda else "cpu")
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    net = Recogniser().to(device).train()
    if args.weights:
        net.load_state_dict(torch.load(args.weights, weights_only=True))
    plates = Plates(args.data, args.cache, args.real, args.seed)
    decay = [p for p in net.parameters() if p.ndim > 1]
    plain = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": decay, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=args.rate, betas=(0.9, 0.98))
    ctc = nn.CTCLoss(blank=0, zero_infinity=True)
    other = nn.CrossEntropyLoss(ignore_index=-1)
    began, steps, seen = time.monotonic(), 0, 0.0
    total = args.minutes * 60
    while (spent := time.monotonic() - began) < total:
        warm = min(1.0, (steps + 1) / 300)
        for group in optimiser.param_groups:
            group["lr"] = (
                args.rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * spent / total)))
            )
        pictures, texts, colours, lines = plates.batch(args.batch)
        half = (
            torch.autocast(device.type, dtype=torch.bfloat16) if True else contextlib.nullcontext()
        )
        with half:
            characters, colour, line = net(pictures.to(device))
        lengths = torch.tensor([len(t) for t in texts])
        flat = torch.tensor([v for t in texts for v in t], dtype=torch.long)
        widths = torch.full((len(texts),), 2 * COLUMNS, dtype=torch.long)
        loss = ctc(characters.float().transpose(0, 1), flat.to(device), widths, lengths)
        loss = loss + 0.1 * other(colour.float(), torch.tensor(colours, device=device))
        wanted = torch.tensor([k - 1 for k in lines], device=device)
        loss = loss + 0.1 * other(line.float(), wanted)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        steps += 1
        seen = 0.98 * seen + 0.02 * float(loss.detach()) if steps > 1 else float(loss.detach())
        if steps % 100 == 0:
            rate = steps * args.batch / (time.monotonic() - began)
            print(f"step {steps}, {spent / 60:.1f} min, loss {seen:.3f}, {rate:.0f}/s", flush=True)
        if steps % 500 == 0:
            torch.save(net.state_dict(), args.out / "last.pt")
            print("held out:", evaluate(net, args.data, device), flush=True)
    torch.save(net.state_dict(), args.out / "last.pt")
    print("held out:", evaluate(net, args.data, device), flush=True)


@torch.no_grad()
def evaluate(net: Recogniser, data: Path, device: torch.device) -> dict[str, str]:
    """Exact matches on the held-out part per source, greedy decoding, no grammar."""
    from training.recogniser_data import fitted

    net.eval()
    score: dict[str, list[bool]] = {}
    for sample in real(data, "val"):
        picture = sample.picture
        if "+" in sample.source:
            m = float(sample.source.split("+")[1]) * 0.85
            h, w = picture.shape[:2]
            dx, dy = int(m / (1 + 2 * m) * w), int(m / (1 + 2 * m) * h)
            picture = picture[dy : h - dy, dx : w - dx]
        block = torch.from_numpy(fitted(picture)).permute(2, 0, 1)[None].float() / 255
        best = net(block.to(device))[0][0].argmax(-1).tolist()
        text = "".join(
            ALPHABET[v - 1] for i, v in enumerate(best) if v and (i == 0 or best[i - 1] != v)
        )
        score.setdefault(sample.source.split("+")[0], []).append(text == sample.text)
    net.train()
    return {k: f"{sum(v)}/{len(v)}" for k, v in score.items()}


if __name__ == "__main__":
    main()


__all__ = ["LONGEST", "Plates", "evaluate"]
