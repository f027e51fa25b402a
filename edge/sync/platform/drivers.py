"""Which way to the platform the settings name."""

from __future__ import annotations

from edge.config import FolderPlatformConfig, PlatformConfig
from edge.sync.platform.folder import FolderPlatform
from edge.sync.platform.http import HttpPlatform
from edge.sync.platform.port import PlatformDriver
from edge.system.clock import Clock


def driver_of(
    config: PlatformConfig | FolderPlatformConfig, gate: str, clock: Clock
) -> PlatformDriver:
    match config:
        case PlatformConfig():
            return HttpPlatform(config, gate, clock)
        case FolderPlatformConfig():
            return FolderPlatform(config, clock)
