# cmake --install build --prefix /usr/local. The program looks for its libraries in ../lib/waybill beside itself.
install(TARGETS waybill RUNTIME DESTINATION bin)
install(TARGETS waybill-preload waybill-plugin LIBRARY DESTINATION lib/waybill)
install(TARGETS waybill-server RUNTIME DESTINATION lib/waybill)
install(DIRECTORY share/man/ DESTINATION share/man/man1 FILES_MATCHING PATTERN *.1)
install(DIRECTORY share/man/ DESTINATION share/man/man7 FILES_MATCHING PATTERN *.7)
install(FILES share/bash-completion/waybill DESTINATION share/bash-completion/completions)

# The C++ API: libwaybill.so, which finds the host side in waybill/ beside itself, its headers, and how to link it.
include(CMakePackageConfigHelpers)
set(CMAKE_INSTALL_LIBDIR lib)
install(TARGETS waybill_client EXPORT waybill LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION include)
install(DIRECTORY waybill/client/ DESTINATION include/waybill/client FILES_MATCHING PATTERN "*.h" PATTERN internal EXCLUDE)
install(FILES waybill/support/expected.h DESTINATION include/waybill/support)
install(EXPORT waybill NAMESPACE waybill:: FILE waybill-targets.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/waybill)
configure_package_config_file(cmake/waybill-config.cmake.in ${CMAKE_BINARY_DIR}/generated/waybill-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/waybill)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/generated/waybill-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/generated/waybill-config.cmake ${CMAKE_BINARY_DIR}/generated/waybill-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/waybill)
configure_file(cmake/waybill.pc.in ${CMAKE_BINARY_DIR}/generated/waybill.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/generated/waybill.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# libwaybill.a, which brings what its modules link to whoever links it.
if(WAYBILL_STATIC_LIBRARY)
  install(TARGETS waybill_static EXPORT waybill-static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION include)
  install(EXPORT waybill-static NAMESPACE waybill:: FILE waybill-static-targets.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/waybill)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(CARRIED REQUIRED cpp-httplib uuid yaml-cpp absl_flat_hash_map absl_inlined_vector absl_strings libcurl zlib)
  list(JOIN CARRIED_LDFLAGS " " WAYBILL_STATIC_LIBRARIES)
  configure_file(cmake/waybill-static.pc.in ${CMAKE_BINARY_DIR}/generated/waybill-static.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/generated/waybill-static.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
