# `cmake --install`: headers, static libraries, the shared verifier, and a CMake package with one component a layer
# (docs/using-the-library.md): the components `development` and `verifier`. The command is LLPackages.cmake's.
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/LatentLedger)

foreach(layer base algebra halo2 gadgets model ledger circuits artefacts)
  set_target_properties(ll_${layer} PROPERTIES EXPORT_NAME ${layer})
  target_include_directories(ll_${layer} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/latentledger>)
  target_compile_features(ll_${layer} INTERFACE cxx_std_20)
  install(TARGETS ll_${layer} EXPORT LatentLedger-${layer} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT LatentLedger-${layer} NAMESPACE LatentLedger:: DESTINATION ${package_dir})
  install(DIRECTORY ${layer} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/latentledger FILES_MATCHING PATTERN "*.hpp"
          PATTERN "test_*" EXCLUDE PATTERN "random_circuit.hpp" EXCLUDE PATTERN "testing.hpp" EXCLUDE PATTERN "*_lies.hpp" EXCLUDE)
endforeach()

set_target_properties(latentledger_verifier PROPERTIES EXPORT_NAME verifier)
target_include_directories(latentledger_verifier INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
install(TARGETS latentledger_verifier EXPORT LatentLedger-verifier LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT verifier
        NAMELINK_COMPONENT development)
install(EXPORT LatentLedger-verifier NAMESPACE LatentLedger:: DESTINATION ${package_dir})
install(FILES capi/latentledger_verifier.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

configure_package_config_file(cmake/LatentLedgerConfig.cmake.in ${CMAKE_BINARY_DIR}/package/LatentLedgerConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/LatentLedgerConfigVersion.cmake
                                 VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/package/LatentLedgerConfig.cmake
              ${CMAKE_BINARY_DIR}/package/LatentLedgerConfigVersion.cmake DESTINATION ${package_dir})
install(DIRECTORY cmake/find/ DESTINATION ${package_dir}/find)
