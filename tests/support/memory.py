"""What memory a test has taken."""


def peak_mb():
    """Of this process, since it began."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(row.split()[1]) for row in status if row.startswith("VmHWM")) / 1024
