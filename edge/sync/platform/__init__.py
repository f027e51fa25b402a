"""The platform: assignments in, completed passages out."""
