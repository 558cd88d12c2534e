"""Storage: one module per noun with its tables and the functions that read and write them.

Functions take a session and never commit; the edge (one request, one batch, one command) does.
"""
