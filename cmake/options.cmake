# Compiler flags of every target of ours, as one interface target.
add_library(cf_options INTERFACE)
target_compile_options(cf_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wformat=2 -Wcast-qual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # At -O2 g++ takes the inside of an empty std::optional for an uninitialised value (GCC PR 80635).
  target_compile_options(cf_options INTERFACE -Wduplicated-cond -Wlogical-op -Wno-maybe-uninitialized)
endif()
if(CF_WERROR)
  target_compile_options(cf_options INTERFACE -Werror)
endif()
if(CF_SANITIZE)
  # No vptr: it looks at an object through a pipe, and cries wolf in tests that run out of descriptors on purpose.
  add_compile_options(-fsanitize=${CF_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CF_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT CF_SANITIZE)
  add_compile_options(-ffunction-sections -fdata-sections -fstack-protector-strong -fstack-clash-protection -fPIE
                      -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS)
  add_link_options(-pie -Wl,--gc-sections,-z,relro,-z,now,-z,noexecstack)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
