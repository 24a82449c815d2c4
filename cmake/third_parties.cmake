# Everything we link that is not ours, from Debian's packages.
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(absl REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)

# Debian ships SOCI without CMake files, and its headers ask for Boost unless
# the configuration header is replaced by what it would define without it.
find_path(SOCI_INCLUDE_DIR soci/soci.h REQUIRED)
find_library(SOCI_CORE soci_core REQUIRED)
find_library(SOCI_SQLITE3 soci_sqlite3 REQUIRED)
find_library(SOCI_POSTGRESQL soci_postgresql REQUIRED)
add_library(soci INTERFACE)
target_include_directories(soci SYSTEM INTERFACE ${SOCI_INCLUDE_DIR}
                           ${PostgreSQL_INCLUDE_DIRS})
target_compile_definitions(soci INTERFACE SOCICONFIG_H_INCLUDED SOCI_HAVE_CXX11
                           SOCI_HAVE_VISIBILITY_SUPPORT)
target_link_libraries(soci INTERFACE ${SOCI_SQLITE3} ${SOCI_POSTGRESQL}
                      ${SOCI_CORE} PostgreSQL::PostgreSQL SQLite::SQLite3)
if(BROADCASTD_SANITIZE MATCHES "undefined")
  # The type information of its backends is hidden in their libraries.
  target_compile_options(soci INTERFACE -fno-sanitize=vptr)
endif()

# What the server allocates is many small things a call, which jemalloc does in
# half of glibc's time. The sanitizers bring their own.
find_library(JEMALLOC jemalloc REQUIRED)
add_library(allocator INTERFACE)
if(NOT BROADCASTD_SANITIZE)
  # No symbol of it is named, so the linker must not drop it as unused.
  target_link_options(allocator INTERFACE
    "LINKER:--push-state,--no-as-needed,${JEMALLOC},--pop-state")
endif()
