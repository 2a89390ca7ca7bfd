"""The job that hands one message over."""

from django.conf import settings
from django.core.mail import send_mail

from common import clock
from ledger import sms
from ledger.enums import MessageChannel, MessageStatus
from ledger.kinds import job_kind
from ledger.models import Message
from ledger.operations import mark_message
from ledger.runs import JobRun


@job_kind("ledger.deliver_message", max_attempts=4, lease_seconds=45)
def deliver_message(run: JobRun, *, message_id: int) -> dict:
    """Hand the message over, then clear its body (a demonstration keeps it, to show the code on the page)."""
    message = Message.objects.filter(pk=message_id).first()
    if message is None or message.status == MessageStatus.SENT:
        return {"sent": 0}
    if message.channel == MessageChannel.SMS:
        sms.get_backend().send(key=str(message.uuid), to=message.to, body=message.body)
    else:
        send_mail(message.subject, message.body, None, [message.to])
    with run.step(done=1, total=1):
        mark_message(message, MessageStatus.SENT, at=clock.now(), keep_body=settings.THONSO_DEMO)
    return {"sent": 1}
