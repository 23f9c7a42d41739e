"""The table of what was planted and what was found. It runs last, and looks at what the tests before it did."""

import os
import re

import pytest
from findings import table_of
from expected import EXPECTED

DOC_PART = re.compile(r"(<!-- planted faults: begin -->\n).*(<!-- planted faults: end -->\n)", re.DOTALL)


def test_the_table_in_the_docs_is_what_was_found(root, build, table):
    text = table_of(table)
    (build / "tests/verdicts-table.md").write_text(text, encoding="utf-8")
    if table.keys() != EXPECTED.keys():
        pytest.skip("not all of the faults were planted")
    doc = root / "docs/verdicts.md"
    if os.environ.get("WAYBILL_APPROVE"):
        doc.write_text(DOC_PART.sub(lambda part: part[1] + text + part[2], doc.read_text(encoding="utf-8")), encoding="utf-8")
    (part,) = DOC_PART.finditer(doc.read_text(encoding="utf-8"))
    assert part[0] == part[1] + text + part[2], "WAYBILL_APPROVE=1 writes it anew"
