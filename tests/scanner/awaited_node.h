// A node that answers the steps of a scan when the test tells it to, like a remote server.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "scanner/scan_target.h"

namespace dcs::scanner {

// Must outlive its targets. One target at a time may walk over it.
class AwaitedNode {
 public:
  explicit AwaitedNode(size_t keys = 1'000) : keys_(keys) {}

  std::unique_ptr<ScanTarget> NewTarget() { return std::make_unique<Target>(*this); }

  // Number of steps requested, the budget of the last one, and the number of targets alive.
  size_t steps = 0;
  size_t budget = 0;
  int targets = 0;

  bool awaited() const { return awaited_ != nullptr; }
  // Answers the step that is under way. REQUIRES: awaited().
  void Answer(absl::StatusOr<StepResult> answer) { Take()(std::move(answer)); }
  // The callback of the step that is under way, for tests that call it too late.
  ScanTarget::StepDone Take() { return std::exchange(awaited_, nullptr); }

 private:
  class Target final : public ScanTarget {
   public:
    explicit Target(AwaitedNode& node) : node_(node) { ++node_.targets; }
    ~Target() override { --node_.targets; }
    void Step(size_t keys, StepDone done) override {
      ++node_.steps;
      node_.budget = keys;
      node_.awaited_ = std::move(done);
    }
    size_t SizeEstimate() const override { return node_.keys_; }

   private:
    AwaitedNode& node_;
  };

  const size_t keys_;
  ScanTarget::StepDone awaited_ = nullptr;
};

}  // namespace dcs::scanner
