"""An editor that shows notebooks without JupyterLab, as VS Code does: a kernel, and messages to it."""

from __future__ import annotations

WITHOUT_JUPYTERLAB = '''
"""Runs a notebook's lab cells in a kernel alone: editor.py NOTEBOOK; prints what came back, as JSON."""

import json
import sys
from pathlib import Path

from jupyter_client.manager import start_new_kernel

notebook = Path(sys.argv[1])
# What the editor does not have, and what it tells the kernel before the first cell.
BEFORE = f"""
import sys
for absent in ("jupyterlab", "notebook", "jupyter_server", "nbgrader", "ipywidgets"):
    sys.modules[absent] = None
__vsc_ipynb_file__ = {str(notebook)!r}
"""
manager, client = start_new_kernel(kernel_name="python3")
found = {"errors": {}, "plain": {}, "kinds": {}}


def run(code, cell_id, number):
    out = {"plain": "", "kinds": [], "error": None}

    def hear(message):
        content = message["content"]
        if message["msg_type"] == "stream":
            out["plain"] += content["text"]
        elif message["msg_type"] in ("display_data", "update_display_data", "execute_result"):
            out["plain"] += content["data"].get("text/plain", "")
            out["kinds"].append(sorted(content["data"]))
        elif message["msg_type"] == "error":
            out["error"] = content["ename"]
            out["plain"] += "\\n".join(content["traceback"])

    message = client.session.msg("execute_request", {
        "code": code, "silent": number is None, "store_history": number is not None, "user_expressions": {},
        "allow_stdin": False, "stop_on_error": True,
    })
    if number is not None:
        message["metadata"] = {"cellId": f"vscode-notebook-cell:{notebook}#W{number}sZmlsZQ%3D%3D"}
    client.shell_channel.send(message)
    while True:
        heard = client.get_iopub_msg(timeout=300)
        if heard["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        if heard["msg_type"] == "status" and heard["content"]["execution_state"] == "idle":
            break
        hear(heard)
    if number is not None:
        found["errors"][cell_id], found["plain"][cell_id], found["kinds"][cell_id] = out["error"], out["plain"], out["kinds"]


try:
    run(BEFORE, "", None)
    for number, cell in enumerate(json.loads(notebook.read_text())["cells"]):
        code = "".join(cell["source"])
        if cell["cell_type"] != "code" or not code.startswith(("%load_ext", "%%hcl", "%lab_check", "%predict")):
            continue
        if code.startswith("%lab_check"):
            code += " --depth static"
        run(code, cell["id"], number)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
print(json.dumps(found))
'''
"""A program of its own, so that it runs under another environment's Python, too."""
