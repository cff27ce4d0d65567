"""The first cell of each notebook, run again."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


def test_the_extension_is_loaded_again_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Is the second run of the first cell as quiet as the first, and are the magics still the ones that have a session?"""
    monkeypatch.setenv("LAB_WORKSPACE", str(tmp_path))
    shell = InteractiveShell(
        config=Config({"HistoryManager": {"enabled": False}}), ipython_dir=str(tmp_path / "ipython")
    )
    for _ in range(3):
        assert shell.run_cell("%load_ext lab.magics").success
    assert capsys.readouterr().out == ""
    magics = shell.magics_manager.registry["LabMagics"]
    assert shell.run_cell("%load_ext lab.magics").success
    assert shell.magics_manager.registry["LabMagics"] is magics
    loaded = [one for one in shell.events.callbacks["pre_run_cell"] if getattr(one, "__name__", "") == "remember_cell"]
    assert len(loaded) == 1
