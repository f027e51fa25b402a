"""As node_receiver.py, for the receiver in Java; RECEIVER_CLASSES is where it was compiled to."""

import os

from tests.support.node_receiver import main

if __name__ == "__main__":
    main(("java", "-XX:TieredStopAtLevel=1", "-cp", os.environ["RECEIVER_CLASSES"], "Receiver"))
