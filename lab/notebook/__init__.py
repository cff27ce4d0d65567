"""The lab in a notebook: what is behind the magics of :mod:`lab.magics`."""
