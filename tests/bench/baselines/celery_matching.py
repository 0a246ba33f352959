"""Celery on Redis as its guide has it for short tasks: acknowledged late, prefetched, no results kept.

``celery -A tests.bench.baselines.celery_matching worker`` works; run as a program, it lays work out.
"""

import os
import sys
from itertools import islice

from celery import Celery
from pymongo import MongoClient

from tests.bench import enquiries
from tests.bench.baselines.decision import COLLECTION, DATABASE, DURABLE, MONGODB, NAMESPACE, decided

app = Celery("matching", broker=os.environ["WEGWEISER_REDIS_URL"])
app.conf.update(
    broker_transport_options={"global_keyprefix": NAMESPACE},
    task_acks_late=True,
    task_ignore_result=True,
    task_default_queue="enquiries",
    worker_prefetch_multiplier=100,
)
client: MongoClient = MongoClient(MONGODB, connect=False, **DURABLE)  # connects in the process that works


@app.task(name="take")
def take(body: str) -> None:
    """Decide, keep, hand on."""
    each = decided(body.encode())
    client[DATABASE][COLLECTION].insert_one(each.document)
    app.send_task("tell", (each.value.decode(),), queue="referrals", task_id=each.key.decode())


if __name__ == "__main__":
    first, after_last = map(int, sys.argv[1:])
    for record in islice(enquiries.records(after_last, NAMESPACE), first, after_last):
        take.delay(record.value.decode())
