"""One host cannot take more than its share, whatever it has in flight."""

from collecting import Sender, wait_until


def sends(counting_sink, service):
    return counting_sink.counts(service).get("send", {}).get("distinct", 0)


def test_a_host_at_full_speed_does_not_starve_another(build, kafka, counting_sink, collecting):
    collecting.start()
    common = (build, collecting.runtime, counting_sink.url, kafka.address)
    with Sender(*common, kafka.topic(), per_second=0, OTEL_SERVICE_NAME="busy"):
        wait_until(lambda: sends(counting_sink, "busy") > 1000, "spans come")
        with Sender(*common, kafka.topic(), per_second=100, count=200, OTEL_SERVICE_NAME="quiet") as quiet:
            assert quiet.result() == 200
        wait_until(lambda: sends(counting_sink, "quiet") == 200, "all of the quiet host")
