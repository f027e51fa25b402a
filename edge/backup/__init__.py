"""The whole gate in one file, and back from it onto this or another computer.

A backup is a gzipped tar: first `manifest.json`, then `config/...`, `files/...` (what the
configuration names), `data/...` and `data/journal.db`. With a passphrase the whole is sealed
(sealing.py). Pictures are no part of it.
"""
