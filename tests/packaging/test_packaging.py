"""What `cmake --install` gives to a user of the C++ API: headers, a CMake package, pkg-config, and libraries that find each other."""

import os
import re
import shutil
import subprocess

import pytest
from doors import environment


@pytest.fixture(scope="module")
def installed(build, tmp_path_factory):
    prefix = tmp_path_factory.mktemp("prefix")
    done = subprocess.run(["cmake", "--install", build, "--prefix", prefix], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return prefix


def run(*command, **variables):
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, env={**os.environ, **variables})
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def quickstart_is_traced(program, kafka, sink):
    result = subprocess.run(
        [program, kafka.address, kafka.topic()], capture_output=True, text=True, env=environment(sink), timeout=60,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert re.fullmatch(r"sent to partition \d, offset 0\nbilling 2 apples\n", result.stdout)
    assert result.stderr == ""
    assert sorted(span["attributes"]["messaging.operation.name"] for span in sink.wait_for(3)) == ["poll", "process", "send"]


def test_the_examples_build_with_the_cmake_package_and_run(root, installed, tmp_path, kafka, sink):
    """As docs/cpp-api.md says it, on a prefix of one's own."""
    run("cmake", "-S", root / "examples", "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={installed}")
    run("cmake", "--build", tmp_path, "--target", "example-quickstart", "example-one_line")
    quickstart_is_traced(tmp_path / "examples/quickstart", kafka, sink)


def carries_the_library(program):
    needed = run("readelf", "--dynamic", program)
    return "libwaybill" not in re.sub(r"Library runpath.*", "", needed)


def test_a_program_carries_the_static_library_by_the_cmake_package(root, installed, tmp_path, kafka, sink):
    """It finds the host side, which stays a library of its own, where the package has put it."""
    run("cmake", "-S", root / "tests/packaging/static", "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={installed}")
    run("cmake", "--build", tmp_path)
    assert carries_the_library(tmp_path / "quickstart")
    quickstart_is_traced(tmp_path / "quickstart", kafka, sink)


def test_a_program_carries_the_static_library_by_pkg_config(root, installed, tmp_path, kafka, sink):
    variables = {"PKG_CONFIG_PATH": str(installed / "lib/pkgconfig")}
    flags = run("pkg-config", "--cflags", "--libs", "waybill-static", **variables).split()
    run("g++", "-std=c++20", root / "examples/quickstart.cpp", *flags, "-o", tmp_path / "quickstart")
    assert carries_the_library(tmp_path / "quickstart")
    quickstart_is_traced(tmp_path / "quickstart", kafka, sink)


def test_a_program_with_the_static_library_finds_the_host_side_in_its_own_prefix(root, installed, tmp_path, kafka, sink):
    """bin and lib/waybill moved elsewhere together, and called by a name that only PATH knows."""
    flags = run("pkg-config", "--cflags", "--libs", "waybill-static", PKG_CONFIG_PATH=str(installed / "lib/pkgconfig")).split()
    flags = [flag for flag in flags if "-rpath" not in flag]
    (tmp_path / "bin").mkdir()
    shutil.copytree(installed / "lib/waybill", tmp_path / "lib/waybill")
    run("g++", "-std=c++20", root / "examples/quickstart.cpp", *flags, "-o", tmp_path / "bin/quickstart")
    result = subprocess.run(
        ["quickstart", kafka.address, kafka.topic()], capture_output=True, text=True, cwd="/", timeout=60,
        env=environment(sink) | {"PATH": str(tmp_path / "bin")}, executable=tmp_path / "bin/quickstart",
    )  # fmt: skip
    assert result.returncode == 0 and result.stderr == "", result.stderr
    assert len(sink.wait_for(3)) == 3


def test_pkg_config_knows_it(root, installed, tmp_path):
    variables = {"PKG_CONFIG_PATH": str(installed / "lib/pkgconfig")}
    flags = run("pkg-config", "--cflags", "--libs", "waybill", **variables).split()
    run("g++", "-std=c++20", root / "examples/builder.cpp", *flags, "-o", tmp_path / "builder")
    run("gcc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wno-variadic-macros", root / "examples/one_line.c", *flags, "-o", tmp_path / "one_line")
    run("gcc", "-std=c99", "-fsyntax-only", "-xc", *flags, installed / "include/waybill/client/waybill.h")


def test_every_public_header_compiles_alone_as_cpp_17_and_costs_little(installed, tmp_path):
    headers = sorted((installed / "include/waybill/client").glob("*.h"))
    assert len(headers) >= 11 and not (installed / "include/waybill/client/internal").exists()
    for header in headers:
        if header.name == "opentelemetry.h":  # needs the application's own API headers; tests/api compiles it
            continue
        source = tmp_path / "alone.cpp"
        source.write_text(f'#include "waybill/client/{header.name}"\n')
        command = ["g++", "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", installed / "include", source]
        run(*command, "-fsyntax-only")
        included = run(*command, "-M")
        assert "/bits/regex" not in included and "/iostream" not in included, header


def lines_after_preprocessing(installed, *headers):
    program = "".join(f"#include <{header}>\n" for header in headers)
    command = ["g++", "-std=c++17", "-E", "-P", "-I", installed / "include", "-xc++", "-"]
    result = subprocess.run(list(map(str, command)), input=program, capture_output=True, text=True, check=True)
    return len(result.stdout.splitlines())


def test_the_public_headers_are_little_more_than_what_they_are_made_of(installed):
    """What they cost a compiler: the lines that it reads, beside those of the standard headers that they name and of librdkafka's."""
    folder = installed / "include/waybill/client"
    headers = [f"waybill/client/{path.name}" for path in sorted(folder.glob("*.h")) if path.name != "opentelemetry.h"]
    texts = [(installed / "include" / header).read_text() for header in [*headers, "waybill/support/expected.h"]]
    named = sorted({name for text in texts for name in re.findall(r"#include <([a-z_./]+)>", text)})
    assert "string" in named and "librdkafka/rdkafka.h" in named
    made_of = lines_after_preprocessing(installed, *named)
    assert lines_after_preprocessing(installed, *headers) < made_of * 1.1
    light = lines_after_preprocessing(installed, "string", "vector", "librdkafka/rdkafka.h")
    assert lines_after_preprocessing(installed, "waybill/client/process_scope.h") < light * 1.2
    assert lines_after_preprocessing(installed, "waybill/client/baggage.h") < light


def test_the_library_shows_what_its_headers_declare_and_nothing_else(build, root):
    shown = run("nm", "--dynamic", "--defined-only", "--demangle", build / "lib/libwaybill.so")
    names = sorted({line.split(" ", 2)[2] for line in shown.splitlines() if line.split(" ", 2)[1] == "T"})
    expected = root / "tests/packaging/symbols.txt"
    if os.environ.get("WAYBILL_APPROVE"):
        expected.write_text("\n".join(names) + "\n")
    assert names == expected.read_text().splitlines(), "if that is meant: WAYBILL_APPROVE=1"
    assert all(name.startswith(("waybill::", "waybill_")) for name in names)


def test_a_program_may_have_other_versions_of_what_the_library_is_made_of(build):
    """Nothing of its static parts is seen outside, so nothing of the program's own gets into it."""
    shown = run("nm", "--dynamic", "--defined-only", "--demangle", build / "lib/libwaybill.so")
    ours = [line for line in shown.splitlines() if re.search(r"waybill::(segment|observe|collect|telemetry|exporters|configure|lag)::", line)]
    assert ours == []
