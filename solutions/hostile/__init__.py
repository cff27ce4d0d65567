"""Attacks: those that can be kept as files lie here as cases; :mod:`solutions.hostile.built` makes the others."""
