"""The finance desk, at a reporting entity: what its payments show. Its evidence stays on that node."""

from typing import TYPE_CHECKING

from watchfloor.core.lazy import lazily

if TYPE_CHECKING:
    from watchfloor.desks.finance.payments import find_patterns as find_patterns
    from watchfloor.desks.finance.payments import fit_payments as fit_payments
    from watchfloor.desks.finance.payments import payment_features as payment_features
    from watchfloor.desks.finance.payments import read_payments as read_payments
    from watchfloor.desks.finance.payments import score_payments as score_payments

__all__ = ["find_patterns", "fit_payments", "payment_features", "read_payments", "score_payments"]

__getattr__ = lazily(__name__, **dict.fromkeys(__all__, "payments"))
