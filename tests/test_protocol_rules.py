"""Every rule of the protocol stands in the lines that `ablate_rules.py` takes out to see a test fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.ablate_rules import RULES, Rule

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_kept_in_one_place_and_its_test_is_there(rule: Rule) -> None:
    assert (ROOT / rule.file).read_text().count(rule.keeps) == 1
    file, _, name = rule.test.partition("::")
    assert f"def {name.partition('[')[0]}" in (ROOT / file).read_text()
