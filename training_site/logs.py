"""Keeping personal data out of the logs."""

import logging
import re

PHONE = re.compile(r"(?<!\d)(?:\+?84|0)\d{8,10}(?!\d)")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
QUERY = re.compile(r"\?[^\s\"']+")


class ImpersonalFilter(logging.Filter):
    """Mask phone numbers, e-mail addresses and query strings in a message before it is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = QUERY.sub("?…", EMAIL.sub("<email>", PHONE.sub("<phone>", message)))
        if clean != message:
            record.msg, record.args = clean, None
        return True
