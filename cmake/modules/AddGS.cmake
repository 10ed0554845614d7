# Functions that every library, dialect and tool of GSC is declared with.

# add_gs_library(NAME sources... [DEPENDS targets...] [LINK_LIBS libs...])
# A static library. Its name is collected in the global property GS_LIBS, which the tools link.
# All libraries use the shared libMLIR/libLLVM (one choice for the whole project) and one precompiled header.
function(add_gs_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  set_property(GLOBAL APPEND PROPERTY GS_LIBS ${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS} MLIR LLVM)
  target_precompile_headers(${name} REUSE_FROM GSPrecompiled)
  # Generated headers of all dialects exist before any source is compiled: simple, and cheap.
  add_dependencies(${name} gs-headers ${ARG_DEPENDS})
endfunction()

# add_gs_executable(NAME sources... [LINK_LIBS libs...]): a tool in build/bin. Without the precompiled header, which is
# compiled as -fPIC, not -fPIE; mains are thin.
function(add_gs_executable name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} MLIR LLVM)
  add_dependencies(${name} gs-headers)
endfunction()

# gs_tablegen(TD OUT1 -flag1 OUT2 -flag2 ...): runs mlir-tblgen on TD of the current folder, once per (OUT, flags) pair.
function(gs_tablegen td)
  set(LLVM_TARGET_DEFINITIONS ${td})
  set(args ${ARGN})
  while(args)
    list(POP_FRONT args out flags)
    separate_arguments(flags)
    mlir_tablegen(${out} ${flags})
  endwhile()
  string(MAKE_C_IDENTIFIER "${CMAKE_CURRENT_SOURCE_DIR}/${td}" target)
  add_public_tablegen_target(${target})
  add_dependencies(gs-headers ${target})
endfunction()

# add_gs_doc(TD NAME FLAG): reference page docs/generated/NAME.md, made by the target gs-doc.
function(add_gs_doc td name flag)
  set(out ${GS_BINARY_DIR}/docs/generated/${name}.md)
  separate_arguments(flag)
  # A page is also made of the files that TD includes.
  file(GLOB_RECURSE tds ${GS_SOURCE_DIR}/include/*.td)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${GS_BINARY_DIR}/docs/generated
    COMMAND mlir-tblgen ${flag} -I ${GS_SOURCE_DIR}/include -I ${MLIR_INCLUDE_DIRS} ${CMAKE_CURRENT_SOURCE_DIR}/${td} -o ${out}
    DEPENDS ${tds} gs-headers)
  add_custom_target(gs-doc-${name} DEPENDS ${out})
  add_dependencies(gs-doc gs-doc-${name})
endfunction()
