"""Arithmetic in half precision, where the processor has it."""

from __future__ import annotations

import contextlib

import torch


def halves(kind: str) -> contextlib.AbstractContextManager[None]:
    """bfloat16 on CUDA and on processors that have it. Others work it out by hand, ten times
    slower: they stay with float32. `kind`: "cuda" or "cpu"."""
    pays = kind == "cuda" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return torch.autocast(kind, dtype=torch.bfloat16, enabled=pays)
