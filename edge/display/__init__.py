"""The lane's display: what it tells the driver, and on which sign."""
