"""OTEL_LOG_LEVEL: what Waybill says of itself on stderr."""

import pytest
from doors import run_bare


def sent_with_a_wrong_setting(door, kafka, **variables):
    return door.run(
        None, "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), *door.host_options, input="hello",
        OTEL_TRACES_EXPORTER="none", WAYBILL_INJECT="sometimes", **variables,
    ).stderr  # fmt: skip


@pytest.mark.parametrize("level, said", [("info", 1), ("WARN", 1), ("debug", 1), ("error", 0), ("none", 0), ("off", 0)])
def test_waybill_says_of_itself_what_the_level_asks_for(preload, kafka, level, said):
    assert sent_with_a_wrong_setting(preload, kafka, OTEL_LOG_LEVEL=level).count("WAYBILL_INJECT: ") == said


def test_a_program_of_a_collecting_process_has_a_level_of_its_own(plugin, kafka):
    sent_with_a_wrong_setting(plugin, kafka, OTEL_LOG_LEVEL="error")
    sent_with_a_wrong_setting(plugin, kafka, WAYBILL_PROCESS="sometimes")
    said = plugin.stop()
    assert said.count("WAYBILL_INJECT: ") == 1 and said.count("WAYBILL_PROCESS: ") == 1


@pytest.mark.parametrize("level, said", [("warn", 1), ("error", 0)])
def test_a_host_warns_unless_it_shall_not(build, kafka, tmp_path, level, said):
    """Its runtime directory cannot be made."""
    (tmp_path / "file").touch()
    result = run_bare(
        "kcat", "-b", kafka.address, "-P", "-t", kafka.topic(), "-X", f"plugin.library.paths={build / 'lib/libwaybill-plugin.so'}",
        input="hello", WAYBILL_RUNTIME_DIR=str(tmp_path / "file/runtime"), OTEL_LOG_LEVEL=level,
    )  # fmt: skip
    assert result.returncode == 0
    assert result.stderr.count("waybill: no telemetry from this program") == said
