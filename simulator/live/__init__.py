"""The live page of a simulated gate: lanes from above, each fault a button, vehicles at a click.

`view` is what it shows, as plain data; `page` serves it; `static` is the page.
"""
