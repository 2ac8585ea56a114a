"""Every table of the casework floor, where Django looks for them."""

from casework.audit.models import AuditEntry, AuditHead, Statement
from casework.documents.models import Document
from casework.jobs.models import Job
from casework.notes import Note
from casework.outbox import Message
from casework.parking import ParkedPost
from casework.reminders import Reminded
from casework.saved_views import SavedView
from casework.snapshots import Snapshot
from casework.spine import GrantFile, ReferenceCounter
from casework.unfinished import Unfinished

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Document",
    "GrantFile",
    "Job",
    "Message",
    "Note",
    "ParkedPost",
    "ReferenceCounter",
    "Reminded",
    "SavedView",
    "Snapshot",
    "Statement",
    "Unfinished",
]
