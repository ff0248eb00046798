"""Which elements of a message are taken, as a machine of states: one step an element, a slot where text is
kept.

The scanner of bytes and the reader of elements go by the same tables, so that both find the same.
Elements are known by their local names: a version's namespace changes nothing. Names from ISO 20022, the
message definition reports of pacs.008, pacs.009, pain.001, camt.053 and camt.054.
"""

from collections.abc import Iterator, Mapping
from typing import Final

_PARTY: Final = (
    "nm bic lei ctry res birth org org_scheme org_issuer prvt prvt_scheme prvt_issuer more".split()
)
_ACCOUNT: Final = "iban othr proxy".split()
_AGENT: Final = "bic lei member clearing nm ctry".split()
PARTIES: Final = ("dbtr", "cdtr", "ultmt_dbtr", "ultmt_cdtr", "own")
ACCOUNTS: Final = ("dbtr_acct", "cdtr_acct", "own_acct")
AGENTS: Final = ("dbtr_agt", "cdtr_agt", "own_agt")

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    **{one: tuple(f"{one}.{part}" for part in _PARTY) for one in PARTIES},
    **{one: tuple(f"{one}.{part}" for part in _ACCOUNT) for one in ACCOUNTS},
    **{one: tuple(f"{one}.{part}" for part in _AGENT) for one in AGENTS},
    "sum": ("amount", "currency"),
    "given": ("given_amount", "given_currency"),
}
"""Slots that describe one thing: where a transaction fills any of a group, its message's fill none of it."""

ALONE: Final = (
    *("instr", "end_to_end", "tx", "uetr", "ref", "accepted", "settled", "created", "purpose", "category"),
    *("service", "local", "channel", "ustrd", "strd", "side", "reversal", "status", "family", "subfamily"),
    *("method", "message", "count", "control", "total", "group", "entry_ref", "batch"),
)
"""Slots that stand for themselves."""

SLOTS: Final = (*ALONE, *(slot for group in GROUPS.values() for slot in group))
NUMBER: Final[Mapping[str, int]] = {slot: number for number, slot in enumerate(SLOTS)}
JOINED: Final = frozenset(NUMBER[slot] for slot in ("ustrd", "strd"))
"""Slots whose texts are joined by a space where their element comes again; of others the first counts."""

Tree = dict[str, "Tree | str"]
"""Elements by local name: what they hold, or the slot of their text. `@Ccy` is the slot of that attribute."""


def _other(slot: str) -> Tree:
    scheme: Tree = {"Cd": f"{slot}_scheme", "Prtry": f"{slot}_scheme"}
    return {"Id": slot, "SchmeNm": scheme, "Issr": f"{slot}_issuer", "": "repeats"}


def _institution(one: str) -> Tree:
    return {
        "BICFI": f"{one}.bic",
        "BIC": f"{one}.bic",
        "LEI": f"{one}.lei",
        "Nm": f"{one}.nm",
        "PstlAdr": {"Ctry": f"{one}.ctry"},
    }


def _agent(one: str) -> Tree:
    member: Tree = {
        "MmbId": f"{one}.member",
        "ClrSysId": {"Cd": f"{one}.clearing", "Prtry": f"{one}.clearing"},
    }
    return {"FinInstnId": _institution(one) | {"ClrSysMmbId": member}}


def _party(one: str) -> Tree:
    organisation: Tree = {
        "LEI": f"{one}.lei",
        "AnyBIC": f"{one}.bic",
        "BICOrBEI": f"{one}.bic",
        "Othr": _other(f"{one}.org"),
    }
    private: Tree = {
        "DtAndPlcOfBirth": {"BirthDt": f"{one}.birth"},
        "Othr": _other(f"{one}.prvt"),
    }
    plain: Tree = {
        "Nm": f"{one}.nm",
        "PstlAdr": {"Ctry": f"{one}.ctry"},
        "CtryOfRes": f"{one}.res",
        "Id": {"OrgId": organisation, "PrvtId": private},
    }
    bank: Tree = {"FinInstnId": _institution(one)}
    return plain | bank | {"Pty": plain, "Agt": bank}


def _account(one: str) -> Tree:
    number: Tree = {"IBAN": f"{one}.iban", "Othr": {"Id": f"{one}.othr"}}
    return {"Id": number, "Prxy": {"Id": f"{one}.proxy"}}


def _money(slot: str) -> Tree:
    return {"": f"{slot}amount", "@Ccy": f"{slot}currency"}


_TYPE: Final[Tree] = {
    "SvcLvl": {"Cd": "service", "Prtry": "service"},
    "LclInstrm": {"Cd": "local", "Prtry": "local"},
    "CtgyPurp": {"Cd": "category", "Prtry": "category"},
    "ClrChanl": "channel",
}
_SIDES: Final[Tree] = {
    "Dbtr": _party("dbtr"),
    "DbtrAcct": _account("dbtr_acct"),
    "UltmtDbtr": _party("ultmt_dbtr"),
    "Cdtr": _party("cdtr"),
    "CdtrAcct": _account("cdtr_acct"),
    "UltmtCdtr": _party("ultmt_cdtr"),
}
_AGENTS: Final[Tree] = {"DbtrAgt": _agent("dbtr_agt"), "CdtrAgt": _agent("cdtr_agt")}
_IDS: Final[Tree] = {"InstrId": "instr", "EndToEndId": "end_to_end", "TxId": "tx", "UETR": "uetr"}
_WHY: Final[Tree] = {
    "Purp": {"Cd": "purpose", "Prtry": "purpose"},
    "RmtInf": {
        "Ustrd": "ustrd",
        "Strd": {"CdtrRefInf": {"Ref": "strd"}, "RfrdDocInf": {"Nb": "strd"}},
    },
}
_CODE: Final[Tree] = {"Domn": {"Fmly": {"Cd": "family", "SubFmlyCd": "subfamily"}}}
_DAY: Final[Tree] = {"Dt": "settled", "DtTm": "accepted"}

TRANSFER: Final[Tree] = {
    **_SIDES,
    **_AGENTS,
    **_WHY,
    "PmtId": _IDS,
    "PmtTpInf": _TYPE,
    "IntrBkSttlmAmt": _money(""),
    "Amt": {"InstdAmt": _money(""), "EqvtAmt": {"Amt": _money("")}},
    "IntrBkSttlmDt": "settled",
    "AccptncDtTm": "accepted",
}
"""`CdtTrfTxInf` of pacs.008, pacs.009 and pain.001."""

DETAILS: Final[Tree] = {
    **_WHY,
    "Refs": {**_IDS, "AcctSvcrRef": "ref"},
    "Amt": _money(""),
    "AmtDtls": {"TxAmt": {"Amt": _money("given_")}},
    "CdtDbtInd": "side",
    "BkTxCd": _CODE,
    "RltdPties": _SIDES,
    "RltdAgts": _AGENTS,
    "RltdDts": {"AccptncDtTm": "accepted", "IntrBkSttlmDt": "settled"},
}
"""`TxDtls` of camt.053 and camt.054."""

_HEADER: Final[Tree] = {
    "MsgId": "message",
    "CreDtTm": "created",
    "NbOfTxs": "count",
    "CtrlSum": "control",
    "TtlIntrBkSttlmAmt": "total",
    "IntrBkSttlmDt": "settled",
    "PmtTpInf": _TYPE,
}
_ORDERS: Final[Tree] = {
    "PmtInfId": "group",
    "PmtMtd": "method",
    "NbOfTxs": "count",
    "CtrlSum": "control",
    "ReqdExctnDt": {"": "settled", "Dt": "settled", "DtTm": "accepted"},
    "PmtTpInf": _TYPE,
    "Dbtr": _party("dbtr"),
    "DbtrAcct": _account("dbtr_acct"),
    "DbtrAgt": _agent("dbtr_agt"),
    "UltmtDbtr": _party("ultmt_dbtr"),
    "CdtTrfTxInf": "record TRANSFER",
    "!": "level",
}
_ENTRY: Final[Tree] = {
    "NtryRef": "entry_ref",
    "Amt": _money(""),
    "CdtDbtInd": "side",
    "RvslInd": "reversal",
    "Sts": {"": "status", "Cd": "status", "Prtry": "status"},
    "BookgDt": _DAY,
    "AcctSvcrRef": "ref",
    "BkTxCd": _CODE,
    "NtryDtls": {"TxDtls": "record DETAILS"},
    "!": "level entry",
}
_REPORT: Final[Tree] = {
    "Id": "group",
    "CreDtTm": "created",
    "Acct": {
        **_account("own_acct"),
        "Ownr": _party("own"),
        "Svcr": _agent("own_agt"),
    },
    "Ntry": _ENTRY,
    "!": "level",
}
_CREDIT: Final[Tree] = {"GrpHdr": _HEADER, "CdtTrfTxInf": "record TRANSFER"}
_CASH: Final[Tree] = {"GrpHdr": {"MsgId": "message", "CreDtTm": "created"}}

MESSAGES: Final[Mapping[str, tuple[str, range, Tree]]] = {
    "FIToFICstmrCdtTrf": ("pacs.008", range(2, 14), _CREDIT),
    "FICdtTrf": ("pacs.009", range(2, 13), _CREDIT),
    "FinInstnCdtTrf": ("pacs.009", range(2, 13), _CREDIT),
    "CstmrCdtTrfInitn": ("pain.001", range(2, 13), {"GrpHdr": _HEADER, "PmtInf": _ORDERS}),
    "BkToCstmrStmt": ("camt.053", range(2, 14), {**_CASH, "Stmt": _REPORT}),
    "BkToCstmrDbtCdtNtfctn": ("camt.054", range(2, 14), {**_CASH, "Ntfctn": _REPORT}),
}
"""By the element in `Document`: the message, the versions that this was written for, and what is taken."""

RECORDS: Final[Mapping[str, Tree]] = {"CdtTrfTxInf": TRANSFER, "TxDtls": DETAILS}
"""Elements that are one transaction each."""


class Machine:
    """States of trees; state 0 is what is not taken, and whatever it holds.

    Attributes:
        step: for each state, the state of each element in it.
        slot: the slot of its text, or -1.
        currency: the slot of its attribute `Ccy`, or -1.
        repeats: whether a second such element in a transaction is kept apart.
        level: 1 where what it holds is said of what is in it only, 2 for an entry of an account.
        record: the state in which the transaction that begins here is read, or 0.
        roots: the first state of each tree.
        inner: `step` without the elements that are a level or a transaction themselves.
    """

    def __init__(self, trees: Mapping[str, Tree]) -> None:
        self.step: list[dict[str, int]] = [{}]
        self.slot, self.currency, self.repeats, self.level, self.record = [-1], [-1], [False], [0], [0]
        self.roots = {name: self._add(tree) for name, tree in RECORDS.items()}
        self.roots |= {name: self._add(tree) for name, tree in trees.items()}
        self.inner = [
            {name: after for name, after in steps.items() if not self.level[after] and not self.record[after]}
            for steps in self.step
        ]

    def _add(self, tree: Tree | str) -> int:
        state = len(self.step)
        self.step.append({})
        self.slot.append(-1)
        self.currency.append(-1)
        self.repeats.append(False)
        self.level.append(0)
        self.record.append(0)
        for name, inner in _items(tree):
            self._put(state, name, inner)
        return state

    def _put(self, state: int, name: str, inner: Tree | str) -> None:
        if name == "@Ccy":
            self.currency[state] = NUMBER[str(inner)]
        elif name == "!":
            self.level[state] = 2 if inner == "level entry" else 1
        elif name:
            self.step[state][name] = self._add(inner)
        elif inner == "repeats":
            self.repeats[state] = True
        elif str(inner).startswith("record "):
            record = {"TRANSFER": "CdtTrfTxInf", "DETAILS": "TxDtls"}[str(inner)[7:]]
            self.record[state] = self.roots[record]
        else:
            self.slot[state] = NUMBER[str(inner)]


def _items(tree: Tree | str) -> Iterator[tuple[str, Tree | str]]:
    return iter([("", tree)] if isinstance(tree, str) else tree.items())


MACHINE: Final = Machine({name: tree for name, (_, _, tree) in MESSAGES.items()})
"""The machine of all messages."""
