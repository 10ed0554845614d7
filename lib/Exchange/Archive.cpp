//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Zip archives of NumPy arrays. The central directory is the truth; local
// headers are only skipped. zlib does the rest.
//
//===----------------------------------------------------------------------===//
#include "Archive.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <zlib.h>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;
using llvm::support::endian::read16le;
using llvm::support::endian::read32le;

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

int64_t Array::size() const {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  return size;
}

int64_t Array::integer(int64_t i) const {
  uint64_t value = 0;
  for (unsigned byte = 0; byte < bytes; ++byte)
    value |= static_cast<uint64_t>(static_cast<uint8_t>(data[i * bytes + byte])) << (8 * byte);
  return kind == 'i' ? llvm::SignExtend64(value, 8 * bytes) : static_cast<int64_t>(value);
}

std::string Array::text() const {
  std::string text;
  unsigned step = kind == 'U' ? 4 : 1;
  for (size_t at = 0; at + step <= data.size(); at += step) {
    uint32_t code = kind == 'U' ? read32le(data.data() + at) : static_cast<uint8_t>(data[at]);
    text += code < 128 ? static_cast<char>(code) : '?';
  }
  return StringRef(text).rtrim('\0').str();
}

Array Array::ofIntegers(StringRef name, ArrayRef<int64_t> shape, ArrayRef<int64_t> values, unsigned bytes) {
  Array array{name.str(), 'i', bytes, SmallVector<int64_t>(shape), {}};
  array.data.reserve(values.size() * bytes);
  for (int64_t value : values)
    for (unsigned byte = 0; byte < bytes; ++byte)
      array.data += static_cast<char>(static_cast<uint64_t>(value) >> (8 * byte));
  return array;
}

Array Array::ofText(StringRef name, StringRef text) {
  return {name.str(), 'S', static_cast<unsigned>(text.size()), {}, text.str()};
}

//===----------------------------------------------------------------------===//
// .npy
//===----------------------------------------------------------------------===//

/// The text after `key` in the header's dictionary, without blanks in front.
static std::optional<StringRef> valueOf(StringRef header, StringRef key) {
  for (char quote : {'\'', '"'})
    if (size_t at = header.find(quote + key.str() + quote); at != StringRef::npos)
      if (StringRef rest = header.drop_front(at + key.size() + 2).ltrim(); rest.consume_front(":"))
        return rest.ltrim();
  return std::nullopt;
}

/// Data of an array in Fortran order in C order.
static std::string toCOrder(StringRef data, ArrayRef<int64_t> shape, unsigned bytes) {
  std::string result(data.size(), '\0');
  SmallVector<int64_t> strides(shape.size(), 1), at(shape.size(), 0);
  for (size_t axis = shape.size(); axis-- > 1;)
    strides[axis - 1] = strides[axis] * shape[axis];
  for (size_t from = 0; from < data.size(); from += bytes) {
    int64_t to = 0;
    for (size_t axis = 0; axis < shape.size(); ++axis)
      to += at[axis] * strides[axis];
    result.replace(to * bytes, bytes, data.data() + from, bytes);
    for (size_t axis = 0; axis < shape.size() && ++at[axis] == shape[axis]; ++axis)
      at[axis] = 0;
  }
  return result;
}

static FailureOr<Array> readNpy(StringRef name, StringRef contents, Complain complain) {
  auto fail = [&](const Twine &what) { return complain("array '" + name + "' " + what); };
  StringRef magic("\x93NUMPY", 6);
  if (contents.size() < 12 || !contents.starts_with(magic))
    return fail("is no .npy file");
  size_t begin = contents[6] == 1 ? 10 : 12;
  size_t length = begin == 10 ? read16le(contents.data() + 8) : read32le(contents.data() + 8);
  if (contents[6] < 1 || contents[6] > 3 || length > contents.size() - begin)
    return fail("has a .npy header of an unknown version or length");
  StringRef header = contents.substr(begin, length);
  std::optional<StringRef> type = valueOf(header, "descr"), order = valueOf(header, "fortran_order"),
                           shape = valueOf(header, "shape");
  if (!type || !order || !shape)
    return fail("has a .npy header without descr, fortran_order or shape");

  Array array;
  array.name = name.str();
  if (type->empty() || (type->front() != '\'' && type->front() != '"'))
    return fail("has a structured type; only arrays of numbers and text are read");
  StringRef descr = type->drop_front().take_until([](char c) { return c == '\'' || c == '"'; });
  bool big = descr.consume_front(">");
  if (!big && !descr.consume_front("<") && !descr.consume_front("|"))
    (void)descr.consume_front("=");
  unsigned width = 0;
  if (descr.size() < 2 || !StringRef("fiubcSU").contains(descr.front()) || descr.drop_front().getAsInteger(10, width) ||
      width > 4096 || (descr.front() != 'S' && descr.front() != 'U' && (!llvm::isPowerOf2_32(width) || width > 16)))
    return fail("has the type '" + descr + "'; only arrays of numbers and text are read");
  array.kind = descr.front();
  array.bytes = array.kind == 'U' ? 4 * width : width;

  if (!shape->consume_front("("))
    return fail("has a .npy header with a shape that is no tuple");
  uint64_t bytes = array.bytes;
  for (StringRef rest = shape->take_until([](char c) { return c == ')'; }); !rest.trim().empty();) {
    auto [extent, tail] = rest.split(',');
    int64_t number;
    if (extent.trim().getAsInteger(10, number) || number < 0 || number > INT32_MAX)
      return fail("has the extent '" + extent.trim() + "', expected a number from 0 to 2^31 - 1");
    array.shape.push_back(number);
    // Beyond what any file holds it only has to stay beyond.
    bytes = llvm::SaturatingMultiply<uint64_t>(bytes, number);
    rest = tail;
  }
  StringRef data = contents.drop_front(begin + length);
  if (bytes != data.size())
    return fail("has " + Twine(data.size()) + " bytes, expected " + Twine(bytes) + " by its shape and type");
  bool fortran = order->starts_with("True");
  if (!fortran && !order->starts_with("False"))
    return fail("has a .npy header whose fortran_order is neither True nor False");
  array.data = fortran && array.shape.size() > 1 ? toCOrder(data, array.shape, array.bytes) : data.str();
  unsigned unit = array.kind == 'U' ? 4 : array.kind == 'S' ? 1 : array.kind == 'c' ? width / 2 : width;
  if (big && unit > 1)
    for (size_t at = 0; at + unit <= array.data.size(); at += unit)
      std::reverse(array.data.begin() + at, array.data.begin() + at + unit);
  return array;
}

static std::string writeNpy(const Array &array) {
  std::string header = "{'descr': '";
  header += array.kind == 'S' || array.bytes == 1 ? '|' : '<';
  header += array.kind + std::to_string(array.bytes) + "', 'fortran_order': False, 'shape': (";
  for (int64_t extent : array.shape)
    header += std::to_string(extent) + ", ";
  if (array.shape.size() > 1)
    header.resize(header.size() - 2);
  else if (array.shape.size() == 1)
    header.pop_back();
  header += "), }";
  // Data begins at a multiple of 64.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string result("\x93NUMPY\x01\x00", 8);
  result += static_cast<char>(header.size() & 0xff);
  result += static_cast<char>(header.size() >> 8);
  return result + header + array.data;
}

//===----------------------------------------------------------------------===//
// .zip
//===----------------------------------------------------------------------===//

/// Deflated data (no zlib header); `size` is what it must be afterwards.
static std::optional<std::string> inflateAll(StringRef data, size_t size) {
  std::string result(size, '\0');
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef *>(result.data());
  stream.avail_out = static_cast<uInt>(size);
  // An empty member still has its end marker to read, for which zlib wants room.
  Bytef spare;
  if (size == 0) {
    stream.next_out = &spare;
    stream.avail_out = 1;
  }
  int status = inflate(&stream, Z_FINISH);
  size_t made = stream.total_out;
  inflateEnd(&stream);
  if (status != Z_STREAM_END || made != size)
    return std::nullopt;
  return result;
}

static std::string deflateAll(StringRef data) {
  z_stream stream = {};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string result(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef *>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

static uint32_t checksum(StringRef data) {
  return static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef *>(data.data()), data.size()));
}

FailureOr<std::vector<Array>> gs::detail::readArchive(StringRef contents, Complain complain) {
  constexpr size_t endSize = 22, entrySize = 46, localSize = 30;
  size_t end = contents.rfind(StringRef("PK\x05\x06", 4));
  if (!contents.starts_with("PK") || end == StringRef::npos || contents.size() - end < endSize)
    return complain("is no zip archive, or is cut off");
  const char *tail = contents.data() + end;
  size_t count = read16le(tail + 10), at = read32le(tail + 16);
  if (at == 0xffffffff || count == 0xffff)
    return complain("is an archive of more than 4 GiB, which is not read");
  std::vector<Array> arrays;
  for (size_t number = 0; number < count; ++number) {
    if (at > end || end - at < entrySize || !contents.substr(at).starts_with(StringRef("PK\x01\x02", 4)))
      return complain("has a damaged directory at member " + Twine(number));
    const char *entry = contents.data() + at;
    unsigned flags = read16le(entry + 8), method = read16le(entry + 10);
    uint32_t crc = read32le(entry + 16);
    size_t packed = read32le(entry + 20), size = read32le(entry + 24), local = read32le(entry + 42);
    size_t nameSize = read16le(entry + 28), skip = nameSize + read16le(entry + 30) + read16le(entry + 32);
    if (skip > end - at - entrySize)
      return complain("has a damaged directory at member " + Twine(number));
    StringRef name = contents.substr(at + entrySize, nameSize);
    at += entrySize + skip;
    if (!name.consume_back(".npy"))
      continue;
    std::string printable;
    llvm::raw_string_ostream(printable).write_escaped(name);
    auto fail = [&](const Twine &what) { return complain("member '" + printable + ".npy' " + what); };
    if (packed == 0xffffffff || size == 0xffffffff || local == 0xffffffff)
      return fail("is of more than 4 GiB, which is not read");
    if (flags & 1)
      return fail("is encrypted");
    if (method != 0 && method != Z_DEFLATED)
      return fail("is compressed by method " + Twine(method) + "; only stored and deflated members are read");
    if (local > end || end - local < localSize || !contents.substr(local).starts_with(StringRef("PK\x03\x04", 4)))
      return fail("lies outside of the archive");
    size_t begin = local + localSize + read16le(contents.data() + local + 26) + read16le(contents.data() + local + 28);
    // Deflation gains less than a factor of 1032; a larger claim is damage, and not worth the memory.
    if (begin > end || packed > end - begin || (method ? size / 1032 > packed : size != packed))
      return fail("lies outside of the archive");
    StringRef stored = contents.substr(begin, packed);
    std::optional<std::string> inflated;
    if (method && !(inflated = inflateAll(stored, size)))
      return fail("cannot be inflated");
    StringRef data = inflated ? StringRef(*inflated) : stored;
    if (checksum(data) != crc)
      return fail("is damaged: its checksum is not the one in the archive");
    FailureOr<Array> array = readNpy(printable, data, complain);
    if (failed(array))
      return failure();
    arrays.push_back(std::move(*array));
  }
  return arrays;
}

std::string gs::detail::writeArchive(ArrayRef<Array> arrays) {
  std::string archive, directory;
  auto put = [](std::string &text, uint64_t value, unsigned bytes) {
    for (; bytes; --bytes, value >>= 8) // little endian, of any length
      text += static_cast<char>(value);
  };
  for (const Array &array : arrays) {
    std::string name = array.name + ".npy", data = writeNpy(array), packed = deflateAll(data), common;
    put(common, 20, 2); // version that can read it
    put(common, 0, 2);  // flags
    put(common, Z_DEFLATED, 2);
    put(common, 0, 2);    // midnight ...
    put(common, 0x21, 2); // ... of 1980-01-01: equal weights, equal bytes
    put(common, checksum(data), 4);
    put(common, packed.size(), 4);
    put(common, data.size(), 4);
    put(common, name.size(), 2);
    put(common, 0, 2); // no extra field
    directory += StringRef("PK\x01\x02\x14\x00", 6).str() + common;
    put(directory, 0, 10); // no comment; disk 0; attributes
    put(directory, archive.size(), 4);
    directory += name;
    archive += "PK\x03\x04" + common + name + packed;
  }
  size_t begin = archive.size();
  archive += directory;
  archive += StringRef("PK\x05\x06\0\0\0\0", 8);
  put(archive, arrays.size(), 2);
  put(archive, arrays.size(), 2);
  put(archive, directory.size(), 4);
  put(archive, begin, 4);
  put(archive, 0, 2);
  return archive;
}
