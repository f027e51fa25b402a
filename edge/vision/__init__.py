"""Vision: from a camera's frames to facts about vehicles, in a process of its own."""
