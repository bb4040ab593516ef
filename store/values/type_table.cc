#include "store/values/type_table.h"

#include <algorithm>
#include <array>

#include "store/values/hash_value.h"
#include "store/values/integer.h"
#include "store/values/list_value.h"
#include "store/values/set_value.h"
#include "store/values/sorted_set_value.h"

namespace dcs::store {
namespace {

// Redis embeds strings of up to 44 bytes in the object.
std::string_view StringEncoding(const Entry& entry) {
  constexpr size_t kMostEmbedded = 44;
  if (entry.form == StringForm::kRaw) return "raw";
  if (entry.form == StringForm::kPlain && ParseInteger(entry.string)) return "int";
  return entry.string.size() <= kMostEmbedded ? "embstr" : "raw";
}

template <typename T>
constexpr TypeRow HeapRow(std::string_view name, uint8_t snapshot_kind) {
  return {
      .name = name,
      .snapshot_kind = snapshot_kind,
      .may_be_empty = false,
      .parts_of_element = T::kPartsOfElement,
      .encoding = [](const Entry& entry) { return static_cast<const T&>(*entry.heap).encoding(); },
      .make = [](uint64_t seed) -> std::unique_ptr<HeapValue> { return std::make_unique<T>(seed); },
      .walk =
          [](const HeapValue& value, absl::FunctionRef<void(std::string_view)> visit) {
            static_cast<const T&>(value).Walk(visit);
          },
      .add = [](HeapValue& value, std::span<const std::string_view> parts,
                const EncodingLimits& limits) { static_cast<T&>(value).Add(parts, limits); }};
}

// In the order of ValueType.
constexpr std::array kRows = {
    TypeRow{.name = "string",
            .snapshot_kind = static_cast<uint8_t>(StringForm::kPlain),
            .may_be_empty = true,
            .parts_of_element = 0,
            .encoding = &StringEncoding,
            .make = nullptr,
            .walk = nullptr,
            .add = nullptr},
    HeapRow<HashValue>("hash", 2),
    HeapRow<ListValue>("list", 4),
    HeapRow<SetValue>("set", 5),
    HeapRow<SortedSetValue>("zset", 6),
};
static_assert(kRows.size() == static_cast<size_t>(ValueType::kZSet) + 1);

}  // namespace

const TypeRow& RowOf(ValueType type) { return kRows[static_cast<size_t>(type)]; }

std::optional<ValueType> HeapTypeOfSnapshotKind(uint8_t kind) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const TypeRow& candidate) {
    return candidate.make != nullptr && candidate.snapshot_kind == kind;
  });
  if (row == kRows.end()) return std::nullopt;
  return static_cast<ValueType>(row - kRows.begin());
}

}  // namespace dcs::store
