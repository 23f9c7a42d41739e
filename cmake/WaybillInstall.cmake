# cmake --install build --prefix /usr/local. The program looks for its libraries in ../lib/waybill beside itself.
install(TARGETS waybill RUNTIME DESTINATION bin)
install(TARGETS waybill-preload waybill-plugin LIBRARY DESTINATION lib/waybill)
install(DIRECTORY share/man/ DESTINATION share/man/man1 FILES_MATCHING PATTERN *.1)
install(DIRECTORY share/man/ DESTINATION share/man/man7 FILES_MATCHING PATTERN *.7)
install(FILES share/bash-completion/waybill DESTINATION share/bash-completion/completions)
