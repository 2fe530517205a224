"""The form of log records, for every server."""

from __future__ import annotations

import logging

from planmark.text.visible import visible, visible_in_one_line


class MaskingFormatter(logging.Formatter):
    """The formatter of log records and tracebacks: masks credentials, and keeps each message on one line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the library's name
        """Return a record as one line, even if its message contains line ends."""
        record.message = visible_in_one_line(record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record and, if it has one, its traceback. Credentials are masked."""
        from planmark.text.credentials import mask_credentials

        return visible(mask_credentials(super().format(record)).text)
