"""Logs: one line per event, as text or as JSON, without credentials and personal data."""

import json
import logging
import time
from typing import Any

from gateway.redaction import redacted
from gateway.tracing import REQUEST_ID

__all__ = ["FORMATS", "JsonFormatter", "TextFormatter", "log_config"]

FORMATS = ("text", "json")


def log_config(format: str, servers: str = "INFO") -> dict[str, Any]:  # Any: the form that logging.config wants
    """For `logging.config.dictConfig`. `servers` is the level of the web server's own messages."""
    formatter = JsonFormatter if format == "json" else TextFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"level": "INFO", "handlers": ["stderr"]},
        "loggers": {
            # A server configured elsewhere in the process may have given these handlers of their own.
            "uvicorn": {"level": servers, "propagate": True},
            "uvicorn.error": {"level": servers, "propagate": True},
            # httpx logs every URL, and what stands in a query is not ours to write down.
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
        },
    }


class TextFormatter(logging.Formatter):
    """`2026-01-31T12:00:00.123Z INFO gateway.server: message`; the request and a traceback follow on the same line."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [f"{_stamp(record)} {record.levelname} {record.name}: {_message(record)}"]
        if request := REQUEST_ID.get():
            parts.append(f"request={request}")
        if trace := _trace(self, record):
            parts.append(f"traceback={json.dumps(trace, ensure_ascii=False)}")
        return " ".join(parts)


class JsonFormatter(logging.Formatter):
    """One object: time, level, logger, message; the request and a traceback where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": _stamp(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        if request := REQUEST_ID.get():
            told["request"] = request
        if trace := _trace(self, record):
            told["traceback"] = trace
        return json.dumps(told, ensure_ascii=False)


def _stamp(record: logging.LogRecord) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03d}Z"


def _message(record: logging.LogRecord) -> str:
    """On one line, whatever somebody put into it."""
    text = redacted(_said(record))
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str | None:
    return redacted(formatter.formatException(record.exc_info)) if record.exc_info else None


def _said(record: logging.LogRecord) -> str:
    """The message, or that there is none: what logging does by itself then is to print what was to be written."""
    try:
        return record.getMessage()
    except Exception as error:  # whatever formatting somebody's objects raises
        return (
            f"a message that cannot be written ({type(error).__name__}), from line {record.lineno} of {record.module}"
        )
