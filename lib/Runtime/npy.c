/*===- npy.c - Tensors in files of NumPy ---------------------------------===
 *
 * Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===
 *
 * The format: the magic "\x93NUMPY", a version, the length of the header, the
 * header (a Python dictionary with the keys descr, fortran_order and shape),
 * then the elements. Read: versions 1.0 and 2.0, row-major, little-endian.
 * See numpy.lib.format in the NumPy manual.
 *
 *===----------------------------------------------------------------------===*/
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* mkstemp, fchmod */
#endif

#include "internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kMaxRank = 32, kMaxHeader = 1 << 20 };

/* What a header says. */
typedef struct npy_header {
  char descr[32];
  int fortran;
  int rank;
  int64_t shape[kMaxRank];
  int seen; /* bit 0: descr, 1: fortran_order, 2: shape */
} npy_header;

/*===- Header -------------------------------------------------------------===*/

static const char *skip_space(const char *p) {
  while (isspace((unsigned char)*p))
    ++p;
  return p;
}

/* A quoted string without escapes into `out`; NULL if there is none or it does not fit. */
static const char *parse_string(const char *p, char *out, size_t bytes) {
  const char quote = *p;
  if (quote != '\'' && quote != '"')
    return NULL;
  size_t length = 0;
  for (++p; *p && *p != quote; ++p) {
    if (*p == '\\' || length + 1 >= bytes)
      return NULL;
    out[length++] = *p;
  }
  out[length] = 0;
  return *p ? p + 1 : NULL;
}

static const char *parse_shape(const char *p, npy_header *header) {
  if (*p++ != '(')
    return NULL;
  for (header->rank = 0;;) {
    p = skip_space(p);
    if (*p == ')')
      return p + 1;
    if (!isdigit((unsigned char)*p) || header->rank == kMaxRank)
      return NULL;
    char *end;
    errno = 0;
    header->shape[header->rank++] = strtoll(p, &end, 10);
    if (errno)
      return NULL;
    p = skip_space(*end == 'L' ? end + 1 : end); /* Python 2 wrote 3L. */
    if (*p == ',')
      ++p;
    else if (*p != ')')
      return NULL;
  }
}

static const char *parse_value(const char *p, const char *key, npy_header *header) {
  if (!strcmp(key, "descr")) {
    header->seen |= 1;
    return parse_string(p, header->descr, sizeof header->descr);
  }
  if (!strcmp(key, "fortran_order")) {
    header->seen |= 2;
    header->fortran = !strncmp(p, "True", 4);
    return header->fortran ? p + 4 : !strncmp(p, "False", 5) ? p + 5 : NULL;
  }
  if (!strcmp(key, "shape")) {
    header->seen |= 4;
    return parse_shape(p, header);
  }
  return NULL;
}

/* Parses the dictionary; 0 if it is not one of a plain array. */
static int parse_header(const char *p, npy_header *header) {
  memset(header, 0, sizeof *header);
  p = skip_space(p);
  if (*p++ != '{')
    return 0;
  for (;;) {
    char key[32];
    p = skip_space(p);
    if (*p == '}')
      return header->seen == 7 && !*skip_space(p + 1);
    if (!(p = parse_string(p, key, sizeof key)))
      return 0;
    p = skip_space(p);
    if (*p++ != ':' || !(p = parse_value(skip_space(p), key, header)))
      return 0;
    p = skip_space(p);
    if (*p == ',')
      ++p;
    else if (*p != '}')
      return 0;
  }
}

/* NumPy's type codes. bfloat16 has none: the packages that add it store two raw bytes. */
static const struct {
  int32_t dtype;
  const char *code;
} codes[] = {
    {GSRT_F32, "<f4"}, {GSRT_F64, "<f8"}, {GSRT_F16, "<f2"},  {GSRT_BF16, "<V2"}, {GSRT_I8, "|i1"},
    {GSRT_I16, "<i2"}, {GSRT_I32, "<i4"}, {GSRT_I64, "<i8"},  {GSRT_U8, "|u1"},   {GSRT_U16, "<u2"},
    {GSRT_U32, "<u4"}, {GSRT_U64, "<u8"}, {GSRT_BOOL, "|b1"},
};

static const char *code_of(int32_t dtype) {
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; ++i)
    if (codes[i].dtype == dtype)
      return codes[i].code;
  return NULL;
}

/* Type of a code, 0 if there is none. Of one-byte types the byte order does not matter. */
static int32_t dtype_of(const char *code) {
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; ++i) {
    const char *known = codes[i].code;
    const int any_order = known[0] == '|' || codes[i].dtype == GSRT_BF16;
    if (!strcmp(known + 1, code + 1) && (code[0] == known[0] || (any_order && (code[0] == '<' || code[0] == '|'))))
      return codes[i].dtype;
  }
  return 0;
}

/*===- Reading ------------------------------------------------------------===*/

/* Reads the header of `stream` into `header`. */
static int read_header(FILE *stream, const char *path, npy_header *header, gsrt_error_text *error) {
  unsigned char start[12];
  if (fread(start, 1, 10, stream) != 10 || memcmp(start, "\x93NUMPY", 6))
    return gsrt_fail(error, "%s: not a .npy file; write it with numpy.save", path);
  if ((start[6] != 1 && start[6] != 2) || start[7] != 0)
    return gsrt_fail(error, "%s: .npy version %d.%d is not supported; write version 1.0 or 2.0", path, start[6],
                     start[7]);
  uint32_t length = start[8] | (uint32_t)start[9] << 8;
  if (start[6] == 2) {
    if (fread(start + 10, 1, 2, stream) != 2)
      return gsrt_fail(error, "%s: truncated in its header; write the file again", path);
    length |= (uint32_t)start[10] << 16 | (uint32_t)start[11] << 24;
  }
  if (length > kMaxHeader)
    return gsrt_fail(error, "%s: its header claims %u bytes; the file is damaged, write it again", path,
                     (unsigned)length);
  char *text = malloc((size_t)length + 1);
  if (!text)
    return gsrt_fail(error, "%s: no memory for its header", path);
  const size_t got = fread(text, 1, length, stream);
  text[got] = 0;
  const int ok = got == length && strlen(text) == length && parse_header(text, header);
  free(text);
  if (got != length)
    return gsrt_fail(error, "%s: truncated in its header; write the file again", path);
  if (!ok)
    return gsrt_fail(error, "%s: its header does not describe a plain array; write it with numpy.save", path);
  return 0;
}

static int check_header(const npy_header *header, const char *path, const gsrt_tensor_desc *desc,
                        gsrt_error_text *error) {
  char want[192], got[192];
  gsrt_tensor_text(desc->dtype, desc->rank, desc->shape, want, sizeof want);
  const int32_t dtype = dtype_of(header->descr);
  if (!dtype && header->descr[0] == '>')
    return gsrt_fail(error, "%s: big-endian data ('%s'); save it as '%s'", path, header->descr, code_of(desc->dtype));
  if (!dtype)
    return gsrt_fail(error, "%s: type '%s' is not supported; '%s' takes %s", path, header->descr, desc->name, want);
  int same = dtype == desc->dtype && header->rank == desc->rank;
  for (int i = 0; same && i < desc->rank; ++i)
    same = header->shape[i] == desc->shape[i];
  if (!same) {
    gsrt_tensor_text(dtype, header->rank, header->shape, got, sizeof got);
    return gsrt_fail(error, "%s: '%s' takes %s, but the file holds %s", path, desc->name, want, got);
  }
  if (header->fortran && desc->rank > 1)
    return gsrt_fail(error, "%s: column-major data (fortran_order); save numpy.ascontiguousarray of it", path);
  return 0;
}

int gsrt_npy_read(const char *path, const gsrt_tensor_desc *desc, void *data, gsrt_error_text *error) {
  FILE *stream = fopen(path, "rb");
  if (!stream)
    return gsrt_fail(error, "%s: %s; '%s' needs a readable .npy file", path, strerror(errno), desc->name);
  npy_header header;
  int status = read_header(stream, path, &header, error);
  if (!status)
    status = check_header(&header, path, desc, error);
  if (!status) {
    const size_t got = fread(data, 1, (size_t)desc->bytes, stream);
    if (ferror(stream))
      status = gsrt_fail(error, "%s: %s while reading", path, strerror(errno));
    else if (got != (size_t)desc->bytes)
      status = gsrt_fail(error, "%s: truncated: %zu of %lld bytes of data; write the file again", path, got,
                         (long long)desc->bytes);
    else if (fgetc(stream) != EOF)
      status = gsrt_fail(error, "%s: bytes after the last element; write the file again, with one array", path);
  }
  fclose(stream);
  return status;
}

/*===- Writing ------------------------------------------------------------===*/

/* Appends to header text of which *used bytes are taken. */
__attribute__((format(printf, 4, 5))) static void append(char *text, size_t bytes, size_t *used, const char *format,
                                                         ...) {
  va_list arguments;
  va_start(arguments, format);
  const int written = vsnprintf(text + *used, bytes - *used, format, arguments);
  va_end(arguments);
  *used += written > 0 ? (size_t)written : 0;
}

/* Writes magic, version 1.0 and the dictionary, padded so that the elements start at a multiple of 64 bytes. */
static int write_header(FILE *stream, const gsrt_tensor_desc *desc) {
  char text[1024];
  size_t used = 10;
  memcpy(text, "\x93NUMPY\x01\x00", 8);
  append(text, sizeof text, &used, "{'descr': '%s', 'fortran_order': False, 'shape': (", code_of(desc->dtype));
  for (int i = 0; i < desc->rank; ++i)
    append(text, sizeof text, &used, "%lld,%s", (long long)desc->shape[i], i + 1 < desc->rank ? " " : "");
  append(text, sizeof text, &used, "), }");
  while ((used + 1) % 64)
    text[used++] = ' ';
  text[used++] = '\n';
  const size_t length = used - 10;
  text[8] = (char)(length & 0xff);
  text[9] = (char)(length >> 8);
  return fwrite(text, 1, used, stream) == used;
}

void gsrt_npy_discard(gsrt_npy_file *file) {
  if (file->temporary)
    unlink(file->temporary);
  free(file->temporary);
  free(file->path);
  file->temporary = file->path = NULL;
}

int gsrt_npy_stage(gsrt_npy_file *file, const char *path, const gsrt_tensor_desc *desc, const void *data,
                   gsrt_error_text *error) {
  file->path = strdup(path);
  file->temporary = malloc(strlen(path) + sizeof ".XXXXXX");
  if (!file->path || !file->temporary || !code_of(desc->dtype) || desc->rank > kMaxRank) {
    free(file->temporary);
    file->temporary = NULL;
    gsrt_npy_discard(file);
    return gsrt_fail(error, "%s: no memory, or no .npy type for output '%s'", path, desc->name);
  }
  strcpy(file->temporary, path);
  strcat(file->temporary, ".XXXXXX");
  const int descriptor = mkstemp(file->temporary);
  FILE *stream = descriptor < 0 ? NULL : fdopen(descriptor, "wb");
  if (!stream) {
    const int cause = errno;
    if (descriptor < 0) { /* Nothing was made, so nothing may be removed. */
      free(file->temporary);
      file->temporary = NULL;
    } else {
      close(descriptor);
    }
    gsrt_npy_discard(file);
    return gsrt_fail(error, "%s: cannot write: %s; choose a writable folder with --output-dir", path, strerror(cause));
  }
  /* mkstemp makes a private file; a result is as readable as any other new file. */
  const mode_t mask = umask(0);
  umask(mask);
  fchmod(descriptor, 0666 & ~mask);

  errno = 0;
  int ok = write_header(stream, desc) && fwrite(data, 1, (size_t)desc->bytes, stream) == (size_t)desc->bytes;
  ok = !fflush(stream) && ok;
  const int cause = errno;
  ok = !fclose(stream) && ok;
  if (!ok) {
    gsrt_npy_discard(file);
    return gsrt_fail(error, "%s: writing failed: %s; free some space or choose another --output-dir", path,
                     strerror(cause ? cause : errno));
  }
  return 0;
}

int gsrt_npy_commit(gsrt_npy_file *file, gsrt_error_text *error) {
  if (rename(file->temporary, file->path)) {
    gsrt_fail(error, "%s: cannot write: %s; choose another --output-dir", file->path, strerror(errno));
    return -1;
  }
  free(file->temporary);
  file->temporary = NULL;
  return 0;
}
