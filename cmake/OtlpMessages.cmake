# The official OTLP messages. Debian's libopentelemetry-proto-dev ships their generated sources, not a library.
find_package(Protobuf REQUIRED)
find_path(OTLP_PROTO_DIR opentelemetry/proto/collector/trace/v1/trace_service.pb.cc REQUIRED)
set(otlp_sources)
foreach(message common/v1/common resource/v1/resource trace/v1/trace collector/trace/v1/trace_service
  metrics/v1/metrics collector/metrics/v1/metrics_service logs/v1/logs collector/logs/v1/logs_service)
  list(APPEND otlp_sources ${OTLP_PROTO_DIR}/opentelemetry/proto/${message}.pb.cc)
endforeach()
add_library(otlp_messages STATIC ${otlp_sources})
target_compile_options(otlp_messages PRIVATE -w)
target_include_directories(otlp_messages SYSTEM PUBLIC ${OTLP_PROTO_DIR})
target_link_libraries(otlp_messages PUBLIC protobuf::libprotobuf)

# The services, for who takes OTLP over gRPC.
find_package(PkgConfig REQUIRED)
pkg_check_modules(GRPC REQUIRED IMPORTED_TARGET grpc++)
set(otlp_services)
foreach(service trace/v1/trace metrics/v1/metrics logs/v1/logs)
  list(APPEND otlp_services ${OTLP_PROTO_DIR}/opentelemetry/proto/collector/${service}_service.grpc.pb.cc)
endforeach()
add_library(otlp_services STATIC ${otlp_services})
target_compile_options(otlp_services PRIVATE -w)
target_link_libraries(otlp_services PUBLIC otlp_messages PkgConfig::GRPC)
