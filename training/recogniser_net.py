"""The plate recogniser: one network for one- and two-line plates of both countries.

(N, 3, 64, 160) BGR 0..1 -> characters (N, T, C) as log-probabilities for CTC decoding, T = 80:
forty columns of the upper half of the plate, then forty of the lower half; colour (N, 6), lines
(N, 2), and log-odds (N, 1) that the plate is whole: neither cut off nor covered.
On a one-line plate the network is silent in one half: its attention sees the whole plate.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from edge.domain.plate import ALPHABET

HEIGHT, WIDTH = 64, 160
COLUMNS = 40
COLOURS = ("white", "yellow", "blue", "green", "red", "black")
CLASSES = len(ALPHABET) + 1
"""Class 0 is CTC's blank."""


class Block(nn.Module):
    """Two 3x3 convolutions with a short cut."""

    def __init__(self, inputs: int, outputs: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.first = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
        )
        self.second = nn.Sequential(
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        return torch.relu(x + self.second(x))


class Attention(nn.Module):
    """One pre-normalised encoder layer."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        n, t, c = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(n, t, 3, self.heads, c // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) * (c // self.heads) ** -0.5).softmax(-1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(n, t, c))
        return x + self.feed(self.norm2(x))


class Recogniser(nn.Module):
    def __init__(self, width: int = 144) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 24, 3, 2, 1, bias=False),
            nn.BatchNorm2d(24),
            nn.ReLU(),
            Block(24, 48, (2, 2)),
            Block(48, 96, (2, 1)),
            Block(96, 128, (2, 1)),
            Block(128, width, (2, 1)),
        )
        self.places = nn.Parameter(torch.randn(1, 2 * COLUMNS, width) * 0.02)
        self.attention = nn.Sequential(Attention(width, 4), Attention(width, 4))
        self.norm = nn.LayerNorm(width)
        self.characters = nn.Linear(width, CLASSES)
        self.colour = nn.Linear(width, len(COLOURS))
        self.lines = nn.Linear(width, 2)
        self.entire = nn.Linear(width, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        maps = self.body(x - 0.5)
        rows = maps.flatten(2).transpose(1, 2) + self.places
        seen = self.norm(self.attention(rows))
        whole = seen.mean(1)
        characters = self.characters(seen).log_softmax(-1)
        return characters, self.colour(whole), self.lines(whole), self.entire(whole)
