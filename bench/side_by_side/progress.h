// Shows on the terminal what is being measured and the progress.
//
// Thread safety: none.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>

#include "tools/terminal.h"

namespace dcs::bench {

class Progress {
 public:
  explicit Progress(std::FILE* out) : out_(out), start_(std::chrono::steady_clock::now()) {}

  // A part of the comparison with `steps` steps begins.
  void Begin(const std::string& part, size_t steps);
  // The next step begins.
  void Step(const std::string& what);
  // The current detail of the step; only a terminal shows it.
  void Detail(const std::string& detail);
  void End();

 private:
  void Show(const std::string& detail);
  std::string Elapsed() const;

  std::FILE* const out_;
  const std::chrono::steady_clock::time_point start_;
  std::optional<tools::ProgressBar> bar_;
  size_t steps_ = 1;
  size_t begun_ = 0;
  std::string step_;
};

}  // namespace dcs::bench
