"""Claims and commitments, each computed from evidence; see docs/design/scorecard.md."""

from typing import TYPE_CHECKING

from watchfloor.core.lazy import lazily

if TYPE_CHECKING:
    from watchfloor.scorecard.checked import NoSuchClaimError as NoSuchClaimError
    from watchfloor.scorecard.checked import check_claims as check_claims

__all__ = ["NoSuchClaimError", "check_claims"]

__getattr__ = lazily(__name__, NoSuchClaimError="checked", check_claims="checked")
