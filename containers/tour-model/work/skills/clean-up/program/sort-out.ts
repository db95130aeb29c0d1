/** Python: duplicates, lists of what a person should look at, totals, and the files that are left. */
export const SORT_OUT = String.raw`def read_records(table, counts):
    """The rows of one table that are invoices, with their cells by meaning."""
    with open(os.path.join(WORKSPACE, table["file"]), "rb") as file:
        rows = list(read_rows(decode(file.read()), table["delimiter"]))
    header = rows[table["header_row"]][1]
    same = [cell.casefold() for cell in header]
    records = []
    for line, cells in rows[table["header_row"] + 1 :]:
        counts["rows_read"] += 1
        if [cell.casefold() for cell in cells] == same:
            counts["repeated_headers"] += 1
            continue
        record = {"file": table["file"], "line": line, "cells": (cells + [""] * len(header))[: len(header)]}
        for role in ("number", "customer", "date", "amount", "currency", "group"):
            index = table["columns"].get(role)
            record[role] = record["cells"][index] if index is not None and index < len(header) else ""
        first = next(cell for cell in cells if cell)
        if FOOTER.fullmatch(first) and (not record["number"] or FOOTER.fullmatch(record["number"])):
            counts["total_lines"] += 1
            continue
        record["too_long"] = any(cells[len(header) :])
        records.append(record)
    return header, records


def understand(table, records):
    """Turns raw amounts, dates and currencies of one table into what they mean."""
    split = [split_amount(record["amount"]) for record in records]
    marks = {decimal_mark(parts[1]) for parts in split if parts} - {"", "?"}
    orders = {date_order(record["date"]) for record in records}
    first = "month" if "month" in orders and "day" not in orders else "day"
    for record, parts in zip(records, split):
        record["raw_amount"], record["raw_date"] = record["amount"], record["date"]
        value = to_decimal(parts[1], marks) if parts else None
        record["amount"] = None if value is None else (-value if parts[0] else value)
        named = record["currency"].upper()
        named = SYMBOLS.get(record["currency"], named)
        record["currency"] = (parts[2] if parts else "") or named or table["currency"]
        record["date"] = read_date(record["raw_date"], first)
        record["open_date"] = date_order(record["raw_date"]) == "open"
    return first


def name_key(text):
    key = text.casefold()
    return "" if key in NOBODY else key


def spell(records, role):
    """Gives every spelling of a name the one that is used most, the first of equals."""
    spellings = {}
    for record in records:
        record[role + "_key"] = name_key(record[role])
        spellings.setdefault(record[role + "_key"], Counter())[record[role]] += 1
    for record in records:
        key = record[role + "_key"]
        record[role] = spellings[key].most_common(1)[0][0] if key else ""


def listed(record):
    """A record as the summary shows it."""
    return {
        "number": record["number"],
        "file": record["file"],
        "line": record["line"],
        "customer": record["customer"],
        "date": record["date"] or record["raw_date"],
        "amount": record["raw_amount"] if record["amount"] is None else show(record["amount"]),
        "currency": record["currency"],
    }


def version_of(record):
    amount = record["raw_amount"] if record["amount"] is None else record["amount"]
    date = record["date"] or record["raw_date"]
    return record["customer_key"], record["group_key"], amount, record["currency"], date


def sort_out(records, summary):
    """Notes on each record what becomes of it, and lists what a person should look at."""
    by_number = {}
    for index, record in enumerate(records):
        if record["too_long"]:
            record["note"] = "unreadable"
            summary["unreadable"].append({**listed(record), "reason": "more cells than the header"})
            continue
        key = "".join(record["number"].split()).casefold() or index
        by_number.setdefault(key, {}).setdefault(version_of(record), []).append(record)
    for key, versions in by_number.items():
        for same in versions.values():
            for record in same[1:]:
                record["note"] = None
        if len(versions) > 1:
            shown = []
            for same in versions.values():
                same[0]["note"] = "conflicting duplicate"
                shown.append({**listed(same[0]), "lines": [record["line"] for record in same]})
            summary["conflicting"].append({"number": shown[0]["number"], "versions": shown})
            continue
        same = next(iter(versions.values()))
        summary["identical_duplicates_dropped"] += len(same) - 1
        look_at(same[0], summary)


def look_at(record, summary):
    notes = []
    if record["amount"] is None:
        notes.append("unreadable amount")
        reason = "no amount" if record["raw_amount"] == "" else "the amount cannot be read for certain"
        summary["unreadable"].append({**listed(record), "reason": reason})
    else:
        summary["counted"].append(record)
        if not record["group_key"]:
            notes.append("no " + PLAN["group_name"])
            summary["missing_group"].append(listed(record))
        if not record["number"]:
            notes.append("no invoice number")
            summary["without_number"].append(listed(record))
    if record["date"] is None and record["raw_date"]:
        notes.append("unreadable date")
        summary["unreadable_dates"].append(listed(record))
    record["note"] = "; ".join(notes)


def add_up(counted, summary):
    totals, groups = {}, {}
    for record in counted:
        for sums, key in ((totals, record["currency"]), (groups, (record["group_key"], record["currency"]))):
            name, amount, invoices = sums.get(key, (record["group"], Decimal(0), 0))
            sums[key] = (name, amount + record["amount"], invoices + 1)
    summary["invoices_counted"] = len(counted)
    summary["totals"] = [
        {"currency": currency, "amount": show(amount), "invoices": invoices}
        for currency, (_, amount, invoices) in sorted(totals.items())
    ]
    summary["by_group"] = [
        {"name": name, "currency": currency, "amount": show(amount), "invoices": invoices}
        for (key, currency), (name, amount, invoices) in sorted(groups.items(), key=lambda item: (not item[0][0], item[0]))
    ]


def write_clean(table, header, records):
    add_currency = table["columns"].get("currency") is None and any(record["currency"] for record in records)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header + (["currency"] if add_currency else []) + ["note"])
    for record in records:
        if record["note"] is None:
            continue
        cells = list(record["cells"])
        values = {"customer": record["customer"], "date": record["date"], "currency": record["currency"]}
        values["amount"] = None if record["amount"] is None else show(record["amount"])
        for role, value in values.items():
            index = table["columns"].get(role)
            if value and index is not None and not record["too_long"]:
                cells[index] = value
        writer.writerow(cells + ([record["currency"]] if add_currency else []) + [record["note"]])
    save(table["clean"], out.getvalue())


def save(name, text):
    folder = os.path.join(WORKSPACE, "out")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
        file.write(text)


def shortened(summary):
    """The summary with lists cut until a model can read it at once; the lengths say what is left out."""
    lengths = {name: len(value) for name, value in summary.items() if isinstance(value, list)}
    for most in (100, 50, 25, 12, 6, 3):
        printed = {name: short(value, most) for name, value in summary.items()}
        if len(json.dumps(json.dumps(printed))) < 16000:
            break
    return {**printed, "lengths": lengths}


def short(value, most):
    if isinstance(value, list):
        return [short(item, most) for item in value[:most]]
    if isinstance(value, dict):
        return {name: short(item, most) for name, item in value.items()}
    return value[:80] if isinstance(value, str) else value


def main():
    summary = {"rows_read": 0, "repeated_headers": 0, "total_lines": 0, "identical_duplicates_dropped": 0}
    for name in ("conflicting", "missing_group", "unreadable", "without_number", "unreadable_dates", "counted"):
        summary[name] = []
    tables, everything, orders = [], [], []
    for table in PLAN["tables"]:
        header, records = read_records(table, summary)
        orders.append(understand(table, records))
        tables.append((table, header, records))
        everything += records
    currencies = {record["currency"] for record in everything if record["currency"]}
    for record in everything:
        if len(currencies) == 1:
            record["currency"] = next(iter(currencies))
        if PLAN["group_by"] in ("month", "year"):
            record["group"] = (record["date"] or "")[: 7 if PLAN["group_by"] == "month" else 4]
    spell(everything, "customer")
    spell(everything, "group")
    sort_out(everything, summary)
    add_up(summary.pop("counted"), summary)
    opened = [record["raw_date"] for record in everything if record["open_date"] and record["note"] is not None]
    summary["open_dates"] = {"count": len(opened), "example": (opened or [""])[0], "first": sorted(set(orders))}
    for table, header, records in tables:
        write_clean(table, header, records)
    save(PLAN["summary"], json.dumps(summary, indent=2) + "\n")
    sys.stdout.write(json.dumps(shortened(summary)) + "\n")


main()
`;
