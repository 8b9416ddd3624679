"""What a document can do wrong on its way to RDF."""

from __future__ import annotations

from skillcred.errors import InputError, LimitError


class LinkedDataError(InputError):
    """The document has no RDF form that keeps every claim, so a signature could not protect it.

    Codes: `context_not_allowed`, `nested_context`, `undefined_term`, `undefined_type`, `keyword_not_allowed`,
    `value_object`, `direction_not_protected`, `language_tag`, `invalid_iri`, `relative_iri`, `blank_node_id`,
    `compact_iri`, `iri_for_term`, `empty_value`, `nested_array`, `number_not_exact`, `ambiguous_value`,
    `control_character`, `lone_surrogate`, `duplicate_id`, `duplicate_value`, `not_json`, `json_ld_error`
    and `data_loss` for whatever else would be left out.
    """

    default_code = "data_loss"


class LinkedDataLimitError(LimitError):
    """The document asks for more work than is done for one document. Codes: `canonicalization_limit`,
    `too_deep`, `too_many_values`, `too_many_contexts`."""

    default_code = "canonicalization_limit"
