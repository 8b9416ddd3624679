"""The scope of an accreditation or enrolment as people write it, in a ceremony file or a proposal."""

from __future__ import annotations

from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.services.forms import Form, FormError
from skillcred.trust import AccreditationScope, Action, SchemaPin, ScopeLevel

_LISTS: Final = ("isced_fields", "countries", "occupations", "languages", "campuses", "programmes")


def read_scope_form(value: JsonValue, pointer: str) -> AccreditationScope:
    """The scope. Raises `FormError` for whatever is not understood, so that no limit gets lost."""
    form = Form(value, pointer)
    action = form.optional_text("action") or Action.ISSUE.value
    if action not in set(Action):
        raise FormError("There is no such action.", pointer=f"{pointer}/action")
    profiles = form.texts("profiles")
    if not profiles:
        raise FormError("A scope names at least one profile.", pointer=f"{pointer}/profiles")
    scope = AccreditationScope(
        profiles=profiles,
        max_level=form.optional("max_level", _read_level),
        schemas=form.items("schemas", _read_pin),
        action=Action(action),
        **{name: form.texts(name) for name in _LISTS},
    )
    form.finish()
    return scope


def write_scope_form(scope: AccreditationScope) -> JsonObject:
    """The scope, without the limits that it does not have."""
    written: JsonObject = {"action": scope.action.value, "profiles": list(scope.profiles)}
    for name in _LISTS:
        values: tuple[str, ...] = getattr(scope, name)
        if values:
            written[name] = list(values)
    if scope.max_level is not None:
        written["max_level"] = {"framework": scope.max_level.framework, "level": scope.max_level.level}
    if scope.schemas:
        written["schemas"] = [
            {"id": pin.id, "digest_multibase": pin.digest_multibase} for pin in scope.schemas
        ]
    return written


def _read_level(value: JsonValue, pointer: str) -> ScopeLevel:
    form = Form(value, pointer)
    level = ScopeLevel(form.text("framework"), form.text("level"))
    form.finish()
    return level


def _read_pin(value: JsonValue, pointer: str) -> SchemaPin:
    form = Form(value, pointer)
    pin = SchemaPin(form.text("id"), form.text("digest_multibase"))
    form.finish()
    return pin
