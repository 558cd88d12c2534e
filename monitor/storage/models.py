"""Every table, imported for its registration: what migrations compare against."""

from monitor.storage import (
    access,
    alert,
    audit,
    blob,
    coordination,
    evidence,
    examination,
    known_image,
    notification,
    post,
    register,
    report,
    retro,
    setting,
    source,
    template,
)

__all__ = [
    "access",
    "alert",
    "audit",
    "blob",
    "coordination",
    "evidence",
    "examination",
    "known_image",
    "notification",
    "post",
    "register",
    "report",
    "retro",
    "setting",
    "source",
    "template",
]
