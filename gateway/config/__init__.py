"""gateway.toml: read once, at start, into frozen records; every mistake is told together, before a socket opens."""

from gateway.config.load import load_config, read_config
from gateway.config.outside import Outside
from gateway.config.problem import ConfigError, Problem
from gateway.config.records import CacheSettings, Config, ServerSettings, StoreSettings

__all__ = [
    "CacheSettings",
    "Config",
    "ConfigError",
    "Outside",
    "Problem",
    "ServerSettings",
    "StoreSettings",
    "load_config",
    "read_config",
]
