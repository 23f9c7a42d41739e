# One folder under waybill/ is one module: every .cpp in it and in its folders but *_test.cpp becomes the static library waybill_<name>,
# every *_test.cpp becomes part of the program <name>_test.
#
#   waybill_module(export USES telemetry configure LIBRARIES CURL::libcurl TEST_LIBRARIES protobuf::libprotobuf)
#   waybill_module(segment HOST USES base)        # HOST: lives in foreign processes, so no C++ runtime library

add_library(waybill_warnings INTERFACE)
target_compile_options(waybill_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  # librdkafka's macros are made of it.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-gnu-statement-expression>)

add_library(waybill_sanitizers INTERFACE)
if(WAYBILL_SANITIZE)
  # g++ 12 sees uninitialised memory in its own <functional>, and overlaps in its own <string>, when sanitizers
  # have rewritten them.
  target_compile_options(waybill_sanitizers INTERFACE -fsanitize=${WAYBILL_SANITIZE} -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-restrict>)
  target_link_options(waybill_sanitizers INTERFACE -fsanitize=${WAYBILL_SANITIZE})
endif()
# For every test: what the sanitizers find in libraries that are not ours.
set(WAYBILL_SANITIZER_OPTIONS LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/sanitizers/leaks.txt
                              TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/sanitizers/threads.txt:report_thread_leaks=0)
# What every program of tests needs, whose threads and locks librdkafka makes.
add_library(waybill_c11_threads INTERFACE)
if(WAYBILL_SANITIZE STREQUAL thread)
  # g++ says that this sanitizer does not see fences: it would report what they order. It has no report in our tests.
  target_compile_options(waybill_sanitizers INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  target_sources(waybill_c11_threads INTERFACE ${CMAKE_SOURCE_DIR}/tests/sanitizers/c11_threads.c)
endif()

# What a library in a foreign process may not need: exceptions, RTTI, guarded statics, exported names. Unwind tables stay:
# the host's own exceptions and thread cancellations pass through our frames.
add_library(waybill_host_side INTERFACE)
target_compile_options(waybill_host_side INTERFACE
  -fno-exceptions -fno-rtti -fno-threadsafe-statics -fasynchronous-unwind-tables
  -fvisibility=hidden -fvisibility-inlines-hidden -ftls-model=${WAYBILL_TLS_MODEL})

function(waybill_module name)
  cmake_parse_arguments(ARG "HOST" "" "USES;LIBRARIES;TEST_LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  set(target waybill_${name})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE waybill_warnings waybill_sanitizers)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
  target_link_libraries(${target} ${scope} waybill_sanitizers ${ARG_LIBRARIES})
  foreach(used ${ARG_USES})
    target_link_libraries(${target} ${scope} waybill_${used})
  endforeach()
  if(ARG_HOST AND sources)
    target_link_libraries(${target} PRIVATE waybill_host_side)
  endif()

  if(WAYBILL_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE waybill_warnings ${target} waybill_c11_threads GTest::gtest_main GTest::gmock ${ARG_TEST_LIBRARIES})
    add_test(NAME unit/${name} COMMAND ${name}_test)
    set_tests_properties(unit/${name} PROPERTIES LABELS unit TIMEOUT 120 ENVIRONMENT "${WAYBILL_SANITIZER_OPTIONS}")
  endif()
endfunction()
