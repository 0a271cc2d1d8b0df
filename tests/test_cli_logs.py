"""Logs are one line per event, and have no credential in them."""

import json
import logging
import logging.config
import sys

import pytest

from gateway.logs import JsonFormatter, TextFormatter, log_config
from gateway.secret import Secret


def record(message: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    trace = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("gateway.test", logging.WARNING, __file__, 1, message, args, trace)
    made.created, made.msecs = 0.25, 250.0
    return made


def failed(message: str) -> BaseException:
    """An error with a traceback."""
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int(message)
    return caught.value


def test_text_is_one_line() -> None:
    """Time, level, logger and message; whatever breaks lines is escaped."""
    line = TextFormatter().format(record("a %s\x1b[31m", "b\nINFO forged"))

    assert line == "1970-01-01T00:00:00.250Z WARNING gateway.test: a b\\nINFO forged\\x1b[31m"


def test_json_is_one_object_a_line() -> None:
    """The same as fields."""
    line = JsonFormatter().format(record("a %s", "b\nc"))

    assert "\n" not in line
    assert json.loads(line) == {
        "time": "1970-01-01T00:00:00.250Z",
        "level": "WARNING",
        "logger": "gateway.test",
        "message": "a b\\nc",
    }


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_a_traceback_stays_on_its_line(formatter: logging.Formatter) -> None:
    """A traceback is kept whole, and does not begin lines of its own."""
    line = formatter.format(record("it failed", error=failed("why\nso")))

    assert "\n" not in line
    assert "Traceback (most recent call last)" in line
    assert "ValueError: invalid literal" in line


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_no_credential(formatter: logging.Formatter) -> None:
    """An Authorization header quoted by a library's error is masked, and a Secret prints as stars."""
    error = failed("Illegal header value b'Basic aHVudGVyMg=='")
    line = formatter.format(record("sent Bearer hunter2.x-y_z with %s", Secret("hunter2"), error=error))

    assert "hunter2" not in line
    assert "aHVudGVyMg" not in line
    assert "Bearer ***" in line


@pytest.mark.parametrize("format", ["text", "json"])
def test_the_configuration_is_one_that_logging_takes(format: str) -> None:
    """Lines go to standard error; libraries that would write URLs are quiet."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    try:
        logging.config.dictConfig(log_config(format))
        streams = [handler.stream for handler in root.handlers if isinstance(handler, logging.StreamHandler)]
        enabled = logging.getLogger("httpx").isEnabledFor(logging.INFO)
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers

    assert sys.stderr in streams
    assert not enabled
