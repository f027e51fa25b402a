"""The gate's settings: one frozen class per section, units in the names, unknown keys refused.

Read from one TOML file (`load`). All mistakes are reported at once, each with file, key and cure
(`ConfigError`). Other packages import from here only.
"""

from edge.config.advice import only_here, warnings
from edge.config.barrier import INPUTS, OUTPUTS, BarrierConfig, CoverConfig, TasmotaConfig
from edge.config.camera import CameraConfig, VisionConfig
from edge.config.lane import AlphaDisplay, Display, LaneConfig, MqttDisplay
from edge.config.links import (
    PLATFORM,
    ConsumerConfig,
    CustomsConfig,
    FolderPlatformConfig,
    OAuthConfig,
    Partner,
    PartnersConfig,
    Platform,
    PlatformConfig,
    PlatformReading,
    PlatformWords,
)
from edge.config.policy import parse_policy, read_policy
from edge.config.problem import Problem
from edge.config.reading import ConfigError, load
from edge.config.refusals import refusals
from edge.config.section import Name, Section
from edge.config.settings import ConsoleConfig, IssuerConfig, JournalConfig, Settings
from edge.config.wires import GpioWire, IsapiWire, LcusWire, MqttWire, SerialWire, TcpWire, Wire
from edge.config.wiring import wiring_problems

__all__ = [
    "INPUTS",
    "OUTPUTS",
    "PLATFORM",
    "AlphaDisplay",
    "BarrierConfig",
    "CameraConfig",
    "ConfigError",
    "ConsoleConfig",
    "ConsumerConfig",
    "CoverConfig",
    "CustomsConfig",
    "Display",
    "FolderPlatformConfig",
    "GpioWire",
    "IsapiWire",
    "IssuerConfig",
    "JournalConfig",
    "LaneConfig",
    "LcusWire",
    "MqttDisplay",
    "MqttWire",
    "Name",
    "OAuthConfig",
    "Partner",
    "PartnersConfig",
    "Platform",
    "PlatformConfig",
    "PlatformReading",
    "PlatformWords",
    "Problem",
    "Section",
    "SerialWire",
    "Settings",
    "TasmotaConfig",
    "TcpWire",
    "VisionConfig",
    "Wire",
    "load",
    "only_here",
    "parse_policy",
    "read_policy",
    "refusals",
    "warnings",
    "wiring_problems",
]
