/** Python: what amounts, dates and currencies mean. Amounts are exact decimals. */
export const UNDERSTAND = String.raw`def split_amount(raw):
    """An amount as (is negative, digits with their marks, currency), or None when it is not one."""
    text = raw.replace("US$", "$").replace("\u2212", "-").replace("–", "-").replace("—", "-")
    currencies = []
    for symbol, code in SYMBOLS.items():
        if symbol in text:
            text = text.replace(symbol, " ")
            currencies.append(code)
    for word in re.findall(r"[^\W\d_]+\.?", text):
        if word.rstrip(".").upper() not in CODES:
            return None
        text = text.replace(word, " ", 1)
        currencies.append(word.rstrip(".").upper())
    if len(set(currencies)) > 1:
        return None
    text = re.sub(r"[\s'’\x60]", "", text)
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1]
    text = re.sub(r"[.,]-{1,2}$", "", text)
    if text.startswith("-"):
        negative, text = True, text[1:]
    elif text.endswith("-"):
        negative, text = True, text[:-1]
    elif text.startswith("+"):
        text = text[1:]
    if not re.fullmatch(r"(?=.*[0-9])[0-9.,]+", text):
        return None
    return negative, text, currencies[0] if currencies else ""


def decimal_mark(digits):
    """The decimal mark: '.', ',', '' for none, '?' where one mark before three digits leaves it open."""
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:
        return "." if digits.rfind(".") > digits.rfind(",") else ","
    mark = "." if dots else ","
    if dots + commas != 1:
        return ""
    whole, fraction = digits.split(mark)
    return "?" if len(fraction) == 3 and len(whole) <= 3 and whole.strip("0") else mark


def is_grouped(whole):
    """True for digits alone, or in groups of three (of two and three, as in India) by one mark."""
    marks = set(re.sub(r"\d", "", whole))
    if not marks:
        return True
    if len(marks) > 1:
        return False
    first, *middle, last = whole.split(marks.pop())
    return 1 <= len(first) <= 3 and len(last) == 3 and all(len(part) in (2, 3) for part in middle)


def to_decimal(digits, marks_seen):
    """The exact number, or None when the digits can be read in no way or in two."""
    mark = decimal_mark(digits)
    if mark == "?":
        # Money has two decimals, so three digits are thousands; unless the same mark is the table's
        # only decimal mark.
        mark = "." if "." in digits else ","
        if marks_seen == {mark}:
            return None
        mark = ""
    whole, _, fraction = digits.rpartition(mark) if mark else (digits, "", "")
    if not is_grouped(whole):
        return None
    plain = re.sub(r"[.,]", "", whole)
    if not fraction.isdigit() and fraction != "":
        return None
    return Decimal((plain or "0") + "." + (fraction or "0"))


def show(amount):
    """Two decimals at least, more only where they are there."""
    text = format(amount, "f")
    whole, _, fraction = text.partition(".")
    return whole + "." + fraction.rstrip("0").ljust(2, "0")


def date_order(raw):
    """'day' or 'month' when a date of the form 13/1/2024 shows what comes first."""
    match = re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](?:\d{4}|\d{2})(?:[ T].*)?", raw)
    if match:
        first, second = int(match[1]), int(match[2])
        if first > 12 >= second:
            return "day"
        if second > 12 >= first:
            return "month"
        if first != second:
            return "open"
    return ""


def calendar(year, month, day):
    year = int(year) + (2000 if len(str(year)) <= 2 else 0)
    try:
        return datetime.date(year, int(month), int(day)).isoformat()
    except ValueError:
        return None


def month_of(word):
    word = word.lower().translate(str.maketrans("äéûàü", "aeuau"))
    return next((MONTHS[word[:length]] for length in (4, 3) if word[:length] in MONTHS), 0)


def read_date(raw, first):
    """The date as YYYY-MM-DD, or None."""
    text = re.sub(r"[ T]\d{1,2}:\d{2}.*$", "", raw).strip()
    match = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text) or re.fullmatch(
        r"(\d{4})(\d{2})(\d{2})", text
    )
    if match:
        return calendar(match[1], match[2], match[3])
    match = re.fullmatch(r"(\d{1,2})([./-]) ?(\d{1,2})\2 ?(\d{4}|\d{2})", text)
    if match:
        day, month = match[1], match[3]
        if match[2] != "." and (date_order(text) == "month" or (date_order(text) == "open" and first == "month")):
            day, month = month, day
        return calendar(match[4], month, day)
    match = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|\.)?[ -](?:de )?([^\W\d_]{3,})\.?,?[ -](?:de )?(\d{4}|\d{2})", text)
    if match:
        return calendar(match[3], month_of(match[2]), match[1])
    match = re.fullmatch(r"([^\W\d_]{3,})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", text)
    if match:
        return calendar(match[3], month_of(match[1]), match[2])
    if re.fullmatch(r"[2-6]\d{4}", text):
        # A spreadsheet's day number: days since 30 December 1899.
        return (datetime.date(1899, 12, 30) + datetime.timedelta(days=int(text))).isoformat()
    return None
`;
