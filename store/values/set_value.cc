#include "store/values/set_value.h"

#include <algorithm>
#include <cassert>
#include <new>
#include <optional>
#include <utility>

#include "store/values/compact_string.h"
#include "store/values/hash_tree.h"
#include "store/values/integer.h"
#include "store/values/text_or_integer.h"

namespace dcs::store {
namespace {

struct Member {
  Member(uint32_t of_hash, std::string_view of_text) : hash(of_hash), member(of_text) {}
  std::string_view text() const { return member.view(); }

  uint32_t hash;
  CompactString member;
};
static_assert(sizeof(Member) == 20);

std::string_view Decimal(int64_t integer, TextOrInteger::Digits& digits) {
  return TextOrInteger(integer).Text(digits);
}

}  // namespace

struct SetValue::Tree {
  bool Add(std::string_view text, uint64_t seed) {
    const HashPlace place = HashPlaceOf(text, seed);
    const auto at = members.LowerBound(place);
    if (members.IsAt(at, place)) return false;
    text_bytes += members.Insert(at, Member(place.hash, text))->member.heap_bytes();
    return true;
  }
  bool Erase(std::string_view text, uint64_t seed) noexcept {
    const auto at = members.Find(HashPlaceOf(text, seed));
    if (at == members.end()) return false;
    text_bytes -= at->member.heap_bytes();
    members.Erase(at);
    return true;
  }

  HashTree<Member> members;
  size_t text_bytes = 0;
};

SetValue::SetValue(uint64_t seed)
    : HeapValue(kType),
      seed_(static_cast<uint16_t>(seed ^ seed >> 16 ^ seed >> 32 ^ seed >> 48)),
      integers_() {
  // Form and seed lie in the padding of the base class.
  static_assert(sizeof(SetValue) == 24);
}

SetValue::~SetValue() { DestroyForm(); }

void SetValue::DestroyForm() noexcept {
  switch (form_) {
    case Form::kIntegers:
      return integers_.~IntegerSet();
    case Form::kPacked:
      return packed_.~PackedBuffer();
    case Form::kTree:
      return tree_.~unique_ptr();
  }
}

void SetValue::Become(PackedBuffer packed) noexcept {
  DestroyForm();
  new (&packed_) PackedBuffer(std::move(packed));
  form_ = Form::kPacked;
}

void SetValue::Become(std::unique_ptr<Tree> tree) noexcept {
  DestroyForm();
  new (&tree_) std::unique_ptr<Tree>(std::move(tree));
  form_ = Form::kTree;
}

size_t SetValue::size() const {
  switch (form_) {
    case Form::kIntegers:
      return integers_.size();
    case Form::kPacked:
      return packed_.size();
    default:
      return tree_->members.size();
  }
}

size_t SetValue::bytes() const {
  switch (form_) {
    case Form::kIntegers:
      return sizeof(*this) + integers_.bytes();
    case Form::kPacked:
      return sizeof(*this) + packed_.bytes();
    default:
      return sizeof(*this) + sizeof(Tree) + tree_->members.node_bytes() + tree_->text_bytes;
  }
}

bool SetValue::FitsPacked(size_t members, std::string_view member) {
  return members <= kMostPacked && member.size() <= kMostPackedBytes;
}

void SetValue::LeaveIntegers(std::string_view added) {
  if (!FitsPacked(size() + 1, added)) return ChangeToTree(added);
  PackedBuffer packed;
  ForEach([&](std::string_view member) { packed.Append(member); });
  packed.Append(added);
  Become(std::move(packed));
}

void SetValue::ChangeToTree(std::string_view added) {
  auto tree = std::make_unique<Tree>();
  ForEach([&](std::string_view member) { tree->Add(member, seed_); });
  tree->Add(added, seed_);
  Become(std::move(tree));
}

bool SetValue::Add(std::string_view member, const EncodingLimits& limits) {
  if (form_ == Form::kTree) {
    if (!tree_->Add(member, seed_)) return false;
  } else if (form_ == Form::kPacked) {
    if (Contains(member)) return false;
    if (FitsPacked(packed_.size() + 1, member)) {
      packed_.Append(member);
    } else {
      ChangeToTree(member);
    }
  } else if (const std::optional<int64_t> integer = ParseInteger(member)) {
    if (integers_.size() < std::min(limits.set_max_intset_entries, IntegerSet::kMaxSize)) {
      if (!integers_.Insert(*integer)) return false;
    } else {
      if (integers_.Contains(*integer)) return false;
      LeaveIntegers(member);
    }
  } else {
    LeaveIntegers(member);
  }
  CountChange();
  return true;
}

bool SetValue::Erase(std::string_view member) noexcept {
  if (form_ == Form::kTree) {
    if (!tree_->Erase(member, seed_)) return false;
  } else if (form_ == Form::kPacked) {
    const PackedBuffer::Position at = packed_.Find(Needle(member), packed_.begin());
    if (at == packed_.end()) return false;
    packed_.Erase(at);
  } else {
    const std::optional<int64_t> integer = ParseInteger(member);
    if (!integer || !integers_.Erase(*integer)) return false;
  }
  CountChange();
  return true;
}

bool SetValue::Contains(std::string_view member) const {
  switch (form_) {
    case Form::kIntegers: {
      const std::optional<int64_t> integer = ParseInteger(member);
      return integer && integers_.Contains(*integer);
    }
    case Form::kPacked:
      return packed_.Find(Needle(member), packed_.begin()) != packed_.end();
    default:
      return tree_->members.Find(HashPlaceOf(member, seed_)) != tree_->members.end();
  }
}

std::string SetValue::Random(RandomBits bits) const {
  assert(size() > 0);
  TextOrInteger::Digits digits;
  switch (form_) {
    case Form::kIntegers:
      return std::string(Decimal(integers_.At(UniformBelow(integers_.size(), bits)), digits));
    case Form::kPacked: {
      const auto at = packed_.AtIndex(UniformBelow(packed_.size(), bits));
      return std::string(packed_.At(at).Text(digits));
    }
    default:
      return std::string(tree_->members.Random(bits)->text());
  }
}

std::string SetValue::Pop(RandomBits bits) {
  std::string member = Random(bits);
  Erase(member);
  return member;
}

void SetValue::ForEach(Visit visit) const {
  TextOrInteger::Digits digits;
  switch (form_) {
    case Form::kIntegers:
      for (size_t i = 0; i < integers_.size(); ++i) visit(Decimal(integers_.At(i), digits));
      return;
    case Form::kPacked:
      for (auto at = packed_.begin(); at != packed_.end(); at = packed_.Next(at)) {
        visit(packed_.At(at).Text(digits));
      }
      return;
    case Form::kTree:
      for (const Member& member : tree_->members) visit(member.text());
      return;
  }
}

uint64_t SetValue::Scan(uint64_t cursor, size_t count, Visit visit) const {
  if (form_ == Form::kTree) {
    return tree_->members.Scan(cursor, count, [&](const Member& member) { visit(member.text()); });
  }
  ForEach(visit);
  return 0;
}

}  // namespace dcs::store
