"""Monitors: what goes wrong without any vehicle, made an alarm or done later."""
