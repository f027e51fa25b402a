"""Vision without pictures: roads, cameras and what a detector makes of them."""
