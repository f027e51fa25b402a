"""Trains the plate recogniser on real plates, on real ones put together anew and on invented ones.

`--data` and `--cache` (training/recogniser_data.py and training/recogniser_labels.py) give the
pictures; `--weights` goes on from a checkpoint. What is kept (last.pt) is the running mean of the
weights, and beside it the middle between that and the checkpoint (middle.pt): after a short
training, which has forgotten more than it learnt, that reads better than either.

Example: python -m training.recogniser_train --data ../shared/data --cache /tmp/plates
  --out /tmp/run --weights /tmp/plates/start.pt
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import torch
from torch import nn

from edge.domain.plate import ALPHABET
from training.halves import halves
from training.recogniser_batch import CROPS, Batch, Plates
from training.recogniser_net import COLUMNS, Recogniser
from training.recogniser_real import Sample, of_site, real
from training.recogniser_view import boxed, fitted

MARGINS = (0.07, 0.12)
"""Around a box, as at run time (edge/vision/frame_result.py)."""

MEAN = 0.998
"""How slowly the running mean of the weights follows, a step."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--site", type=Path, help="a gate's own plates (training/site.py)")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--minutes", type=float, help="ends by the clock instead of by steps")
    parser.add_argument("--batch", type=int, default=40)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    net = Recogniser().to(device).train()
    if args.weights:
        net.load_state_dict(torch.load(args.weights, weights_only=True))
    net = net.to(memory_format=torch.channels_last)
    mean = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(MEAN), use_buffers=True
    )
    held_out = list(real(args.data, "val"))
    held_out += of_site(args.site, "val") if args.site else []
    print("held out before:", evaluate(net, held_out, device), flush=True)
    plates = Plates(args.data, args.cache, args.seed, args.site)
    decay = [p for p in net.parameters() if p.ndim > 1]
    plain = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": decay, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=args.rate, betas=(0.9, 0.98))
    began, steps, seen = time.monotonic(), 0, 0.0
    while True:
        spent = time.monotonic() - began
        done = spent / (60 * args.minutes) if args.minutes else steps / args.steps
        if done >= 1:
            break
        warm = min(1.0, (steps + 1) / 200)
        fall = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))
        for group in optimiser.param_groups:
            group["lr"] = args.rate * warm * fall
        batch = plates.batch(args.batch)
        block = batch[0].to(device, memory_format=torch.channels_last)
        with halves(device.type):
            answer = net(block)
        loss = _loss(answer, batch, device)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        mean.update_parameters(net)
        steps += 1
        seen = 0.98 * seen + 0.02 * float(loss.detach()) if steps > 1 else float(loss.detach())
        if steps % 100 == 0:
            rate = steps * args.batch / spent
            print(f"step {steps}, {spent / 60:.1f} min, loss {seen:.3f}, {rate:.0f}/s", flush=True)
        if steps % 400 == 0:
            _keep(mean.module, args.out / "last.pt", held_out, device)
    _keep(mean.module, args.out / "last.pt", held_out, device)
    if args.weights:
        _halfway(mean.module, torch.load(args.weights, weights_only=True))
        _keep(mean.module, args.out / "middle.pt", held_out, device)


def _halfway(net: nn.Module, start: dict[str, torch.Tensor]) -> None:
    """Moves the network to the middle between itself and where it started."""
    now = net.state_dict()
    for name, value in now.items():
        if value.is_floating_point():
            now[name] = (value + start[name].to(value.device)) / 2
    net.load_state_dict(now)


def _loss(answer: tuple[torch.Tensor, ...], batch: Batch, device: torch.device) -> torch.Tensor:
    """What is not whole teaches only that it is not."""
    characters, colour, line, entire = answer
    _, texts, colours, lines, whole = batch
    told = [i for i, w in enumerate(whole) if w != 0]
    shown = [i for i, w in enumerate(whole) if w != -1]
    characters, texts = characters[told], [texts[i] for i in told]
    lengths = torch.tensor([len(t) for t in texts])
    flat = torch.tensor([v for t in texts for v in t], dtype=torch.long, device=device)
    widths = torch.full((len(texts),), 2 * COLUMNS, dtype=torch.long)
    ctc = nn.CTCLoss(blank=0, zero_infinity=True)
    other = nn.CrossEntropyLoss(ignore_index=-1)
    wanted = torch.tensor([k - 1 for k in lines], device=device)
    truth = torch.tensor([[float(whole[i])] for i in shown], device=device)
    odds = nn.BCEWithLogitsLoss()
    loss = ctc(characters.float().transpose(0, 1), flat, widths, lengths)
    loss = loss + 0.1 * other(colour.float(), torch.tensor(colours, device=device))
    loss = loss + 0.2 * odds(entire.float()[shown], truth)
    return loss + 0.1 * other(line.float(), wanted)


def _keep(net: nn.Module, file: Path, held_out: list[Sample], device: torch.device) -> None:
    torch.save(net.state_dict(), file)
    print(file.name, "held out:", evaluate(net, held_out, device), flush=True)


@torch.no_grad()
def evaluate(net: nn.Module, samples: list[Sample], device: torch.device) -> dict[str, str]:
    """Exact matches per source, greedy decoding, no grammar."""
    was = net.training
    net.eval()
    score: dict[str, list[bool]] = {}
    for sample in samples:
        tight = sample.source in CROPS
        picture = sample.picture if tight else boxed(sample.picture, sample.quad, MARGINS)
        block = torch.from_numpy(fitted(picture)).permute(2, 0, 1)[None].float() / 255
        best = net(block.to(device))[0][0].argmax(-1).tolist()
        text = "".join(
            ALPHABET[v - 1] for i, v in enumerate(best) if v and (i == 0 or best[i - 1] != v)
        )
        score.setdefault(sample.source, []).append(text == sample.text)
    net.train(was)
    return {k: f"{sum(v)}/{len(v)}" for k, v in score.items()}


if __name__ == "__main__":
    main()
