from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["records", "protocols", "marker", "target", "pacing"])
def test_light_modules_do_not_import_the_client_library(module: str) -> None:
    code = (
        f"import sys, planbot.tracker.{module}; sys.exit(bool({{'github', 'requests'}} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
