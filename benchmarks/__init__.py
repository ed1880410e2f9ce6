"""Measurements of this package, each a program of its own."""
