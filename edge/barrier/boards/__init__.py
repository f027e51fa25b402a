"""Boards: one module a kind, their profiles, and the registry that picks them."""
