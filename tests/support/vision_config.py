"""The smallest configuration with one lane and its camera."""

CONFIG = """
site = "s"
gate = "g"
[wires.w]
kind = "serial"
port = "/dev/none"
[lanes.out1]
direction = "export"
camera = { source = "none.mp4" }
[lanes.out1.barrier]
wire = "w"
outputs = { open = 1 }
inputs = { safety_loop = 1 }
[vision]
memory_mb = 400
"""
