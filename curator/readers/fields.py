"""From one parsed object to one raw record: which fields are text, address, source and date; all others are metadata."""

from __future__ import annotations

from typing import Any

import orjson

from curator.readers.records import EMPTY_TEXT, RawRecord, ReadOptions

BETWEEN_TEXTS = "\n\n"
KINDS = {dict: "an object", list: "an array", str: "a string", int: "a number", float: "a number", bool: "a boolean"}


def record_of(value: dict[str, Any], position: int, size: int, file_source: str, options: ReadOptions) -> RawRecord:
    """The record of `value`, whose text, address, source and medium are taken out of it; `size` is its length in bytes.

    The date stays among the metadata, for it may say more than a number of seconds.
    """
    text, reason, detail = _take_text(value, options.text_fields)
    url = _take_string(value, options.url_field)
    source = _take_string(value, options.source_field) or file_source
    medium = _take_string(value, options.medium_field) if options.medium_field is not None else None
    dated = holder(value, options.date_field)
    date = dated and dated[0][dated[1]]
    try:
        metadata = orjson.dumps(value, option=orjson.OPT_SORT_KEYS) if value else b"{}"
    except orjson.JSONEncodeError as error:  # orjson reads 1,024 levels and writes 254
        return RawRecord(
            position, source, url=url, date=date, reason="invalid_json", detail=f"the metadata cannot be kept: {error}"
        )
    found = None if medium is None else {"path": medium}
    return RawRecord(position, source, text, None, None, url, metadata, reason, detail, size, date, found)


def holder(value: dict[str, Any], field: str) -> tuple[dict[str, Any], str] | None:
    """The object in `value` that holds the field of a dotted path, and its key there; a key with the dots in it wins."""
    while field not in value:
        head, dot, field = field.partition(".")
        inner = value.get(head)
        if not dot or type(inner) is not dict:
            return None
        value = inner
    return value, field


def _take_text(value: dict[str, Any], fields: tuple[str, ...]) -> tuple[str | None, str | None, str | None]:
    """Take the text out of the object: the texts of the fields that have one, or None with reason and detail of the last."""
    texts: list[str] = []
    reason, detail = "missing_text", "no text field is set"
    for field in fields:
        place = holder(value, field)
        if place is None:
            reason, detail = "missing_text", f"the record has no field {field}"
            continue
        text = place[0].pop(place[1])
        if text is None:
            reason, detail = "null_text", f"the field {field} is null"
        elif type(text) is not str:
            return None, "text_not_a_string", f"the field {field} is {KINDS[type(text)]}, not a string"
        elif not text or text.isspace():
            reason, detail = "empty_text", EMPTY_TEXT
        else:
            texts.append(text)
    return (BETWEEN_TEXTS.join(texts), None, None) if texts else (None, reason, detail)


def _take_string(value: dict[str, Any], field: str) -> str | None:
    """Take a non-empty string out of the object; any other value stays in it, as metadata."""
    place = holder(value, field)
    if place is None or type(place[0][place[1]]) is not str or not place[0][place[1]]:
        return None
    return str(place[0].pop(place[1]))
