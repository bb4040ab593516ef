#include "store/values/list_value.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <new>
#include <utility>

namespace dcs::store {
namespace {

struct NodeLimit {
  size_t bytes;
  size_t elements;
};

// What list_max_listpack_size means. Sizes below -5 mean -5; 0 means one element.
NodeLimit LimitOf(const EncodingLimits& limits) {
  constexpr std::array<size_t, 5> kClasses = {4096, 8192, 16'384, 32'768, 65'536};
  constexpr size_t kMostBytes = 8192;  // of a node whose elements are limited
  const int size = limits.list_max_listpack_size;
  if (size >= 0) return {kMostBytes, static_cast<size_t>(std::max(size, 1))};
  const auto index = std::min(static_cast<size_t>(-(int64_t{size} + 1)), kClasses.size() - 1);
  return {kClasses[index], std::numeric_limits<size_t>::max()};
}

bool Fits(const PackedBuffer& node, size_t more_bytes, size_t more_elements,
          const EncodingLimits& limits) {
  const NodeLimit limit = LimitOf(limits);
  return node.used_bytes() + more_bytes <= limit.bytes &&
         node.size() + more_elements <= limit.elements;
}

PackedBuffer NodeOf(std::string_view text) {
  PackedBuffer node;
  node.Append(text);
  return node;
}

}  // namespace

ListValue::Place ListValue::PlaceOf(size_t index) const {
  const std::span<const PackedBuffer> nodes = all();
  assert(index < size());
  if (index < size() / 2) {
    size_t node = 0;
    for (; index >= nodes[node].size(); ++node) index -= nodes[node].size();
    return {node, nodes[node].AtIndex(index)};
  }
  size_t from_end = size() - index, node = nodes.size() - 1;
  for (; from_end > nodes[node].size(); --node) from_end -= nodes[node].size();
  return {node, nodes[node].AtIndex(nodes[node].size() - from_end)};
}

void ListValue::Reserve(End end, size_t more) {
  if (nodes_) return nodes_->Reserve(end, more);
  auto made = std::make_unique<ListNodes>();
  made->Reserve(end, more + 1);
  made->Insert(0, std::move(packed_));
  nodes_ = std::move(made);
}

void ListValue::Settle() noexcept {
  if (!nodes_ || nodes_->size() > 1) return;
  if (nodes_->size() == 1) packed_ = nodes_->Take(0);
  nodes_.reset();
}

void ListValue::Push(End end, std::string_view text, const EncodingLimits& limits) {
  const bool front = end == End::kFront;
  const std::span<const PackedBuffer> nodes = all();
  if (nodes.empty()) {
    packed_ = NodeOf(text);
  } else if (Fits(front ? nodes.front() : nodes.back(), PackedBuffer::BytesOf(text), 1, limits)) {
    Edit(front ? 0 : nodes.size() - 1,
         [&](PackedBuffer& node) { return front ? node.Prepend(text) : node.Append(text); });
  } else {
    const size_t place = front ? 0 : nodes.size();
    PackedBuffer made = NodeOf(text);
    Reserve(end, 1);
    nodes_->Insert(place, std::move(made));
  }
  CountChange();
}

void ListValue::Pop(End end, size_t count) noexcept {
  count = std::min(count, size());
  if (count > 0) EraseRange(end == End::kFront ? 0 : size() - count, count);
}

TextOrInteger ListValue::At(size_t index) const {
  const Place place = PlaceOf(index);
  return all()[place.node].At(place.at);
}

void ListValue::Set(size_t index, std::string_view text, const EncodingLimits& limits) {
  const Place place = PlaceOf(index);
  const PackedBuffer& node = all()[place.node];
  const size_t old_bytes = node.Next(place.at) - place.at;
  if (node.size() == 1 ||
      node.used_bytes() - old_bytes + PackedBuffer::BytesOf(text) <= LimitOf(limits).bytes) {
    Edit(place.node, [&](PackedBuffer& edited) { return edited.Replace(place.at, text); });
    CountChange();
    return;
  }
  InsertAt(place, text, limits);
  EraseRange(index + 1, 1);
}

void ListValue::InsertAt(Place place, std::string_view text, const EncodingLimits& limits) {
  const std::span<const PackedBuffer> nodes = all();
  const PackedBuffer& node = nodes[place.node];
  const size_t bytes = PackedBuffer::BytesOf(text);
  const bool at_front = place.at == node.begin(), at_back = place.at == node.end();
  if (Fits(node, bytes, 1, limits)) {
    Edit(place.node, [&](PackedBuffer& edited) { return edited.Insert(place.at, text); });
  } else if (at_front && place.node > 0 && Fits(nodes[place.node - 1], bytes, 1, limits)) {
    Edit(place.node - 1, [&](PackedBuffer& edited) { return edited.Append(text); });
  } else if (at_back && place.node + 1 < nodes.size() &&
             Fits(nodes[place.node + 1], bytes, 1, limits)) {
    Edit(place.node + 1, [&](PackedBuffer& edited) { return edited.Prepend(text); });
  } else {
    PackedBuffer made = NodeOf(text);
    const bool nearer_front = place.node < nodes.size() / 2;
    Reserve(nearer_front ? End::kFront : End::kBack, 2);
    const size_t new_node = place.node + (at_front ? 0 : 1);
    if (!at_front && !at_back) {
      PackedBuffer tail =
          Edit(place.node, [&](PackedBuffer& edited) { return edited.Split(place.at); });
      nodes_->Insert(new_node, std::move(tail));
    }
    nodes_->Insert(new_node, std::move(made));
    MergeWithNext(new_node, limits);
    if (new_node > 0) MergeWithNext(new_node - 1, limits);
    Settle();
  }
  CountChange();
}

void ListValue::MergeWithNext(size_t node, const EncodingLimits& limits) noexcept {
  if (!nodes_ || node + 1 >= nodes_->size()) return;
  const PackedBuffer& next = all()[node + 1];
  if (!Fits(all()[node], next.used_bytes() - PackedBuffer().used_bytes(), next.size(), limits)) {
    return;
  }
  try {
    Edit(node, [&](PackedBuffer& edited) { edited.Append(next); });
  } catch (const std::bad_alloc&) {
    return;  // two nodes do as well
  }
  nodes_->Erase(node + 1);
}

bool ListValue::InsertBeside(std::string_view pivot, Side side, std::string_view text,
                             const EncodingLimits& limits) {
  const Needle needle(pivot);
  const std::span<const PackedBuffer> nodes = all();
  for (size_t i = 0; i < nodes.size(); ++i) {
    const PackedBuffer::Position found = nodes[i].Find(needle, nodes[i].begin());
    if (found == nodes[i].end()) continue;
    InsertAt({i, side == Side::kBefore ? found : nodes[i].Next(found)}, text, limits);
    return true;
  }
  return false;
}

bool ListValue::DropIfEmpty(size_t node) noexcept {
  if (!nodes_ || !nodes_->all()[node].empty()) return false;
  nodes_->Erase(node);
  return true;
}

size_t ListValue::Remove(std::string_view text, End from, size_t count) noexcept {
  const Needle needle(text);
  size_t removed = 0;
  // Forward, a run of equal elements is erased at once.
  const auto remove_forward = [&](PackedBuffer& node) {
    for (auto at = node.begin(); removed < count;) {
      at = node.Find(needle, at);
      size_t run = 0;
      for (auto end = at; end != node.end() && run < count - removed; end = node.Next(end)) {
        if (!node.At(end).Is(needle)) break;
        ++run;
      }
      if (run == 0) return;
      at = node.Erase(at, run);
      removed += run;
    }
  };
  const auto remove_backward = [&](PackedBuffer& node) {
    for (auto at = node.end(); removed < count && at != node.begin();) {
      at = node.Previous(at);
      if (!node.At(at).Is(needle)) continue;
      at = node.Erase(at);
      ++removed;
    }
  };
  if (from == End::kFront) {
    for (size_t i = 0; i < all().size() && removed < count;) {
      Edit(i, remove_forward);
      if (!DropIfEmpty(i)) ++i;
    }
  } else {
    for (size_t i = all().size(); i > 0 && removed < count; --i) {
      Edit(i - 1, remove_backward);
      DropIfEmpty(i - 1);
    }
  }
  Settle();
  if (removed > 0) CountChange();
  return removed;
}

void ListValue::Trim(size_t first, size_t count) noexcept {
  const size_t before = size();
  first = std::min(first, before);
  count = std::min(count, before - first);
  if (count == before) return;
  EraseRange(first + count, before - first - count);
  EraseRange(0, first);
}

void ListValue::EraseRange(size_t first, size_t count) noexcept {
  if (count == 0) return;
  Place place = PlaceOf(first);
  const auto erase_part = [&](PackedBuffer& node) {
    const size_t before = node.size();
    if (place.at == node.begin() && before <= count) {
      node.Clear();
    } else {
      size_t part = 0;
      for (auto at = place.at; at != node.end() && part < count; at = node.Next(at)) ++part;
      node.Erase(place.at, part);
    }
    count -= before - node.size();
  };
  Edit(place.node, erase_part);
  if (nodes_) {
    size_t whole_from = place.node + (nodes_->all()[place.node].empty() ? 0 : 1);
    size_t whole_to = place.node + 1;
    for (; count > 0 && nodes_->all()[whole_to].size() <= count; ++whole_to) {
      count -= nodes_->all()[whole_to].size();
    }
    if (whole_from < whole_to) nodes_->Erase(whole_from, whole_to - whole_from);
    place = {whole_from, PackedBuffer().begin()};
    if (count > 0) Edit(place.node, erase_part);
  }
  Settle();
  CountChange();
}

void ListValue::ForRange(size_t first, size_t count,
                         absl::FunctionRef<void(std::string_view text)> visit) const {
  if (first >= size() || count == 0) return;
  const std::span<const PackedBuffer> nodes = all();
  Place place = PlaceOf(first);
  TextOrInteger::Digits digits;
  for (size_t left = std::min(count, size() - first); left > 0; --left) {
    if (place.at == nodes[place.node].end()) place = {place.node + 1, nodes[0].begin()};
    visit(nodes[place.node].At(place.at).Text(digits));
    place.at = nodes[place.node].Next(place.at);
  }
}

void ListValue::FindAll(std::string_view text, End from, size_t most,
                        absl::FunctionRef<bool(size_t index)> visit) const {
  const Needle needle(text);
  const std::span<const PackedBuffer> nodes = all();
  most = std::min(most, size());
  if (from == End::kFront) {
    size_t index = 0;
    for (const PackedBuffer& node : nodes) {
      for (auto at = node.begin(); at != node.end(); at = node.Next(at), ++index) {
        if (index == most || (node.At(at).Is(needle) && !visit(index))) return;
      }
    }
    return;
  }
  size_t index = size();
  for (size_t i = nodes.size(); i > 0; --i) {
    const PackedBuffer& node = nodes[i - 1];
    for (auto at = node.end(); at != node.begin();) {
      at = node.Previous(at);
      --index;
      if (size() - index > most || (node.At(at).Is(needle) && !visit(index))) return;
    }
  }
}

}  // namespace dcs::store
