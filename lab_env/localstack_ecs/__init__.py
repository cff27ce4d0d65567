"""Where the plug-in for LocalStack lies: its sources, which are installed into LocalStack's environment, never into ours."""

from __future__ import annotations

from pathlib import Path

SOURCE = Path(__file__).resolve().parent
