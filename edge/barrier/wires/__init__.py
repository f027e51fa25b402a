"""Wires: what bytes travel on, and the port that every board implements."""
