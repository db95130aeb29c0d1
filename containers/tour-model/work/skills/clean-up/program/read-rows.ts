/** Python: what the program is told, and how it reads rows in any usual encoding. */
export const READ_ROWS = String.raw`"""Cleans up tables of invoices, totals them, and prints what it found as one JSON document."""

import csv
import datetime
import io
import json
import os
import re
import sys
from collections import Counter
from decimal import Decimal

PLAN = json.loads("{}")
WORKSPACE = "/workspace"
NOBODY = {"", "-", "--", "?", "n/a", "na", "#n/a", "none", "null", "nil", "unknown", "(blank)", "tbd"}
FOOTER = re.compile(
    r"(grand |sub[- ]?)?(totals?|sum|summe|gesamt|gesamtsumme|somme|totale|suma|totaal)( amount| due)?:?", re.I
)
SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "zł": "PLN"}
CODES = set(
    "EUR USD GBP CHF JPY CAD AUD NZD SEK NOK DKK PLN CZK HUF RON INR CNY BRL MXN ZAR SGD HKD KR".split()
)
MONTHS = {}
for _number, _names in enumerate(
    "jan janv ene gen|feb fev febr|mar mars mrz maer mrt marz|apr avr abr|may mai mayo mag maj mei|"
    "jun juin juni giu|jul juil juli lug|aug aout ago|sep sept set|oct okt ott|nov|dec dez dic".split("|"), 1
):
    for _name in _names.split():
        MONTHS[_name] = _number


def decode(data):
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", "replace")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if b"\x00" in data[:200]:
        return data.decode("utf-16-le" if data[1:2] == b"\x00" else "utf-16-be", "replace")
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            pass
    return data.decode("latin-1")


def tidy(cell):
    return " ".join(cell.replace("\u200b", "").replace("\ufeff", "").split())


def read_rows(text, delimiter):
    """Every row that is not blank, with the line of the file on which it begins."""
    csv.field_size_limit(1 << 30)
    reader = csv.reader(
        io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter, skipinitialspace=True
    )
    ended = 0
    for cells in reader:
        line, ended = ended + 1, reader.line_num
        cells = [tidy(cell) for cell in cells]
        if any(cells):
            yield line, cells
`;
