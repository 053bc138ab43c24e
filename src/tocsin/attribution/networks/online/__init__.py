"""Asking on the net, only when a command says so: tables that are fetched, and clients that ask about one address.

Every answer is bounded, waits are bounded, answers are kept for a while, and nobody is asked faster than allowed.
"""
