"""The examples in docs/sampling.md mean something to Waybill."""

import re
import shlex
import subprocess

from doors import environment

BLOCK = re.compile(r"^```(sh settings|yaml file)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(root, kind):
    found = [text for of, text in BLOCK.findall((root / "docs/sampling.md").read_text()) if of == kind]
    assert found
    return found


def test_every_example_of_variables_is_understood(build, root):
    for block in blocks(root, "sh settings"):
        variables = dict(pair.split("=", 1) for pair in shlex.split(block))
        shown = subprocess.run(
            [build / "bin/waybill", "config", "--only-set"], capture_output=True, text=True, env=environment(None, **variables)
        )
        assert "No problems." in shown.stdout, shown.stdout
        assert all(f"{name} = {value}" in shown.stdout for name, value in variables.items()), shown.stdout


def test_every_example_of_a_file_is_understood(build, root, tmp_path):
    for block in blocks(root, "yaml file"):
        file = tmp_path / "otel.yaml"
        file.write_text(block)
        checked = subprocess.run(
            [build / "bin/waybill", "config", "check", file], capture_output=True, text=True, env=environment(None)
        )
        assert (checked.returncode, checked.stdout) == (0, "")
