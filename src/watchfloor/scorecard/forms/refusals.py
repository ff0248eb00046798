"""The sentences that refuse a department's key or its signed form."""

from typing import Final

from watchfloor.core.messages import declare

NO_DEPARTMENT: Final = declare("register.unknown-department", "department", "known")
BAD_KEY: Final = declare("register.bad-key", "problem", "command")
BAD_SECRET: Final = declare("register.bad-secret", "file", "command", "problem")
UNCHECKED: Final = declare("register.unchecked", "department")
OTHER_NAME: Final = declare("register.key-of-another", "signer", "department", "command")
SHARED: Final = declare("register.shared-key", "other", "department")
OTHER_KEY: Final = declare("register.other-key", "department", "hash")
NO_KEY: Final = declare("register.no-key", "department")
REVOKED: Final = declare("register.revoked-key", "department", "day", "why")
REVOKED_BEFORE: Final = declare("register.revoked-before", "hash", "department")
NOT_SIGNED: Final = declare("register.form-not-signed", "department", "problem")
NO_FORM: Final = declare("register.no-form", "problem")
REWRITTEN: Final = declare("register.form-rewritten")
BAD_VALUE: Final = declare("register.form-bad-value", "where", "value")
NO_VALUE: Final = declare("register.form-empty")
UNFILLED: Final = declare("register.form-unfilled", "field")
BAD_PERIOD: Final = declare("register.form-bad-period", "where", "problem")
FUTURE: Final = declare("register.form-future", "where", "period", "day")
SIGNED_LATER: Final = declare("register.form-signed-later", "signed")
NOT_THEIRS: Final = declare("register.form-not-theirs", "line", "asked", "department")
OTHER_SERIES: Final = declare("register.form-other-series", "where", "series", "department", "prefix")
OTHER_CALL: Final = declare("register.form-other-call", "given", "line", "standing")
OTHER_FLOOR: Final = declare("register.form-other-floor", "other", "here")
CHANGED: Final = declare("register.form-changed", "field", "given", "asked")
OLDER: Final = declare("register.form-older", "line", "held", "given")
TWICE: Final = declare("register.form-row-twice", "where", "other")
NOT_CALLED: Final = declare("register.form-not-called", "department", "line")
TOO_LARGE: Final = declare("register.form-too-large", "file", "size", "largest")
