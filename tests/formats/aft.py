"""Files of CPA Standard 005, made for tests."""

RECORD, SEGMENT = 1464, 240


def segment(**said):
    """A segment of 240 characters: a payroll credit of 12.34 into an account of institution 3."""
    part = {
        "type": "200",
        "cents": "0000001234",
        "day": "026032",
        "institution": "000305692",
        "account": "1234567",
        "trace": "0" * 22,
        "stored": "000",
        "short": "ACME",
        "name": "JANE ROE",
        "long": "ACME LIMITED",
        "user": "8090012300",
        "reference": "PAY 17",
        "return_institution": "000112345",
        "return_account": "7654321",
        "sundry": "",
        "filler": "",
        "settlement": "",
        "invalid": "0" * 11,
    } | said
    sizes = (3, 10, 6, 9, 12, 22, 3, 15, 30, 30, 10, 19, 9, 12, 15, 22, 2, 11)
    return "".join(text.ljust(size)[:size] for text, size in zip(part.values(), sizes, strict=True))


def header(currency="CAD", created="026030"):
    return f"A0000000018090012300{'0042'}{created}00330{'':20}{currency:3}".ljust(RECORD)


def record(kind, number, segments):
    return (f"{kind}{number:09}80900123000042" + "".join(segments)).ljust(RECORD)


def trailer(number, debits=(0, 0), credits_=(0, 0)):
    sums = f"{debits[0]:014}{debits[1]:08}{credits_[0]:014}{credits_[1]:08}"
    return f"Z{number:09}80900123000042{sums}{'0' * 44}".ljust(RECORD)


def file(*records, end="\r\n"):
    return end.join(records).encode("latin-1") + end.encode()
