"""What brokers lose though they had acknowledged it, and what they do not."""

import signal
import time

import pytest
from cluster import Cluster, wait_until
from findings import Message
from programs import Programs


@pytest.fixture(scope="module")
def cluster(root, tmp_path_factory):
    with Cluster(root, tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def kafka(cluster):
    """What the programs and the servers of these tests are told the address of."""
    return cluster


def wait_for_leader(cluster, topic, *nodes):
    wait_until(lambda: cluster.leader(topic) in nodes, f"{topic} is led by one of {nodes}")


def wait_for_all(cluster, topic):
    wait_until(lambda: cluster.in_sync(topic) == {1, 2, 3}, f"all replicas of {topic} are in sync")


@pytest.fixture(scope="module")
def lost_with_acks_1(build, cluster, servers):
    """A topic of 40 messages. The followers never got the second half, and one of them leads."""
    topic = cluster.topic(leader=1)
    sender = Programs(build, cluster.address, servers).sender(topic, "acks=1")
    sender.tell("send 20", "flush 30")
    time.sleep(1)  # the followers fetch it, and learn that all have it
    followers = [cluster.brokers[node] for node in (2, 3)]
    for follower in followers:
        follower.pause()
    time.sleep(1.5)  # a request of theirs that waits at the leader is answered without anything
    sender.tell("send 20", "flush 30")
    cluster.brokers[1].end(signal.SIGKILL)
    for follower in followers:
        follower.go_on()
    wait_for_leader(cluster, topic, 2, 3)
    cluster.brokers[1].start()
    wait_for_all(cluster, topic)
    sender.end()
    return topic


# The first test plants it, because it is found late: for half a minute it may be that a follower is only slow.
@pytest.mark.usefixtures("lost_with_acks_1")
def test_a_replica_that_was_not_in_sync_leads(cluster, programs, findings):
    topic = cluster.topic(leader=1, **{"unclean.leader.election.enable": "true"})
    sender = programs.sender(topic, "acks=all").tell("send 20", "flush 30")
    for node in (2, 3):
        cluster.brokers[node].end()
    wait_until(lambda: cluster.in_sync(topic) == {1}, "the leader is alone")
    sender.tell("send 20", "flush 30")
    cluster.brokers[1].end(signal.SIGKILL)
    for node in (2, 3):
        cluster.brokers[node].start()
    wait_for_leader(cluster, topic, 2, 3)
    cluster.brokers[1].start()
    wait_for_all(cluster, topic)
    sender.end()
    findings.never_a_loss(topic, range(20))
    findings.check("unclean election", Message(topic, 30), lost=range(20, 40))


def test_a_leader_is_killed_and_nothing_is_lost(cluster, programs, findings):
    topic = cluster.topic(leader=2, **{"min.insync.replicas": "2"})
    sender = programs.sender(topic, "acks=all").tell("send 20", "flush 60")
    cluster.brokers[2].end(signal.SIGKILL)
    sender.tell("send 20", "flush 60")
    cluster.brokers[2].start()
    wait_for_all(cluster, topic)
    sender.end()
    findings.check("acks=all, leader killed", Message(topic, 10))
    findings.never_a_loss(topic, range(40))


def test_a_batch_vanishes_from_the_leaders_file(cluster, programs, findings):
    topic = cluster.topic(leader=3, followers=())
    sender = programs.sender(topic, "acks=all")
    for _ in range(4):
        sender.tell("send 1", "flush 30")  # a batch of its own
    sender.end()
    cluster.brokers[3].end()
    cluster.brokers[3].cut_out(topic, 2)
    cluster.brokers[3].start()
    wait_for_leader(cluster, topic, 3)
    findings.check("a batch vanished from the leader's file", Message(topic, 2))
    findings.never_a_loss(topic, (0, 1, 3))


def test_a_leader_is_killed_before_the_others_have_got_it(findings, lost_with_acks_1):
    findings.never_a_loss(lost_with_acks_1, range(20))
    findings.check("acks=1, leader killed before replication", Message(lost_with_acks_1, 30), patience=90, lost=range(20, 40))
