"""Twins of barriers and their boards."""
