# The packages (tools/package.sh): `latentledger` (the command with what it loads and what it is shown with), `latentledger-training`
# (libtorch, half a gigabyte for what runs the encoder: `train`, `evaluate`, `setup`), `liblatentledger-verifier1` and `latentledger-dev` (LLInstall.cmake) as
# .deb, and the first two in one tarball that runs from any folder of the same distribution.
#
#   bin/latentledger -> ../lib/latentledger/latentledger     finds the modules and libraries beside it, data in ../../share
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME command)
set(program_dir lib/latentledger)
set(data_dir share/latentledger)
set(documents ${CMAKE_BINARY_DIR}/package/documents)  # tools/package_documents.sh
if(APPLE)
  return()  # packages are for Debian and Ubuntu
endif()

set(modules latentledger_onnx latentledger_parquet latentledger_sequences)
set_target_properties(latentledger ${modules} latentledger_torch PROPERTIES INSTALL_RPATH $ORIGIN)
install(TARGETS latentledger RUNTIME DESTINATION ${program_dir} LIBRARY DESTINATION ${program_dir})
install(TARGETS ${modules} LIBRARY DESTINATION ${program_dir})
install(TARGETS latentledger_torch LIBRARY DESTINATION ${program_dir} COMPONENT training)
file(MAKE_DIRECTORY ${documents}/bin)
file(CREATE_LINK ../lib/latentledger/latentledger ${documents}/bin/latentledger SYMBOLIC)
install(FILES ${documents}/bin/latentledger DESTINATION bin)

# The libraries out of wheels travel along; those of the distribution are dependencies of the packages.
file(GLOB arrow_libraries ${LL_DEPS}/pyarrow/*.so.*)
file(GLOB torch_libraries ${LL_TORCH}/lib/libtorch_cpu.so ${LL_TORCH}/lib/libc10.so ${LL_TORCH}/lib/libgomp.so.* ${LL_DEPS}/nvidia/cu13/lib/*.so.*)
install(FILES ${arrow_libraries} DESTINATION ${program_dir})
install(FILES ${torch_libraries} DESTINATION ${program_dir} COMPONENT training)

install(FILES demo/data/synthetic_transactions.csv.gz DESTINATION ${data_dir}/demo/data)
install(FILES demo/encoder/encoder_final.safetensors demo/encoder/MODEL_CARD.md DESTINATION ${data_dir}/demo/encoder)
install(DIRECTORY srs/ DESTINATION ${data_dir}/srs)

install(DIRECTORY ${documents}/man1 DESTINATION share/man OPTIONAL)
install(FILES ${documents}/latentledger.bash DESTINATION share/bash-completion/completions RENAME latentledger OPTIONAL)
install(FILES ${documents}/_latentledger DESTINATION share/zsh/vendor-completions OPTIONAL)
install(FILES ${documents}/latentledger.fish DESTINATION share/fish/vendor_completions.d OPTIONAL)
install(FILES README.md SECURITY.md ${documents}/sbom.cdx.json DESTINATION share/doc/latentledger OPTIONAL)
install(FILES ${documents}/changelog.gz DESTINATION share/doc/latentledger OPTIONAL)
foreach(component command training development verifier)
  set(name_command latentledger)
  set(name_training latentledger-training)
  set(name_development latentledger-dev)
  set(name_verifier liblatentledger-verifier1)
  install(FILES ${documents}/changelog.Debian.gz DESTINATION share/doc/${name_${component}} COMPONENT ${component} OPTIONAL)
  install(FILES ${CMAKE_SOURCE_DIR}/cmake/packages/copyright DESTINATION share/doc/${name_${component}} COMPONENT ${component})
  if(NOT component STREQUAL command)
    install(FILES ${documents}/changelog.gz DESTINATION share/doc/${name_${component}} COMPONENT ${component} OPTIONAL)
  endif()
endforeach()
install(DIRECTORY ${LL_DEPS}/licences/pyarrow DESTINATION share/doc/latentledger/licences OPTIONAL)
install(DIRECTORY ${LL_DEPS}/licences/torch ${LL_DEPS}/licences/nvidia_cuda_runtime ${LL_DEPS}/licences/nvidia_cuda_cupti
        DESTINATION share/doc/latentledger-training/licences COMPONENT training OPTIONAL)

set(CPACK_PACKAGE_NAME latentledger)
set(CPACK_PACKAGE_VENDOR LatentLedger)
set(CPACK_PACKAGE_CONTACT "LatentLedger <security@latentledger.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "ledger whose state is one vector, with zero-knowledge proofs")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL command training verifier development)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_SOURCE_DIR}/cmake/packages/generators.cmake)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(debian_version ${PROJECT_VERSION}-1)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${LL_DEPS}/pyarrow ${LL_TORCH}/lib ${LL_DEPS}/nvidia/cu13/lib)
set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME latentledger)
set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS gnuplot-nox)
set(CPACK_DEBIAN_COMMAND_PACKAGE_RECOMMENDS latentledger-training)
set(CPACK_COMPONENT_COMMAND_DESCRIPTION "Command of LatentLedger
 Encodes the balances of up to 128 accounts into 512 numbers, so that every
 transfer is the addition of a vector, and proves with Halo2 (PLONKish, KZG
 on BN254) that a vector added is the sum of valid transfers: 256 of them in
 928 bytes, checked in milliseconds.")
set(CPACK_DEBIAN_TRAINING_PACKAGE_NAME latentledger-training)
set(CPACK_DEBIAN_TRAINING_PACKAGE_DEPENDS "latentledger (= ${debian_version})")
set(CPACK_COMPONENT_TRAINING_DESCRIPTION "Encoder of LatentLedger, to train and to run
 The libtorch that the verbs train, evaluate, setup and demo load. Proving and
 verifying with keys that are there do without it.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME latentledger-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "liblatentledger-verifier1 (= ${debian_version}), libfmt-dev, libsodium-dev, libcrypto++-dev, libtbb-dev, zlib1g-dev, libzstd-dev, nlohmann-json3-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Libraries and headers of LatentLedger
 Circuits of one's own with the Halo2 prover in C++20, and the headers of the
 verifier's C API.")
set(CPACK_DEBIAN_VERIFIER_PACKAGE_NAME liblatentledger-verifier1)
set(CPACK_DEBIAN_VERIFIER_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_VERIFIER_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_COMPONENT_VERIFIER_DESCRIPTION "Verifier of LatentLedger's proofs, as a shared library
 The C API of latentledger_verifier.h: keys, proofs, and what they say.")
include(CPack)
