"""Drafts of reports to the financial intelligence unit: a person submits them, nobody else learns of them.

A suspicious transaction report (PCMLTFA s. 7) and a listed person or entity property report (s. 7.1) are
drafted from what a reporting entity's own floor holds. Each field is traced to the column of a record, to the
person who stated it, or to a rule. That a report exists stays on that floor (`acts`): it is no record, no
signal, no label, no row of a bundle and no part of an exported log.
"""
