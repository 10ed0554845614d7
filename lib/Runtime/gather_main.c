/* Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
 * See LICENSE for license information.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The main of a program of gather kernels, for trying them out: without an argument it lists them; with the name of one
 * it reads its input from standard input and writes its result to standard output, both as they lie in memory. On
 * Hexagon there is no C library: the start-up code and what LLVM calls stand here. */

struct gather_kernel {
  const char *name;
  void (*call)(const void *x, void *y);
  void *x, *y;
  unsigned long x_bytes, y_bytes;
};

/* Made by gsc; the last one has no name. */
extern const struct gather_kernel gsrt_gather_kernels[] __attribute__((visibility("hidden")));

#ifdef __hexagon__
static long system_call(long number, long a, long b, long c) {
  register long r6 __asm__("r6") = number;
  register long r0 __asm__("r0") = a;
  register long r1 __asm__("r1") = b;
  register long r2 __asm__("r2") = c;
  __asm__ volatile("trap0(#1)" : "+r"(r0) : "r"(r6), "r"(r1), "r"(r2) : "memory");
  return r0;
}
static long read(int file, void *to, unsigned long bytes) { return system_call(63, file, (long)to, (long)bytes); }
static long write(int file, const void *from, unsigned long bytes) {
  return system_call(64, file, (long)from, (long)bytes);
}

void *memset(void *to, int value, unsigned long bytes) {
  for (char *at = to; bytes--; ++at)
    *at = (char)value;
  return to;
}

void *memmove(void *to, const void *from, unsigned long bytes) {
  char *target = to;
  const char *source = from;
  if (target < source)
    while (bytes--)
      *target++ = *source++;
  else
    while (bytes--)
      target[bytes] = source[bytes];
  return to;
}

void *memcpy(void *to, const void *from, unsigned long bytes) { return memmove(to, from, bytes); }
#else
#include <unistd.h>
#endif

static unsigned long length(const char *text) {
  unsigned long count = 0;
  while (text[count])
    ++count;
  return count;
}

static int equal(const char *a, const char *b) {
  while (*a && *a == *b)
    ++a, ++b;
  return *a == *b;
}

static int put(int file, const void *data, unsigned long bytes) {
  for (const char *from = data; bytes;) {
    long written = write(file, from, bytes);
    if (written <= 0)
      return 0;
    from += written;
    bytes -= (unsigned long)written;
  }
  return 1;
}

static int say(int file, const char *text) { return put(file, text, length(text)); }

static int say_number(int file, unsigned long number) {
  char digits[24];
  int at = sizeof digits;
  do
    digits[--at] = (char)('0' + number % 10);
  while (number /= 10);
  return put(file, digits + at, sizeof digits - (unsigned long)at);
}

static int list(int file) {
  int good = 1;
  for (const struct gather_kernel *kernel = gsrt_gather_kernels; kernel->name; ++kernel)
    good &= say(file, kernel->name) && say(file, " reads ") && say_number(file, kernel->x_bytes) &&
            say(file, " bytes, writes ") && say_number(file, kernel->y_bytes) && say(file, "\n");
  return good;
}

static int run(const struct gather_kernel *kernel) {
  unsigned long have = 0;
  while (have < kernel->x_bytes) {
    long more = read(0, (char *)kernel->x + have, kernel->x_bytes - have);
    if (more <= 0)
      break;
    have += (unsigned long)more;
  }
  char beyond;
  if (have < kernel->x_bytes || read(0, &beyond, 1) > 0) {
    say(2, "error: kernel ");
    say(2, kernel->name);
    say(2, " takes ");
    say_number(2, kernel->x_bytes);
    say(2, have < kernel->x_bytes ? " bytes of input; there were fewer\n" : " bytes of input; there were more\n");
    return 1;
  }
  kernel->call(kernel->x, kernel->y);
  if (put(1, kernel->y, kernel->y_bytes))
    return 0;
  say(2, "error: cannot write to standard output\n");
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 2)
    return !list(1);
  for (const struct gather_kernel *kernel = gsrt_gather_kernels; kernel->name; ++kernel)
    if (argc == 2 && equal(kernel->name, argv[1]))
      return run(kernel);
  say(2, "error: expected the name of one kernel; there are\n");
  list(2);
  return 1;
}

#ifdef __hexagon__
/* Linux puts the arguments on the stack, which is aligned to a vector before any C code runs. */
__attribute__((naked, noreturn)) void _start(void) {
  __asm__ volatile("r0 = r29\n"
                   "r29 = and(r29, #-128)\n"
                   "r30 = #0\n"
                   "call start\n");
}
__attribute__((noreturn)) void start(long *stack) {
  system_call(94, main((int)stack[0], (char **)(stack + 1)), 0, 0);
  for (;;)
    ;
}
#endif
