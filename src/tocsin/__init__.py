"""Tocsin: the chain behind an infection notice, from a sighting to a notice that can be checked."""

__version__ = "0.1.0"
