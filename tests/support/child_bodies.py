"""Processes beside the service that do next to nothing, and come to an end in one way each."""

import os
import time

WORKED = b"worked"


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
