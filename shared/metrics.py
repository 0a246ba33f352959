"""What the plumbing counts. Each metric has a sentence that says what it means and when to worry."""

from prometheus_client import Counter, Gauge, Histogram

bulk_size = Histogram(
    "wegweiser_mongodb_bulk_size",
    "Writes that shared one journalled bulk; 1 at leisure, up to 200 in a burst.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200),
)
conflicts = Counter(
    "wegweiser_write_conflicts_total",
    "Changes decided again because another writer was faster; a steady stream means two parties fight over one case.",
    ["collection"],
)
records = Counter(
    "wegweiser_records_total",
    "Records taken from Kafka by how they ended; anything but done, seen and ignored deserves a look.",
    ["topic", "end"],
)
record_waits = Counter(
    "wegweiser_record_waits_total",
    "Pauses because a record could not be handled for now; grows while MongoDB or Kafka is away.",
    ["topic"],
)
batch_seconds = Histogram(
    "wegweiser_batch_seconds",
    "Time from a batch's arrival to its commit; long ones mean that something is away or slow.",
    ["topic"],
)
in_hand_since = Gauge(
    "wegweiser_batch_in_hand_since_seconds",
    "Unix time at which the batch in hand arrived, 0 without one; an old one means that the line stands still.",
    ["topic"],
)
lag = Gauge(
    "wegweiser_consumer_lag_records",
    "Records of the assigned partitions that wait behind the last batch; growing means too few processes or a fault.",
    ["topic"],
)
partitions = Gauge(
    "wegweiser_partitions_assigned",
    "Partitions this process reads; 0 is normal only where there are more processes than partitions.",
    ["topic"],
)
line_stopped = Gauge(
    "wegweiser_line_stopped",
    "1 when too many records in a row could not be handled and the subscriber stopped; somebody has to look.",
    ["topic"],
)
relayed = Counter(
    "wegweiser_events_relayed_total",
    "Events that Kafka acknowledged.",
    ["type"],
)
said_again = Counter(
    "wegweiser_events_said_again_total",
    "Events repeated because nobody reacted in time; more than a few mean that a reader is down or a topic lost data.",
    ["type"],
)
oldest_waiting = Gauge(
    "wegweiser_outbox_oldest_seconds",
    "Age of the oldest event that Kafka does not have yet; grows while Kafka is away, and must fall after.",
)
kafka_up = Gauge("wegweiser_kafka_up", "1 while the producer is connected to Kafka.")
