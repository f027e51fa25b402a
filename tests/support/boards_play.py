"""What several tests share: Bench."""

import time


class Bench:
    """Contacts on a table: remembers what was energised and when."""

    def __init__(self):
        self.inputs = {"entry_loop": False, "safety_loop": False, "stop": False}
        self.log = []

    def drive(self, output, on):
        self.log.append((output, on, time.monotonic()))

    def sense(self):
        return self.inputs
