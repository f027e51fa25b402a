"""Processes beside the service that do next to nothing, and come to an end in one way each."""

import os
import time

WORKED = b"worked"

LOADED_AT = os.sched_getscheduler(0)
"""The kernel's order in which this process comes while it loads what it needs."""


def works_and_leaks(pipe):
    pipe.send_bytes(WORKED)
    held = []
    while True:
        held.append(os.urandom(1) * 20_000_000)
        time.sleep(0.02)


def never_works(pipe):
    time.sleep(0.05)


def hangs_while_it_loads(pipe):
    time.sleep(600.0)


def says_how_it_was_loaded(pipe):
    pipe.send_bytes(str(LOADED_AT).encode())
    time.sleep(600.0)
