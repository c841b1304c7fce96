# cryptopp::cryptopp: the library has no CMake package of its own on every distribution. Installed beside ours, for its users.
find_library(cryptopp_LIBRARY NAMES cryptopp crypto++)
find_path(cryptopp_INCLUDE_DIR cryptopp/keccak.h)
mark_as_advanced(cryptopp_LIBRARY cryptopp_INCLUDE_DIR)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(cryptopp REQUIRED_VARS cryptopp_LIBRARY cryptopp_INCLUDE_DIR)
if(cryptopp_FOUND AND NOT TARGET cryptopp::cryptopp)
  add_library(cryptopp::cryptopp UNKNOWN IMPORTED)
  set_target_properties(cryptopp::cryptopp PROPERTIES
    IMPORTED_LOCATION ${cryptopp_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${cryptopp_INCLUDE_DIR})
endif()
