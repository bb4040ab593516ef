#include "store/snapshot.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/key_hash.h"
#include "store/transaction.h"
#include "store/values/type_table.h"

namespace dcs::store {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

constexpr std::string_view kMagic = "dcs-keys";
constexpr char kBlock = 1;
constexpr char kEnd = 2;
constexpr uint8_t kHasDeadline = 0x80;
constexpr size_t kBlockBytes = size_t{1} << 20;

template <class T>
void PutNumber(std::string& to, T number) {
  to.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

void PutText(std::string& to, std::string_view text) {
  PutNumber(to, static_cast<uint32_t>(text.size()));
  to.append(text);
}

std::string Header() {
  std::string header(kMagic);
  PutNumber(header, kSnapshotVersion);
  return header;
}

void PutRecord(std::string& to, const Entry& entry) {
  const TypeRow& row = RowOf(entry.type);
  uint8_t kind = entry.heap != nullptr ? row.snapshot_kind : static_cast<uint8_t>(entry.form);
  if (entry.deadline != kNoDeadline) kind |= kHasDeadline;
  PutNumber(to, kind);
  if (entry.deadline != kNoDeadline) PutNumber(to, entry.deadline);
  PutText(to, entry.key);
  if (entry.heap == nullptr) return PutText(to, entry.string);
  PutNumber(to, uint64_t{entry.heap->size()});
  row.walk(*entry.heap, [&](std::string_view part) { PutText(to, part); });
}

// ---- Writing ------------------------------------------------------------------------------------

class Writer {
 public:
  Writer(std::streambuf& to, SnapshotSize& size) : to_(to), size_(size) {}

  // Writes `part` and the checksum of it and all before it.
  bool Write(std::string& part) {
    chain_ = HashBytes(part, chain_);
    PutNumber(part, chain_);
    size_.bytes += part.size();
    return to_.sputn(part.data(), static_cast<std::streamsize>(part.size())) ==
           static_cast<std::streamsize>(part.size());
  }

 private:
  std::streambuf& to_;
  SnapshotSize& size_;
  uint64_t chain_ = 0;
};

void BeginBlock(std::string& block) {
  block.assign(1, kBlock);
  PutNumber(block, uint64_t{0});
}

void EndBlock(std::string& block) {
  const uint64_t bytes = block.size() - 1 - sizeof(bytes);
  std::memcpy(block.data() + 1, &bytes, sizeof(bytes));
}

bool WriteAll(const Keyspace& keyspace, Writer& writer, SnapshotSize& size) {
  std::string part = Header();
  if (!writer.Write(part)) return false;
  uint64_t position = 0;
  do {
    BeginBlock(part);
    do {
      position = keyspace.Visit(position, [&](const Entry& entry) {
        PutRecord(part, entry);
        ++size.keys;
      });
    } while (position != 0 && part.size() < kBlockBytes);
    EndBlock(part);
    if (!writer.Write(part)) return false;
  } while (position != 0);
  part.assign(1, kEnd);
  PutNumber(part, size.keys);
  return writer.Write(part);
}

// ---- Reading ------------------------------------------------------------------------------------

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError("damaged: " + std::string(what));
}

bool IsStringForm(uint8_t kind) {
  return kind == static_cast<uint8_t>(StringForm::kPlain) ||
         kind == static_cast<uint8_t>(StringForm::kRaw) ||
         kind == static_cast<uint8_t>(StringForm::kText);
}

class Reader {
 public:
  explicit Reader(std::streambuf& from) : from_(from) {}

  // Appends so many bytes. A length that is wrong must not make us ask for more memory than the
  // file has bytes.
  bool Append(std::string& to, uint64_t bytes) {
    while (bytes > 0) {
      const size_t part = static_cast<size_t>(std::min<uint64_t>(bytes, kBlockBytes));
      const size_t before = to.size();
      to.resize(before + part);
      const auto got = from_.sgetn(to.data() + before, static_cast<std::streamsize>(part));
      if (got != static_cast<std::streamsize>(part)) return false;
      bytes -= part;
    }
    return true;
  }
  // Whether the checksum that follows is that of `part` and all before it.
  bool Verify(std::string_view part) {
    chain_ = HashBytes(part, chain_);
    std::string found;
    return Append(found, sizeof(chain_)) && std::memcmp(found.data(), &chain_, found.size()) == 0;
  }
  bool AtEnd() { return from_.sgetc() == std::streambuf::traits_type::eof(); }

 private:
  std::streambuf& from_;
  uint64_t chain_ = 0;
};

// Takes numbers and texts off the front of a payload; once there is too little, all is empty.
class Fields {
 public:
  explicit Fields(std::string_view left) : left_(left) {}

  template <class T>
  T Number() {
    T number = 0;
    const std::string_view bytes = Take(sizeof(number));
    if (ok_) std::memcpy(&number, bytes.data(), sizeof(number));
    return number;
  }
  std::string_view Text() { return Take(Number<uint32_t>()); }
  bool ok() const { return ok_; }
  bool empty() const { return left_.empty(); }

 private:
  std::string_view Take(size_t bytes) {
    ok_ = ok_ && bytes <= left_.size();
    if (!ok_) return {};
    const std::string_view taken = left_.substr(0, bytes);
    left_.remove_prefix(bytes);
    return taken;
  }

  std::string_view left_;
  bool ok_ = true;
};

absl::Status ReadHeapValue(Fields& fields, Keyspace& keyspace, const HashedKey& key, ValueType type,
                           TimeMs deadline, TimeMs now, const EncodingLimits& limits) {
  const TypeRow& row = RowOf(type);
  Transaction txn(keyspace, now, key);
  const absl::StatusOr<HeapValue*> value = txn.FindOrMakeValue(key, type);
  if (!value.ok()) return value.status();
  std::vector<std::string_view> parts(row.parts_of_element);
  for (auto left = fields.Number<uint64_t>(); left > 0 && fields.ok(); --left) {
    for (std::string_view& part : parts) part = fields.Text();
    if (fields.ok()) row.add(**value, parts, limits);
  }
  if (deadline != kNoDeadline) txn.SetDeadline(key, deadline);
  return absl::OkStatus();
}

absl::Status ReadRecord(Fields& fields, Keyspace& keyspace, TimeMs now,
                        const EncodingLimits& limits) {
  const auto kind = fields.Number<uint8_t>();
  const TimeMs deadline = (kind & kHasDeadline) != 0 ? fields.Number<TimeMs>() : kNoDeadline;
  const HashedKey key = keyspace.Hash(fields.Text());
  if (!fields.ok()) return Damaged("a record is cut off");
  if (Transaction(keyspace, now, key).Holds(key)) return Damaged("a key is in it twice");
  const auto type_kind = static_cast<uint8_t>(kind & ~kHasDeadline);
  absl::Status status;
  if (const std::optional<ValueType> type = HeapTypeOfSnapshotKind(type_kind)) {
    status = ReadHeapValue(fields, keyspace, key, *type, deadline, now, limits);
  } else if (IsStringForm(type_kind)) {
    const std::string_view value = fields.Text();
    if (fields.ok()) {
      status = Transaction(keyspace, now, key)
                   .SetString(key, value, deadline, static_cast<StringForm>(type_kind));
    }
  } else {
    return Damaged("a record of unknown kind " + std::to_string(kind));
  }
  return status.ok() && !fields.ok() ? Damaged("a record is cut off") : status;
}

absl::Status ReadHeader(Reader& reader) {
  std::string header;
  if (!reader.Append(header, Header().size()) || !header.starts_with(kMagic)) {
    return Damaged("it does not begin as a snapshot does");
  }
  if (!reader.Verify(header)) return Damaged("the checksum of its header is wrong");
  uint32_t version = 0;
  std::memcpy(&version, header.data() + kMagic.size(), sizeof(version));
  if (version == kSnapshotVersion) return absl::OkStatus();
  return absl::FailedPreconditionError("it is of version " + std::to_string(version) +
                                       "; this program reads version " +
                                       std::to_string(kSnapshotVersion) + " only");
}

absl::Status ReadPayload(std::string_view payload, Keyspace& keyspace, TimeMs now,
                         const EncodingLimits& limits, uint64_t& keys) {
  for (Fields fields(payload); !fields.empty(); ++keys) {
    if (absl::Status status = ReadRecord(fields, keyspace, now, limits); !status.ok())
      return status;
  }
  return absl::OkStatus();
}

absl::Status ReadAll(std::streambuf& from, Keyspace& keyspace, TimeMs now,
                     const EncodingLimits& limits) {
  Reader reader(from);
  if (absl::Status status = ReadHeader(reader); !status.ok()) return status;
  uint64_t keys = 0;
  for (std::string part;; part.clear()) {
    constexpr size_t kPrefix = 1 + sizeof(uint64_t);
    if (!reader.Append(part, kPrefix)) return Damaged("it ends too early");
    uint64_t number = 0;
    std::memcpy(&number, part.data() + 1, sizeof(number));
    const bool end = part[0] == kEnd;
    if (!end && part[0] != kBlock) return Damaged("a block of unknown kind");
    if (!end && !reader.Append(part, number)) return Damaged("it ends too early");
    if (!reader.Verify(part)) return Damaged("a checksum is wrong");
    if (end) {
      if (number != keys) return Damaged("it has not as many keys as it says");
      return reader.AtEnd() ? absl::OkStatus() : Damaged("something follows its end");
    }
    absl::Status status =
        ReadPayload(std::string_view(part).substr(kPrefix), keyspace, now, limits, keys);
    if (!status.ok()) return status;
  }
}

}  // namespace

absl::Status WriteSnapshot(const Keyspace& keyspace, std::streambuf& to, SnapshotSize& size) {
  size = {};
  try {
    Writer writer(to, size);
    if (WriteAll(keyspace, writer, size)) return absl::OkStatus();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("no memory left to write the snapshot");
  }
  return absl::UnavailableError("the snapshot cannot be written");
}

absl::Status ReadSnapshot(std::streambuf& from, Keyspace& keyspace, TimeMs now,
                          const EncodingLimits& limits) {
  try {
    return ReadAll(from, keyspace, now, limits);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("no memory left to read the snapshot");
  }
}

}  // namespace dcs::store
