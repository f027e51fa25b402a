"""Customs over MQTT: events out, signed commands in."""
