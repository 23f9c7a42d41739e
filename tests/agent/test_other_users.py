"""Hosts of another user than the collecting process, and hosts that become another user."""

from rooms import as_nobody, let_others_enter, said


def test_hosts_of_all_users_reach_the_collecting_process_of_root(plugin, sink, kafka, host, tmp_path):
    """Its runtime directory has mode 1733: others may put segments there, but not see them."""
    let_others_enter(tmp_path)
    program = host("two_clients")
    result = plugin.run(sink, *as_nobody(program), program, kafka.address, kafka.topic(), *plugin.host_options)
    assert (result.returncode, result.stdout, said(result)) == (0, "flush 0\nflush 0\n", [])
    assert len(sink.wait_for(20, operation="send")) == 20
