"""The document of a suspicious transaction report as types: what a file of ours, or of another program, says.

Every field may be absent, since a draft may lack it; a field that is not known is refused, so that nothing of
a file is lost unseen. Reading what was written gives the same document.
"""

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

Text = str | UnsetType
Number = int | UnsetType
Flag = bool | UnsetType


class _Part(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """An object of the document; an absent field stays absent."""


class ReportDetails(_Part):
    """Which report, by whom."""

    report_type_code: Number = UNSET
    submit_type_code: Number = UNSET
    activity_sector_code: Number = UNSET
    reporting_entity_number: Number = UNSET
    submitting_reporting_entity_number: Number = UNSET
    reporting_entity_report_reference: Text = UNSET
    reporting_entity_contact_id: Number = UNSET
    ministerial_directive_code: Text = UNSET


class DetailsOfSuspicion(_Part):
    """Why."""

    description_of_suspicious_activity: Text = UNSET
    suspicion_type_code: Number = UNSET
    public_private_partnership_project_name_codes: list[int] | UnsetType = UNSET
    politically_exposed_person_included_indicator: Flag = UNSET


class RelatedReport(_Part):
    """Another report of the same entity."""

    reporting_entity_report_reference: Text = UNSET
    reporting_entity_transaction_references: list[str] | UnsetType = UNSET


class ActionTaken(_Part):
    """An action taken."""

    description: Text = UNSET


class Address(_Part):
    """An address, in parts (type 1) or as one text (type 2)."""

    type_code: Number = UNSET
    unit_number: Text = UNSET
    building_number: Text = UNSET
    street_address: Text = UNSET
    city: Text = UNSET
    district: Text = UNSET
    province_state_code: Text = UNSET
    province_state_name: Text = UNSET
    sub_province_sub_locality: Text = UNSET
    postal_zip_code: Text = UNSET
    country_code: Text = UNSET
    unstructured: Text = UNSET


class Identification(_Part):
    """A number of a document, or of a register."""

    identifier_type_code: Number = UNSET
    identifier_type_other: Text = UNSET
    type_code: Number = UNSET
    number: Text = UNSET
    jurisdiction_of_issue_country_code: Text = UNSET
    jurisdiction_of_issue_province_state_code: Text = UNSET
    jurisdiction_of_issue_province_state_name: Text = UNSET


class PersonContact(_Part):
    """A person within an entity."""

    surname: Text = UNSET
    given_name: Text = UNSET
    other_name_initial: Text = UNSET
    address_type_code: Number = UNSET
    address: Address | UnsetType = UNSET
    telephone_number: Text = UNSET
    extension_number: Text = UNSET


class Employer(_Part):
    """Where a person works."""

    name: Text = UNSET
    address_type_code: Number = UNSET
    address: Address | UnsetType = UNSET
    telephone_number: Text = UNSET
    extension_number: Text = UNSET


Contacts = list[PersonContact] | UnsetType
Identifications = list[Identification] | UnsetType


class Party(_Part):
    """A person or an entity: types 1, 3 and 5 are persons, 2, 4 and 6 entities."""

    type_code: int
    ref_id: str
    surname: Text = UNSET
    given_name: Text = UNSET
    other_name_initial: Text = UNSET
    alias: Text = UNSET
    name_of_entity: Text = UNSET
    address_type_code: Number = UNSET
    address: Address | UnsetType = UNSET
    telephone_number: Text = UNSET
    extension_number: Text = UNSET
    date_of_birth: Text = UNSET
    country_of_residence_code: Text = UNSET
    country_of_citizenship_code: Text = UNSET
    occupation: Text = UNSET
    name_of_employer: Text = UNSET
    employer_information: Employer | UnsetType = UNSET
    nature_of_principal_business: Text = UNSET
    structure_type_code: Number = UNSET
    structure_type_other: Text = UNSET
    registration_incorporation_indicator: Flag = UNSET
    registrations_incorporations: Identifications = UNSET
    identifications: Identifications = UNSET
    authorized_persons: Contacts = UNSET
    directors_of_corporation: Contacts = UNSET
    persons_owning_shares_of_corporation: Contacts = UNSET
    trustees_of_trust: Contacts = UNSET
    settlors_of_trust: Contacts = UNSET
    persons_owning_units_of_trust: Contacts = UNSET
    beneficiaries_of_trust: Contacts = UNSET
    persons_owning_entity_not_corporation_or_trust: Contacts = UNSET


class Part(_Part):
    """A party in the part that it plays."""

    client_number: Text = UNSET
    email_address: Text = UNSET
    url: Text = UNSET
    username: Text = UNSET
    account_number: Text = UNSET
    policy_number: Text = UNSET
    identifying_number: Text = UNSET
    type_of_device_code: Number = UNSET
    type_of_device_other: Text = UNSET
    device_identifier_number: Text = UNSET
    internet_protocol_address: Text = UNSET
    date_time_of_online_session: Text = UNSET
    on_behalf_of_indicator: Flag = UNSET
    relationship_of_conductor_code: Number = UNSET
    relationship_of_conductor_other: Text = UNSET


class Reference(_Part):
    """A reference to a party, with what is known of it there."""

    type_code: int
    ref_id: str
    details: Part | UnsetType = UNSET
    on_behalf_ofs: "list[Reference] | UnsetType" = UNSET


class Account(_Part):
    """An account."""

    financial_institution_number: Text = UNSET
    branch_number: Text = UNSET
    number: Text = UNSET
    type_code: Number = UNSET
    type_other: Text = UNSET
    currency_code: Text = UNSET
    virtual_currency_type_code: Text = UNSET
    virtual_currency_type_other: Text = UNSET
    date_opened: Text = UNSET
    date_closed: Text = UNSET
    holders: list[Reference] | UnsetType = UNSET


class ActionDetails(_Part):
    """How money came in or went out, or what became of it."""

    direction: Number = UNSET
    fund_asset_virtual_currency_type_code: Number = UNSET
    fund_asset_virtual_currency_type_other: Text = UNSET
    disposition_code: Number = UNSET
    disposition_other: Text = UNSET
    amount: Text = UNSET
    currency_code: Text = UNSET
    virtual_currency_type_code: Text = UNSET
    virtual_currency_type_other: Text = UNSET
    exchange_rate: Text = UNSET
    value_in_canadian_dollars: Text = UNSET
    virtual_currency_transaction_ids: list[str] | UnsetType = UNSET
    sending_virtual_currency_addresses: list[str] | UnsetType = UNSET
    receiving_virtual_currency_addresses: list[str] | UnsetType = UNSET
    reference_number: Text = UNSET
    reference_number_other_related_number: Text = UNSET
    account: Account | UnsetType = UNSET
    account_status_at_time_of_transaction: Number = UNSET
    how_funds_or_virtual_currency_obtained: Text = UNSET
    sources_of_funds_or_virtual_currency_indicator: Flag = UNSET
    conductor_indicator: Flag = UNSET
    involvement_indicator: Flag = UNSET
    beneficiary_indicator: Flag = UNSET


class StartingAction(_Part):
    """How a transaction started."""

    details: ActionDetails
    sources_of_funds_or_virtual_currency: list[Reference] = []
    conductors: list[Reference] = []


class CompletingAction(_Part):
    """A completing action."""

    details: ActionDetails
    involvements: list[Reference] = []
    beneficiaries: list[Reference] = []


class TransactionDetails(_Part):
    """When and how a transaction was made."""

    attempted_transaction_indicator: Flag = UNSET
    reason_not_completed: Text = UNSET
    date_of_transaction: Text = UNSET
    time_of_transaction: Text = UNSET
    method_code: Number = UNSET
    method_other: Text = UNSET
    date_of_posting: Text = UNSET
    time_of_posting: Text = UNSET
    reporting_entity_transaction_reference: Text = UNSET
    purpose: Text = UNSET


class Transaction(_Part):
    """A transaction."""

    suspicious_transaction_details: TransactionDetails
    starting_actions: list[StartingAction]
    completing_actions: list[CompletingAction]
    reporting_entity_location_id: Text = UNSET


class SuspiciousTransactionReport(_Part):
    """The whole document."""

    report_details: ReportDetails
    details_of_suspicion: DetailsOfSuspicion
    transactions: list[Transaction]
    related_reports: list[RelatedReport] = []
    definitions: list[Party] = []
    action_taken: ActionTaken | UnsetType = UNSET


_DECODER: Final = msgspec.json.Decoder(SuspiciousTransactionReport)


def parse(data: bytes) -> SuspiciousTransactionReport:
    """The report in a file. Raises `msgspec.ValidationError` or `msgspec.DecodeError`, which say where."""
    return _DECODER.decode(data)


def convert(document: object) -> SuspiciousTransactionReport:
    """The report that a document of plain values is. Raises `msgspec.ValidationError`."""
    return msgspec.convert(document, SuspiciousTransactionReport)


def written(report: SuspiciousTransactionReport) -> bytes:
    """A report as JSON, absent fields left out."""
    return msgspec.json.encode(report)
