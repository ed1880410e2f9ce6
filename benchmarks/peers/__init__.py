"""A file a library: how it does each task, in its own best way.

A task is a function of how it is to be done and of its sizes; it prepares everything and returns a function
of a round's number, which does the work once and says how long it took. `ask` returns a function from images
(N, 28, 28) uint8 to probabilities (N, 10).
"""
