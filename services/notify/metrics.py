"""What notify counts. Each metric has a sentence that says what it means and when to worry."""

from prometheus_client import Counter, Gauge, Histogram

queued = Gauge(
    "wegweiser_notices_queued",
    "Notices that are not sent yet; grows while the mail server is away or slow, and must fall after.",
)
oldest_due = Gauge(
    "wegweiser_notices_oldest_due_seconds",
    "For how long the oldest notice has been due; more than some seconds means that the sending cannot keep up.",
)
ended = Counter(
    "wegweiser_mail_attempts_total",
    "Attempts by purpose and outcome: sent, later, refused, unknown (goes again), withheld (overtaken by events). "
    "Refused ones need no operator: the case goes on, and coordinators are told.",
    ["purpose", "outcome"],
)
taken_over = Counter(
    "wegweiser_notices_taken_over_total",
    "Notices that a process was sending when it ended or fell silent; each may arrive twice.",
)
leases_lost = Counter(
    "wegweiser_process_leases_lost_total",
    "Times this process fell silent so long that others took its mails over; more than one means that it is starved.",
)
smtp_seconds = Histogram(
    "wegweiser_smtp_seconds",
    "Time to hand one message over, from MAIL to the answer to the final dot.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120, 600),
)
smtp_up = Gauge("wegweiser_smtp_up", "1 while the mail server answers and takes mail from us.")
