"""What is to be found of each planted fault: by a server that may ask the brokers, and by one that knows the telemetry alone.

Where the evidence is with the brokers alone (in the log, or which members a group has), the second one must say nothing of a loss.
"""

from typing import NamedTuple


class Verdict(NamedTuple):
    state: str
    cause: str = ""
    confidence: str = ""

    def __str__(self):
        cause = f" ({self.cause})" if self.cause else ""
        return f"{self.state}{cause}" + (f", {self.confidence}" if self.confidence else "")


class Expected(NamedTuple):
    asking: Verdict
    alone: Verdict


def both(*verdict):
    return Expected(Verdict(*verdict), Verdict(*verdict))


UNKNOWN = Verdict("unknown", "", "unknown")

EXPECTED = {
    "queue full": both("never_sent", "queue_full", "proved"),
    "message timeout in the client": both("never_sent", "message_timed_out", "proved"),
    "message timeout under way": both("ambiguous", "message_timed_out", "proved"),
    "broker away": both("never_sent", "message_timed_out", "proved"),
    "purge": both("never_sent", "purged", "proved"),
    "fenced transaction": Expected(Verdict("aborted", "transaction", "proved"), Verdict("ambiguous", "transaction_failed", "proved")),
    "aborted transaction": both("aborted", "transaction", "proved"),
    "aborted transaction of a program without spans of it": Expected(
        Verdict("aborted", "transaction", "proved"), Verdict("acknowledged", "", "proved")
    ),
    "acks=1, leader killed before replication": Expected(
        Verdict("lost_by_broker", "log_too_short", "proved"), Verdict("acknowledged", "", "proved")
    ),
    "unclean election": Expected(Verdict("lost_by_broker", "log_too_short", "proved"), Verdict("acknowledged", "", "proved")),
    "a batch vanished from the leader's file": Expected(
        Verdict("lost_by_broker", "not_readable", "likely"), Verdict("acknowledged", "", "proved")
    ),
    "acks=all, leader killed": both("acknowledged", "", "proved"),
    "retention past an unread offset": Expected(Verdict("expired", "retention", "likely"), UNKNOWN),
    "DeleteRecords past an unread offset": Expected(Verdict("expired", "retention", "likely"), UNKNOWN),
    "compacted away before it was read": Expected(Verdict("expired", "compaction", "likely"), UNKNOWN),
    "auto.offset.reset=latest": Expected(Verdict("skipped", "reset", "proved"), UNKNOWN),
    "seek forward": Expected(Verdict("skipped", "seek", "proved"), Verdict("skipped", "seek", "likely")),
    "killed after the commit, before processing": Expected(
        Verdict("committed_before_processing", "process_ended", "proved"), Verdict("unknown", "process_ended", "unknown")
    ),
    "killed after the commit, before processing; C++ API": both("committed_before_processing", "process_ended", "proved"),
    "handler's error swallowed": both("failed", "CardDeclined", "proved"),
    "slow consumer": Expected(Verdict("pending", "", "likely"), UNKNOWN),
    "stopped consumer": Expected(Verdict("pending", "", "likely"), UNKNOWN),
    "redelivery": both("duplicated", "processed_again", "proved"),
    "producer without telemetry": both("processed", "", "proved"),
    "member without telemetry": Expected(UNKNOWN, UNKNOWN),
    "member without telemetry, and one with it afterwards": Expected(UNKNOWN, UNKNOWN),
    "sampling 10 %": Expected(UNKNOWN, Verdict("nothing is known")),
}
