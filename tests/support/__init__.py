"""What tests use: builders, twins, real processes, disks and wires."""
